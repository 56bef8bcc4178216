"""What origins do other than answer: each trick as the server's side of one exchange."""

import gzip
import zlib
from collections.abc import Callable

from tests.loopback import Answer, Exchange

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
LINE = 65_000  # bytes of a header, just below what http.client takes
HEADERS = 98  # of them, likewise


def says(*parts: bytes) -> Answer:
    """These bytes, and the end of the connection."""

    def answer(exchange: Exchange) -> None:
        for part in parts:
            exchange.send(part)
        exchange.close()

    return answer


def stays(*parts: bytes) -> Answer:
    """These bytes, and nothing more, without an end."""

    def answer(exchange: Exchange) -> None:
        for part in parts:
            exchange.send(part)
        exchange.silence()

    return answer


def drips(start: bytes, again: bytes) -> Answer:
    """These bytes, and then the others one at a time, again and again."""

    def answer(exchange: Exchange) -> None:
        exchange.send(start)
        exchange.drip(again)

    return answer


def floods(start: bytes, again: bytes) -> Answer:
    """These bytes, and then the others again and again, as fast as they are taken."""

    def answer(exchange: Exchange) -> None:
        exchange.send(start)
        exchange.endless(again)

    return answer


def resets(*parts: bytes) -> Answer:
    """These bytes, and RST."""

    def answer(exchange: Exchange) -> None:
        for part in parts:
            exchange.send(part)
        exchange.reset()

    return answer


def packed(size: int, packers: list[Callable[[bytes], bytes]]) -> bytes:
    """So many zeros, packed by one after another."""
    return packed_as(bytes(size), packers)


def packed_as(body: bytes, packers: list[Callable[[bytes], bytes]]) -> bytes:
    """The body, packed by one after another."""
    for pack in packers:
        body = pack(body)
    return body


def deflated(content: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(content) + packing.flush()


GZIP = gzip.compress

# Those that would take the most memory or the most time of a worker.
WORST: dict[str, Answer] = {
    "98 headers of 64 kB": floods(HEAD + (b"X: " + b"y" * LINE + b"\r\n") * HEADERS + b"\r\n", bytes(1 << 16)),
    "98 headers of colons": stays(HEAD + (b":" * LINE + b"\r\n") * HEADERS + b"\r\n"),
    "a header folded over 98 lines": stays(HEAD + b"A: b\r\n" + (b" " + b"y" * LINE + b"\r\n") * HEADERS + b"\r\n"),
    "100 Continue without end": floods(b"", b"HTTP/1.1 100 Continue\r\n" + b"X: y\r\n" * 50 + b"\r\n"),
    "trailers without end": floods(CHUNKED + b"1\r\nx\r\n0\r\n", b"X: y\r\n" * 10_000),
    "a body without end": floods(HEAD + b"\r\n", bytes(1 << 20)),
    "chunks without end": floods(CHUNKED, b"100000\r\n" + bytes(1 << 20) + b"\r\n"),
    "chunks of one byte": floods(CHUNKED, b"1\r\nx\r\n" * 10_000),
    "chunk extensions of 60 kB": floods(CHUNKED, b"1;" + b"e" * 60_000 + b"\r\nx\r\n"),
    "a chunk of 2^4000 bytes": floods(CHUNKED + b"f" * 1_000 + b"\r\n", bytes(1 << 20)),
    "a length of 25 MiB, dripped": drips(HEAD + b"Content-Length: 26214400\r\n\r\n" + bytes(20 << 20), b"x"),
    "25 MiB": floods(HEAD + b"Content-Length: 26214400\r\n\r\n", bytes(1 << 20)),
    "25 MiB without a length": says(HEAD + b"\r\n", bytes(25 << 20)),
    "a bomb of 1 GiB": says(
        HEAD + b"Content-Encoding: gzip, gzip\r\n\r\n",
        packed(64 << 20, [lambda body: GZIP(body) * 16, GZIP]),
    ),
}
