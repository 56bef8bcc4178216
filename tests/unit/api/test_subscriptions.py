"""Endpoints and secrets: what their calls write, in which order, and what they refuse."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.api.http.problem import ApiError, Code
from functions.api.keys import Caller
from functions.api.webhooks.schemas import WebhookConfiguration
from functions.api.webhooks.subscriptions import MAX_ENDPOINTS, Subscriptions
from functions.core.messages import PingTask
from functions.core.model import Attempt, EventType
from functions.core.webhooks.signature import OVERLAP_SECONDS
from functions.core.webhooks.urls import endpoint_id
from tests.fakes import NOW, Clock, Endpoints, Journal, Queue, an_endpoint

ACME, OTHER = Caller("acme"), Caller("other")
HOOK = "https://shop.example/hook"
STARTED, COMPLETED = EventType.STARTED, EventType.COMPLETED
FAILED_ONCE = Attempt(NOW - 5, 500, None, 12)


@dataclass
class Secrets:
    """The default secrets by owner, and until when the one before signs."""

    current: dict[str, str] = field(default_factory=dict)
    previous_until: dict[str, float] = field(default_factory=dict)

    def get_or_create(self, owner: str, fresh: str) -> str:
        return self.current.setdefault(owner, fresh)

    def rotate(self, owner: str, fresh: str, previous_until: float) -> bool:
        self.current[owner], self.previous_until[owner] = fresh, previous_until
        return True


class Subscribing:
    """The calls among fakes. Secrets are secret-1, secret-2 …"""

    def __init__(self, is_shared: bool = False, https_only: bool = True) -> None:
        self.journal = Journal()
        self.endpoints = Endpoints(self.journal)
        self.notify: Queue[PingTask] = Queue("notify", self.journal)
        self.secrets = Secrets()
        self.clock = Clock()
        self.made = 0
        self.calls = Subscriptions(
            endpoints=self.endpoints,
            secrets=self.secrets,
            notify=self.notify,
            is_shared=is_shared,
            new_secret=self._new_secret,
            new_id=lambda: "id",
            clock=self.clock,
            https_only=https_only,
        )

    def _new_secret(self) -> str:
        self.made += 1
        return f"secret-{self.made}"

    def configure(self, url: str = HOOK, *events: EventType) -> Any:
        wanted = {"events": list(events)} if events else {}
        return self.calls.configure(ACME, WebhookConfiguration(webhook_url=url, **wanted))


def code_of(call: Any, *arguments: Any) -> Code:
    with pytest.raises(ApiError) as caught:
        call(*arguments)
    return caught.value.code


# --- endpoints -------------------------------------------------------------------------------------------------------


def test_a_url_is_subscribed_to_all_events_unless_some_are_named() -> None:
    configured = Subscribing().configure()
    assert (configured.events, configured.secret) == (list(EventType), "secret-1")
    assert configured.endpoint_id == endpoint_id("acme", HOOK)


def test_events_that_are_named_twice_are_kept_once() -> None:
    assert Subscribing().configure(HOOK, COMPLETED, STARTED, COMPLETED).events == [COMPLETED, STARTED]


def test_configuring_again_enables_and_keeps_the_secret() -> None:
    subscribing = Subscribing()
    first = subscribing.configure()
    subscribing.endpoints.disable("acme", first.endpoint_id)
    assert subscribing.configure(HOOK, COMPLETED).secret == first.secret
    (endpoint,) = subscribing.calls.of_caller(ACME)
    assert (endpoint.state, endpoint.events) == ("active", [COMPLETED])


@pytest.mark.parametrize("url", ["", " ", "ftp://shop.example", "http://shop.example", "https://a@shop.example", "x"])
def test_a_url_that_cannot_be_called_is_refused_before_anything_is_written(url: str) -> None:
    subscribing = Subscribing()
    with pytest.raises(ApiError) as caught:
        subscribing.configure(url)
    assert (caught.value.code, caught.value.errors[0]["name"]) == (Code.INVALID_PARAMETERS, "webhook_url")
    assert subscribing.journal.writes == []


def test_plain_http_is_taken_where_aws_is_emulated() -> None:
    assert Subscribing(https_only=False).configure("http://localhost:9/x").webhook_url == "http://localhost:9/x"


def test_the_last_test_of_an_endpoint_is_shown() -> None:
    subscribing = Subscribing()
    subscribing.endpoints.add(an_endpoint(last_test=FAILED_ONCE))
    (endpoint,) = subscribing.calls.of_caller(ACME)
    assert endpoint.last_test is not None
    assert (endpoint.last_test.status, endpoint.last_test.latency_ms) == (500, 12)


def test_a_rotation_says_until_when_the_previous_secret_signs() -> None:
    subscribing = Subscribing()
    subscribing.endpoints.add(an_endpoint())
    rotated = subscribing.calls.rotate(ACME, "we_1")
    held = subscribing.endpoints.records["acme", "we_1"]
    assert (rotated.secret, held.previous_until) == ("secret-1", NOW + OVERLAP_SECONDS)
    assert rotated.previous_secret_until == "2023-11-15T22:13:20.000Z"


def test_when_the_overlap_is_over_nothing_is_said_of_it() -> None:
    subscribing = Subscribing()
    configured = subscribing.configure()
    subscribing.calls.rotate(ACME, configured.endpoint_id)
    subscribing.clock.now += OVERLAP_SECONDS
    assert subscribing.configure().previous_secret_until is None


def test_a_test_event_is_queued_under_an_id_of_its_own() -> None:
    subscribing = Subscribing()
    subscribing.endpoints.add(an_endpoint())
    pinged = subscribing.calls.ping(ACME, "we_1")
    assert subscribing.notify.sent == [PingTask("acme", "we_1", "msg_test_id")]
    assert pinged.webhook_id == "msg_test_id"


@pytest.mark.parametrize("call", ["delete", "rotate", "ping"])
@pytest.mark.parametrize(("caller", "id_"), [(OTHER, "we_1"), (ACME, "we_2")])
def test_an_endpoint_that_the_caller_has_not_is_not_found(call: str, caller: Caller, id_: str) -> None:
    subscribing = Subscribing()
    held = subscribing.endpoints.add(an_endpoint())
    assert code_of(getattr(subscribing.calls, call), caller, id_) is Code.NOT_FOUND
    assert list(subscribing.endpoints.records.values()) == [held]
    assert subscribing.notify.sent == []


def test_there_is_an_end_to_the_endpoints_of_an_owner() -> None:
    subscribing = Subscribing()
    for number in range(MAX_ENDPOINTS):
        subscribing.configure(f"{HOOK}/{number}")
    with pytest.raises(ApiError) as caught:
        subscribing.configure(f"{HOOK}/more")
    assert caught.value.code is Code.TOO_MANY_ENDPOINTS
    assert subscribing.configure(f"{HOOK}/0").webhook_url == f"{HOOK}/0"


# --- the default secret ----------------------------------------------------------------------------------------------


def test_the_secret_of_an_owner_is_made_once() -> None:
    subscribing = Subscribing()
    assert {subscribing.calls.secret(ACME).secret for _ in range(2)} == {"secret-1"}


def test_a_rotated_secret_lets_the_one_before_sign_for_a_while() -> None:
    subscribing = Subscribing()
    before = subscribing.calls.secret(ACME).secret
    after = subscribing.calls.rotate_secret(ACME).secret
    assert after not in {before, None}
    assert subscribing.secrets.previous_until == {"acme": NOW + OVERLAP_SECONDS}


def test_a_secret_that_all_share_is_neither_shown_nor_rotated() -> None:
    subscribing = Subscribing(is_shared=True)
    shown = [subscribing.calls.secret(ACME).secret, subscribing.calls.rotate_secret(ACME).secret]
    assert (shown, subscribing.secrets.current) == ([None, None], {})
    assert "the embedded run prints it" in subscribing.calls.secret(ACME).message
