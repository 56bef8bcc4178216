"""Origins that are busy, gone or broken: asked again as often as there is a budget for, and told by their own code."""

import socket
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from functions.compress.worker import MAX_ALONE_RECEIVES, MAX_SHARED_RECEIVES
from functions.compress.worker.backoff import MAX_WAIT
from functions.core.errors import ImageCode, ImageError, PermanentError, TransientError
from functions.core.model import RequestStatus
from functions.core.network.fetched import Fetched
from tests.faults.simulator.inputs import ALL_WELL
from tests.faults.simulator.invariants import results_of
from tests.faults.simulator.origins import rows_of, settle, with_moods, with_real_codec, with_real_fetcher
from tests.faults.simulator.row import Row
from tests.images import encoded, photo
from tests.loopback import Exchange, Server, answer, serving

URL = "https://ok/2.jpg"  # one of those in ALL_WELL
BUDGET = MAX_SHARED_RECEIVES + MAX_ALONE_RECEIVES  # times that an image is asked for
ASKED_WAIT = 400.0  # seconds; longer than any back-off of the first deliveries
MOODS = {
    "429": TransientError(ImageCode.RATE_LIMITED, retry_after=ASKED_WAIT),
    "503": TransientError(ImageCode.ORIGIN_ERROR),
    "reset": TransientError(ImageCode.CONNECTION_FAILED),
    "no DNS": TransientError(ImageCode.DNS_FAILED),
    "late": TransientError(ImageCode.TIMEOUT),
}


@pytest.fixture
def row() -> Row:
    return Row(lines=ALL_WELL)


@pytest.mark.parametrize("mood", MOODS.values(), ids=MOODS)
@pytest.mark.parametrize("times", [1, 2, BUDGET - 1])
def test_an_origin_that_recovers_within_the_budget_is_as_if_nothing_had_been(
    row: Row, mood: ImageError, times: int
) -> None:
    origins = with_moods(row.world, {URL: [mood] * times})
    row.settle()
    assert row.world.request(row.request_id).failed_images == 0
    assert len(origins.asked_at[URL]) == times + 1


@pytest.mark.parametrize("mood", MOODS.values(), ids=MOODS)
def test_an_origin_that_does_not_recover_is_told_by_its_own_code(row: Row, mood: ImageError) -> None:
    origins = with_moods(row.world, {URL: [mood] * 100})
    settle(row)
    assert row.codes() == {0: None, 1: mood.code, 2: None}
    assert {url: len(times) for url, times in origins.asked_at.items()} == {
        URL: BUDGET,
        "https://ok/1.jpg": 1,
        "https://ok/3.jpg": 1,
    }


def test_an_origin_is_not_asked_again_before_the_time_that_it_named(row: Row) -> None:
    origins = with_moods(row.world, {URL: [MOODS["429"]] * 100})
    settle(row)
    waits = [later - earlier for earlier, later in pairwise(origins.asked_at[URL])]
    assert min(waits) >= ASKED_WAIT


def test_an_origin_that_names_no_end_is_asked_again_all_the_same(row: Row) -> None:
    forever = TransientError(ImageCode.RATE_LIMITED, retry_after=1e9)
    origins = with_moods(row.world, {URL: [forever]})
    row.settle()
    first, second = origins.asked_at[URL]
    assert second - first < MAX_WAIT + 120  # the simulated queue counts in minutes


@pytest.mark.parametrize("code", [ImageCode.NOT_FOUND, ImageCode.FORBIDDEN, ImageCode.ADDRESS_NOT_PUBLIC])
def test_what_will_not_change_is_asked_for_once(row: Row, code: ImageCode) -> None:
    origins = with_moods(row.world, {URL: [PermanentError(code)]})
    settle(row)
    assert row.codes() == {0: None, 1: code, 2: None}
    assert len(origins.asked_at[URL]) == 1


def test_what_is_no_image_is_fetched_once(row: Row) -> None:
    picture = encoded(photo(), "JPEG")
    row.world.origins.answers = {f"https://ok/{n}.jpg": Fetched(picture) for n in (1, 3)}
    row.world.origins.answers[URL] = Fetched(b"<!doctype html><title>Sign in</title>")
    with_real_codec(row.world)
    settle(row)
    assert row.codes() == {0: None, 1: ImageCode.NOT_AN_IMAGE, 2: None}
    assert row.world.origins.fetched.count(URL) == 1


# --- over sockets ----------------------------------------------------------------------------------------------------


@pytest.fixture
def origin() -> Iterator[Server]:
    with serving() as server:
        yield server


def resolve(host: str, port: int, **more: Any) -> list[Any]:
    if host == "nowhere.example":
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return socket.getaddrinfo(host, port, **more)


def test_real_origins_that_fail_are_asked_again_or_not_by_what_they_answer(origin: Server) -> None:
    """Statuses, Retry-After and broken connections as the real fetcher reads them."""
    asked_at: list[float] = []

    def limited(exchange: Exchange) -> None:
        asked_at.append(asking.world.clock.now)
        exchange.send(answer("429 Too Many Requests", Retry_After=str(int(ASKED_WAIT))))

    expected = {
        origin.says("/well", answer(body=encoded(photo(), "JPEG"))): (None, 1),
        origin.does("/limited", limited): (ImageCode.RATE_LIMITED, BUDGET),
        origin.says("/busy", answer("503 Service Unavailable")): (ImageCode.ORIGIN_ERROR, BUDGET),
        origin.does("/reset", Exchange.reset): (ImageCode.CONNECTION_FAILED, BUDGET),
        origin.says("/gone", answer("404 Not Found")): (ImageCode.NOT_FOUND, 1),
        origin.says("/page", answer(body=b"<!doctype html><title>Sign in</title>")): (ImageCode.NOT_AN_IMAGE, 1),
        "http://nowhere.example/a.jpg": (ImageCode.DNS_FAILED, 0),
    }
    asking = Row(lines=rows_of(*expected))
    with with_real_fetcher(asking.world, resolve=resolve):
        with_real_codec(asking.world)
        settle(asking)
    lines = [request.line for request in origin.requests]
    request = asking.world.request(asking.request_id)
    found = {result.url: result for result in results_of(asking.world, request)[0]}
    told = {url: (found[url].code, lines.count(f"GET /{url.rpartition('/')[2]} HTTP/1.1")) for url in expected}
    assert told == expected
    assert found["http://nowhere.example/a.jpg"].attempts == MAX_ALONE_RECEIVES
    assert min(later - earlier for earlier, later in pairwise(asked_at)) >= ASKED_WAIT
    assert request.status is RequestStatus.COMPLETED
