"""A webhook receiver on loopback: answers as it is told, keeps what it got."""

import json
import queue
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from infra.local.origin import listening
from tests.system.targets import needs_loopback


@dataclass(frozen=True)
class Received:
    """One POST: its headers by lower-case name, its exact body, and where it was sent to."""

    headers: dict[str, str]
    body: bytes
    path: str = "/hook"


@dataclass
class Receiver:
    """`answers` are what the first POSTs of as many webhooks get; others, and what comes again, get 200."""

    url: str
    answers: list[int] = field(default_factory=list)
    received: "queue.Queue[Received]" = field(default_factory=queue.Queue)
    _seen: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, post: Received) -> int:
        """Keep a POST; the status to answer with."""
        webhook_id = post.headers.get("webhook-id", "")
        with self._lock:
            is_new = webhook_id not in self._seen
            self._seen.add(webhook_id)
            status = self.answers.pop(0) if self.answers and is_new else 200
        self.received.put(post)
        return status

    def next(self, timeout: float = 30) -> Received:
        """The next POST, waited for."""
        return self.received.get(timeout=timeout)

    def all(self) -> list[Received]:
        """The POSTs so far that nobody has taken."""
        with self.received.mutex:
            return list(self.received.queue)


Sent = tuple[str, str, str]  # request id, event, path of the endpoint


def ids_sent(posts: Iterable[Received]) -> dict[Sent, set[str]]:
    """The webhook ids under which each event of each request came to each endpoint: one, however often it came."""
    ids: defaultdict[Sent, set[str]] = defaultdict(set)
    for post in posts:
        body = json.loads(post.body)
        ids[body["request_id"], body["type"], post.path].add(post.headers["webhook-id"])
    return dict(ids)


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take(Received(headers, body, self.path)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    needs_loopback()
    receiver = Receiver("")
    with listening(Handler) as url:
        receiver.url = f"{url}/hook"
        yield receiver
