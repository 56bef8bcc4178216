"""Has images delivered twice: messages that wait in the queue are taken out, and put back in two copies."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from infra.local.stack import LocalStack
from tests.system.messages import peeked, remove, send_again

EVERY = 0.5  # seconds
HIDDEN = 60  # seconds; until then it is removed
MOST = 1_000  # a large backlog is not made larger for ever


@dataclass
class Again:
    """Counts what it doubled.

    It takes the message out because looking at one counts as a delivery, of which an image does not get many. The
    copies go to the end of their request, so that both are delivered while it is still open.
    """

    stack: LocalStack
    doubled: int = 0
    copies: set[str] = field(default_factory=set)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while self.doubled < MOST and not self.stopped.wait(EVERY):
            for message in peeked(self.stack, "CompressQueue", HIDDEN):
                self._double(message)

    def _double(self, message: dict[str, Any]) -> None:
        """A copy is put back once, so that it stays what it is."""
        is_copy = message["MessageId"] in self.copies
        for _ in range(1 if is_copy else 2):
            self.copies.add(send_again(self.stack, "CompressQueue", message))
        remove(self.stack, "CompressQueue", message)
        self.doubled += not is_copy


@contextmanager
def doubling(stack: LocalStack) -> Iterator[Again]:
    again = Again(stack)
    thread = threading.Thread(target=again.run, daemon=True)
    thread.start()
    try:
        yield again
    finally:
        again.stopped.set()
        thread.join()
