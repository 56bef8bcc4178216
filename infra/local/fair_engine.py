"""ministack, with standard queues that are fair by MessageGroupId, as those of SQS are.

It delivers in the order in which messages were sent, so that a small request would wait for every large one before it.
This is a command of its own, which knows nothing of the project: `python -P fair_engine.py`.
"""

import importlib
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
Queue = dict[str, Any]
Collect = Callable[[Queue, int, int], list[Message]]


@dataclass
class Turns:
    """Whose turn it is: the group's that was served longest ago, or never; between those, the oldest message's.

    A batch is filled from one group before the next one has its turn, because this engine counts results after every
    batch: ten images of ten requests take it five times as long as ten of one. A message without a group is one by
    itself.
    """

    served: dict[object, int] = field(default_factory=dict)
    turn: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def take(self, messages: Sequence[Message], most: int, now: float) -> list[Message]:
        """Up to `most` visible messages."""
        waiting: defaultdict[object, list[Message]] = defaultdict(list)
        for message in messages:
            if message.get("visible_at", now) <= now:
                waiting[message.get("group_id") or id(message)].append(message)
        taken: list[Message] = []
        for group in sorted(waiting, key=lambda group: self.served.get(group, 0)):
            if len(taken) >= most:
                break
            taken += waiting[group][: most - len(taken)]
            self.served[group] = next(self.turn)
        self.served = {group: turn for group, turn in self.served.items() if group in waiting}
        return taken


def fair(collect: Collect) -> Collect:
    """The engine's way to receive messages, which takes the first visible ones, over those whose turn it is."""
    turns: defaultdict[int, Turns] = defaultdict(Turns)  # by queue

    def collect_fairly(queue: Queue, most: int, visibility: int) -> list[Message]:
        if queue["is_fifo"]:
            return collect(queue, most, visibility)
        messages = turns[id(queue)].take(queue["messages"], most, time.time())
        return collect({**queue, "messages": messages}, most, visibility)

    return collect_fairly


def main() -> None:
    """Run the engine."""
    sqs: Any = importlib.import_module("ministack.services.sqs")
    sqs._collect_msgs = fair(sqs._collect_msgs)  # both ReceiveMessage and the event source mappings go through it
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
