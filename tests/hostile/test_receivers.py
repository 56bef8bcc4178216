"""Receivers that want more of a webhook than to hear it: whatever they answer, it stays an answer."""

import gzip
import socket
import time
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest

from functions.adapters.http.guard import Guard
from functions.adapters.http.post import Poster, _GuardedAdapter
from functions.core.model import DeliveryState, WebhookStatus
from tests.fakes import REQUEST_ID
from tests.hostile.test_origins import GRACE, TRICKS
from tests.loopback import LOOPBACK, SHORT, Exchange, Server, answer
from tests.notifying import Notifying

MEBIBYTE = 1 << 20
BODY = b'{"type":"processing.completed"}'
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n"


# --- every trick of an origin ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("trick", TRICKS)
def test_whatever_a_receiver_does_is_a_status_or_an_error_in_time(receiver: Server, poster: Poster, trick: str) -> None:
    """Never an exception, nor a reason not to try again."""
    url = receiver.does("/worst", TRICKS[trick][0])
    begun = time.monotonic()
    posted = replace(poster, max_seconds=SHORT).post(url, BODY, {})
    assert time.monotonic() - begun < SHORT + GRACE
    assert (posted.status is None) == (posted.error is not None)
    assert not posted.is_permanent
    assert len(receiver.requests) == 1


# --- redirects -------------------------------------------------------------------------------------------------------


def test_a_bomb_behind_a_redirect_is_not_unpacked(receiver: Server, poster: Poster) -> None:
    bomb = gzip.compress(bytes(64 * MEBIBYTE))
    head = REDIRECT + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    url = receiver.says("/hook", head + bomb)
    tracemalloc.start()
    try:
        posted = poster.post(url, BODY, {})
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert posted.status == 302
    assert most < 8 * MEBIBYTE


def test_the_body_of_a_redirect_is_not_taken(receiver: Server, poster: Poster) -> None:
    """Buffers of the kernel take the first of it; the rest the receiver cannot get rid of."""
    size = 64 * MEBIBYTE
    sent = 0

    def large(exchange: Exchange) -> None:
        nonlocal sent
        exchange.send(REDIRECT + b"Content-Length: %d\r\n\r\n" % size)
        while sent < size:
            exchange.send(bytes(MEBIBYTE))
            sent += MEBIBYTE

    assert poster.post(receiver.does("/hook", large), BODY, {}).status == 302
    assert sent < size // 2


@pytest.mark.parametrize("location", ["http://[::1", "http://a..b/", "//", "\u00ff", "http://127.0.0.1:99999/"])
def test_a_redirect_to_what_is_no_url_is_an_answer_like_any(receiver: Server, poster: Poster, location: str) -> None:
    raw = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
    posted = poster.post(receiver.says("/hook", raw), BODY, {})
    assert (posted.status, posted.error, posted.is_permanent) == (302, None, False)


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "500 Internal Server Error"])
def test_a_cookie_is_not_brought_back(receiver: Server, poster: Poster, status: str) -> None:
    url = receiver.says("/hook", answer(status, Location="/hook", Set_Cookie="who=acme; Path=/"))
    for _ in range(2):
        poster.post(url, BODY, {})
    assert ["cookie" in request.headers for request in receiver.requests] == [False, False]


# --- addresses -------------------------------------------------------------------------------------------------------


def resolving(*addresses: str) -> Poster:
    """A poster to which every name has these addresses."""

    def resolve(_host: str, port: int, type: int) -> list[Any]:
        return [(socket.AF_INET, type, 6, "", (address, port)) for address in addresses]

    guard = Guard(LOOPBACK, resolve)
    return Poster(guard, _GuardedAdapter(guard))


@pytest.mark.parametrize(
    "addresses", [["169.254.169.254"], ["10.0.0.1"], ["127.0.0.1", "10.0.0.1"]], ids=["metadata", "private", "one of"]
)
def test_a_receiver_whose_name_is_a_forbidden_address_is_refused_for_ever(
    receiver: Server, addresses: list[str]
) -> None:
    posted = resolving(*addresses).post(f"http://hook.example:{receiver.port}/hook", BODY, {})
    assert (posted.status, posted.is_permanent) == (None, True)
    assert (posted.error or "").startswith("address_not_public: ")
    assert receiver.connections == 0


def test_a_receiver_whose_name_is_not_found_now_may_be_found_later() -> None:
    def resolve(*_args: Any, **_kwargs: Any) -> list[Any]:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    guard = Guard(LOOPBACK, resolve)
    posted = Poster(guard, _GuardedAdapter(guard)).post("http://hook.example/hook", BODY, {})
    assert ((posted.error or "").partition(":")[0], posted.is_permanent) == ("dns_failed", False)


# --- what notify makes of it -----------------------------------------------------------------------------------------


class Hostile(Notifying):
    """The service with a real poster, and a completed request whose webhook is announced."""

    def __init__(self, poster: Poster, url: str) -> None:
        super().__init__(poster=poster, webhook_url=url)
        self.announce()

    def attempted(self) -> DeliveryState:
        """Make the attempt that was queued last; the state of the delivery after it."""
        self.attempt()
        return self.state


def test_a_webhook_to_a_forbidden_address_gives_up_at_once(receiver: Server) -> None:
    notifying = Hostile(resolving("10.0.0.1"), f"http://hook.example:{receiver.port}/hook")
    assert notifying.attempted() is DeliveryState.GAVE_UP
    assert (len(notifying.queue.sent), notifying.requests.due_at) == (1, {})
    assert notifying.requests[REQUEST_ID].webhook_status is WebhookStatus.FAILED


def test_a_webhook_that_is_redirected_has_failed_and_is_tried_again(receiver: Server, poster: Poster) -> None:
    notifying = Hostile(poster, receiver.says("/hook", answer("302 Found", Location="/elsewhere")))
    assert notifying.attempted() is DeliveryState.WAITING
    assert [task.attempt for task in notifying.queue.sent] == [0, 1]
    assert [request.line for request in receiver.requests] == ["POST /hook HTTP/1.1"]
