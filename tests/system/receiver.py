"""A webhook receiver on loopback: answers as it is told, keeps what it got."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from infra.local.origin import listening


@dataclass(frozen=True)
class Received:
    """One POST: its headers by lower-case name, and its exact body."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers` are the statuses of the first POSTs; after them it is 200."""

    url: str
    answers: list[int] = field(default_factory=list)
    received: "queue.Queue[Received]" = field(default_factory=queue.Queue)

    def next(self, timeout: float = 30) -> Received:
        """The next POST, waited for."""
        return self.received.get(timeout=timeout)


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.put(Received({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    receiver = Receiver("")
    with listening(Handler) as url:
        receiver.url = f"{url}/hook"
        yield receiver
