"""A shop whose pictures can be told apart by their size, so that an output CSV can be checked row by row."""

import os
import queue
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

from infra.local.origin import listening
from tests.images import decoded, encoded, photo
from tests.system.client import csv_rows, products_csv
from tests.system.targets import needs_loopback

SMALLEST = 40  # pixels of a side
WIDTHS = 200
STALL = 30  # seconds; longer than a fetch may take

Fetch = Callable[[str], bytes]


def size_of(n: int) -> tuple[int, int]:
    """The size of picture number n, in pixels: that of no other."""
    return SMALLEST + n % WIDTHS, SMALLEST + n // WIDTHS


@cache
def picture(n: int) -> bytes:
    """A JPEG of the size that is this picture's alone."""
    return encoded(photo(WIDTHS + SMALLEST, WIDTHS + SMALLEST).crop((0, 0, *size_of(n))), "JPEG", quality=92)


@dataclass
class Visit:
    """One request for a picture, the `attempt`-th for it, counted from 1."""

    handler: BaseHTTPRequestHandler
    attempt: int

    @property
    def port(self) -> int:
        """Where the worker connects from."""
        return int(self.handler.client_address[1])

    def answer(self, status: int, body: bytes = b"") -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Length", str(len(body)))
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def fail(self) -> None:
        """Not with 503, after which the whole shop would be left alone for a while."""
        self.answer(500)

    def reset(self) -> None:
        """RST instead of an answer."""
        connection: socket.socket = self.handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.handler.close_connection = True
        os.close(connection.detach())  # at once: close() waits for the files that read from it

    def stall(self) -> None:
        """No answer for longer than anybody waits."""
        threading.Event().wait(STALL)


Trouble = Callable[[Visit], bool]  # whether the visit has had all the answer that it gets


@dataclass
class Shop:
    """Serves picture n as /n.jpg, unless there is trouble with it; counts the attempts at each."""

    url: str = ""
    troubles: dict[int, Trouble] = field(default_factory=dict)
    attempts: Counter[int] = field(default_factory=Counter)
    counting: threading.Lock = field(default_factory=threading.Lock)

    def visit(self, handler: BaseHTTPRequestHandler) -> None:
        n = int(handler.path.strip("/").removesuffix(".jpg"))
        with self.counting:
            self.attempts[n] += 1
            visit = Visit(handler, self.attempts[n])
        trouble = self.troubles.get(n)
        if trouble is None or not trouble(visit):
            visit.answer(200, picture(n))


@contextmanager
def opened_shop() -> Iterator[Shop]:
    needs_loopback()
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            shop.visit(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler) as shop.url:
        yield shop


# --- troubles --------------------------------------------------------------------------------------------------------


def every_other(fail: Callable[[Visit], None]) -> Trouble:
    """The first attempt fails, the second does not, and so on."""

    def trouble(visit: Visit) -> bool:
        if visit.attempt % 2:
            fail(visit)
        return bool(visit.attempt % 2)

    return trouble


@dataclass
class Gate:
    """Holds every answer until it is opened; `waiting` are the ports of those who wait."""

    opened: threading.Event = field(default_factory=threading.Event)
    waiting: "queue.Queue[int]" = field(default_factory=queue.Queue)

    def __call__(self, visit: Visit) -> bool:
        self.waiting.put(visit.port)
        self.opened.wait(STALL)
        return False


# --- what is to come of a CSV ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Order:
    """A CSV of products, each with the numbers of its pictures."""

    shop: Shop
    products: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, shop: Shop, numbers: Iterable[int], per_product: int = 3) -> "Order":
        """Products of so many pictures each, and a last one whose picture the first has, too."""
        own = tuple(numbers)
        rows = [own[start : start + per_product] for start in range(0, len(own), per_product)]
        return cls(shop, (*rows, own[:1]))

    @property
    def csv(self) -> str:
        return products_csv([[f"{self.shop.url}/{n}.jpg" for n in numbers] for numbers in self.products])

    @property
    def numbers(self) -> list[int]:
        """Of its pictures, each once."""
        return sorted({n for numbers in self.products for n in numbers})

    def wrong_counts(self, status: Mapping[str, Any]) -> list[str]:
        """What a status says that is not so: an image too many or too few is seen in the bytes, at the latest."""
        count = len(self.numbers)
        right = {
            "status": "completed",
            "error": None,
            "completion_percentage": 100.0,
            "total_images": count,
            "processed_images": count,
            "failed_images": 0,
            "bytes_in": sum(len(picture(n)) for n in self.numbers),
        }
        return [f"{name} is {status[name]}, not {value}" for name, value in right.items() if status[name] != value]

    def wrong_rows(self, rows: list[dict[str, str]], bytes_out: int, fetch: Fetch) -> list[str]:
        """What is not as it should be in an output CSV: each URL has the picture that was made of it."""
        output = [row.pop("Output Image Urls", "").split(",") for row in rows]
        if rows != csv_rows(self.csv.encode()):
            return ["its rows are not those of the input"]
        pictures: dict[str, bytes] = {}
        wrong = []
        for numbers, urls in zip(self.products, output, strict=True):
            pictures |= {url: fetch(url) for url in urls if url and url not in pictures}
            sizes = [decoded(pictures[url]).size if url else None for url in urls]
            if sizes != [size_of(n) for n in numbers]:
                wrong.append(f"the pictures {numbers} became {urls}, which are {sizes}")
        kept = sum(map(len, pictures.values()))
        return [*wrong, *([f"bytes_out is {bytes_out}, its pictures have {kept}"] if kept != bytes_out else [])]
