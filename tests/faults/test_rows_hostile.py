"""Origins that would keep the worker for ever, or fill its memory: each is cut, and its neighbours are done."""

import gzip
import time
from collections.abc import Iterator

import pytest

from functions.compress.worker import MAX_ALONE_RECEIVES, MAX_SHARED_RECEIVES, TIME_RESERVE
from functions.core.errors import ImageCode
from functions.core.model import ImageStatus
from tests.faults.simulator.invariants import results_of
from tests.faults.simulator.origins import rows_of, settle, with_real_codec, with_real_fetcher
from tests.faults.simulator.row import Row
from tests.images import encoded, photo
from tests.loopback import MAX_BYTES, PACE, SHORT, Answer, Exchange, Server, answer, serving

BUDGET = MAX_SHARED_RECEIVES + MAX_ALONE_RECEIVES
DRIPS = int(5 * SHORT / PACE)  # bytes that come after five deadlines: a drip that nobody cuts ends all the same
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def origin() -> Iterator[Server]:
    with serving() as server:
        yield server


def drip(exchange: Exchange, raw: bytes) -> None:
    for byte in raw:
        if exchange.server.stopped.wait(PACE):
            return
        exchange.send(bytes([byte]))


def dripping_headers(exchange: Exchange) -> None:
    exchange.send(HEAD)
    drip(exchange, b"X-Pad: %s\r\nContent-Length: 1\r\n\r\nx" % bytes(ord("y") for _ in range(DRIPS)))


def dripping_body(exchange: Exchange) -> None:
    exchange.send(HEAD + b"Content-Length: %d\r\n\r\n" % DRIPS)
    drip(exchange, bytes(DRIPS))


def endless_body(exchange: Exchange) -> None:
    exchange.send(HEAD + b"Connection: close\r\n\r\n")
    exchange.endless(bytes(10_000))


def endless_chunks(exchange: Exchange) -> None:
    exchange.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    exchange.endless(b"2710\r\n%s\r\n" % bytes(10_000))


def less_than_declared(exchange: Exchange) -> None:
    exchange.send(HEAD + b"Content-Length: 50000\r\n\r\n" + bytes(100))
    exchange.close()


def more_than_allowed_declared(exchange: Exchange) -> None:
    exchange.send(HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BYTES + 1) + bytes(100))


def more_than_declared(exchange: Exchange) -> None:
    exchange.send(HEAD + b"Content-Length: 200\r\n\r\n" + encoded(photo(), "JPEG"))
    exchange.close()


def bomb(exchange: Exchange) -> None:
    exchange.send(answer(body=gzip.compress(bytes(20 * MAX_BYTES)), Content_Encoding="gzip"))


ENDS: dict[Answer, tuple[ImageCode, int]] = {
    dripping_headers: (ImageCode.TIMEOUT, BUDGET),
    dripping_body: (ImageCode.TIMEOUT, BUDGET),
    endless_body: (ImageCode.TOO_LARGE, 1),
    endless_chunks: (ImageCode.TOO_LARGE, 1),
    less_than_declared: (ImageCode.CONNECTION_FAILED, BUDGET),
    more_than_allowed_declared: (ImageCode.TOO_LARGE, 1),
    more_than_declared: (ImageCode.CORRUPT, 1),  # what was declared is what is read
    bomb: (ImageCode.TOO_LARGE, 1),
}


@pytest.mark.parametrize("hostile", ENDS, ids=lambda hostile: hostile.__name__)
def test_an_origin_that_never_ends_is_cut_with_its_code_and_its_neighbours_are_done(
    origin: Server, hostile: Answer
) -> None:
    neighbours = [origin.says(f"/{n}.jpg", answer(body=encoded(photo(), "JPEG"))) for n in range(2)]
    url = origin.does("/hostile", hostile)
    row = Row(lines=rows_of(neighbours[0], url, neighbours[1]))
    begun = time.monotonic()
    with with_real_fetcher(row.world, max_seconds=SHORT):
        with_real_codec(row.world)
        settle(row)
    found = {result.url: result for result in results_of(row.world, row.world.request(row.request_id))[0]}
    asked = [request.line for request in origin.requests].count("GET /hostile HTTP/1.1")
    assert (found[url].code, asked) == ENDS[hostile]
    assert [found[each].status for each in neighbours] == [ImageStatus.COMPLETED] * 2
    assert time.monotonic() - begun < TIME_RESERVE, "all attempts together take less than one image may"
