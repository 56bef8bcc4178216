"""Webhook endpoints as their owners use them: subscribe, verify, rotate, test, look into the log, send again."""

import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook

from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, ended, eventually, products_csv, started, status_of
from tests.system.receiver import Received, Receiver, receiving

ENDS = ["processing.completed", "processing.failed"]
ALL = ["processing.started", *ENDS]


@dataclass(frozen=True)
class Hooks:
    """The calls about webhooks."""

    url: str

    def call(self, method: str, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
        answer = requests.request(method, self.url + path, json=body or None, timeout=TIMEOUT)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    def configure(self, url: str, events: list[str]) -> dict[str, Any]:
        return self.call("POST", "/webhook/configure", webhook_url=url, events=events)

    def listed(self, endpoint_id: str) -> dict[str, Any]:
        """The endpoint as the list has it; nothing when it is not there."""
        endpoints = self.call("GET", "/webhook/endpoints")["endpoints"]
        return next((each for each in endpoints if each["endpoint_id"] == endpoint_id), {})

    def log(self, request_id: str) -> list[dict[str, Any]]:
        return list(self.call("GET", f"/requests/{request_id}/deliveries")["deliveries"])

    def delivered(self, request_id: str, webhook_status: str = "sent") -> list[dict[str, Any]]:
        """The log, once all has been told."""

        def is_told() -> bool | None:
            return status_of(self.url, request_id)["webhook_status"] == webhook_status or None

        eventually(is_told, f"the webhooks of {request_id} to be {webhook_status}")
        return self.log(request_id)

    @contextmanager
    def subscribed(self, receiver: Receiver, events: list[str]) -> Iterator[dict[str, Any]]:
        """An endpoint, gone at the end."""
        configured = self.configure(receiver.url, events)
        try:
            yield configured
        finally:
            requests.delete(f"{self.url}/webhook/endpoints/{configured['endpoint_id']}", timeout=TIMEOUT)


@pytest.fixture
def hooks(stack: LocalStack) -> Hooks:
    """Those of an owner to whom nobody listens yet."""
    found = Hooks(stack.url)
    for endpoint in found.call("GET", "/webhook/endpoints")["endpoints"]:
        found.call("DELETE", f"/webhook/endpoints/{endpoint['endpoint_id']}")
    return found


@pytest.fixture
def endpoint(hooks: Hooks, receiver: Receiver) -> Iterator[dict[str, Any]]:
    """One that hears how requests end."""
    with hooks.subscribed(receiver, ENDS) as configured:
        yield configured


@pytest.fixture
def run(stack: LocalStack, photos: list[Path], photo_origin: str) -> Callable[..., str]:
    """Runs a request of one picture to its end; its id."""

    def run_one(**fields: str) -> str:
        request_id = started(stack.url, products_csv([[f"{photo_origin}/{photos[0].name}"]]), **fields)
        ended(stack.url, request_id)
        return request_id

    return run_one


def heard(receiver: Receiver, request_id: str) -> Received:
    """The next webhook about the request; those about others are passed over."""
    while True:
        received = receiver.next()
        if json.loads(received.body).get("request_id") == request_id:
            return received


def told(receiver: Receiver) -> list[str]:
    """The requests of all webhooks that came."""
    webhooks = [receiver.received.get() for _ in range(receiver.received.qsize())]
    return [json.loads(webhook.body).get("request_id") for webhook in webhooks]


def hex_of(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def test_configuring_a_url_again_changes_its_events_and_keeps_its_secret(
    hooks: Hooks, receiver: Receiver, endpoint: dict[str, Any]
) -> None:
    again = hooks.configure(receiver.url, ["processing.failed"])
    assert (again["endpoint_id"], again["secret"]) == (endpoint["endpoint_id"], endpoint["secret"])
    assert hooks.listed(endpoint["endpoint_id"])["events"] == ["processing.failed"]


def test_the_list_shows_no_secret(hooks: Hooks, endpoint: dict[str, Any]) -> None:
    assert endpoint["secret"] not in json.dumps(hooks.call("GET", "/webhook/endpoints"))


def test_events_arrive_signed_with_the_secret_of_the_endpoint(
    hooks: Hooks, receiver: Receiver, run: Callable[..., str]
) -> None:
    with hooks.subscribed(receiver, ALL) as endpoint:
        request_id = run()
        webhooks = [heard(receiver, request_id) for _ in range(2)]
    for webhook in webhooks:
        Webhook(endpoint["secret"]).verify(webhook.body, webhook.headers)
        assert webhook.headers["x-webhook-signature"] == hex_of(endpoint["secret"], webhook.body)
    assert {json.loads(webhook.body)["type"] for webhook in webhooks} == set(ALL[:2])


def test_after_a_rotation_both_secrets_verify_and_the_plain_header_has_the_new_one(
    hooks: Hooks, receiver: Receiver, endpoint: dict[str, Any], run: Callable[..., str]
) -> None:
    rotated = hooks.call("POST", f"/webhook/endpoints/{endpoint['endpoint_id']}/rotate")
    webhook = heard(receiver, run())
    for secret in (endpoint["secret"], rotated["secret"]):
        Webhook(secret).verify(webhook.body, webhook.headers)
    assert endpoint["secret"] != rotated["secret"]
    assert webhook.headers["x-webhook-signature"] == hex_of(rotated["secret"], webhook.body)


def test_a_test_event_arrives_and_its_outcome_is_shown(
    hooks: Hooks, receiver: Receiver, endpoint: dict[str, Any]
) -> None:
    sent = hooks.call("POST", f"/webhook/endpoints/{endpoint['endpoint_id']}/test", 202)

    def is_test(webhook: Received) -> bool:
        return webhook.headers["webhook-id"] == str(sent["webhook_id"])

    webhook = eventually(lambda: found if is_test(found := receiver.next()) else None, "the test event")
    Webhook(endpoint["secret"]).verify(webhook.body, webhook.headers)
    assert json.loads(webhook.body)["type"] == "webhook.test"
    last_test = eventually(lambda: hooks.listed(endpoint["endpoint_id"])["last_test"], "the outcome of the test")
    assert (last_test["status"], last_test["error"]) == (200, None)


def test_a_receiver_that_is_gone_is_not_called_again(
    hooks: Hooks, receiver: Receiver, endpoint: dict[str, Any], run: Callable[..., str]
) -> None:
    receiver.answers.append(410)
    (delivery,) = hooks.delivered(run(), "failed")
    assert (delivery["state"], [attempt["status"] for attempt in delivery["attempts"]]) == ("gave_up", [410])
    assert hooks.listed(endpoint["endpoint_id"])["state"] == "disabled"


def test_configuring_a_disabled_endpoint_again_enables_it(
    hooks: Hooks, receiver: Receiver, endpoint: dict[str, Any], run: Callable[..., str]
) -> None:
    receiver.answers.append(410)
    hooks.delivered(run(), "failed")
    hooks.configure(receiver.url, ENDS)
    (delivery,) = hooks.delivered(run())
    assert hooks.listed(endpoint["endpoint_id"])["state"] == "active"
    assert (delivery["state"], [attempt["status"] for attempt in delivery["attempts"]]) == ("delivered", [200])


def test_the_log_has_every_attempt(
    hooks: Hooks, receiver: Receiver, endpoint: dict[str, Any], run: Callable[..., str]
) -> None:
    request_id = run()
    (delivery,) = hooks.delivered(request_id)
    assert delivery["webhook_id"] == heard(receiver, request_id).headers["webhook-id"]
    assert (delivery["event"], delivery["endpoint_id"]) == ("processing.completed", endpoint["endpoint_id"])
    assert (delivery["webhook_url"], delivery["state"]) == (receiver.url, "delivered")
    assert [(attempt["status"], attempt["error"]) for attempt in delivery["attempts"]] == [(200, None)]


def test_the_log_of_an_endpoint_is_that_of_its_requests(
    hooks: Hooks, endpoint: dict[str, Any], run: Callable[..., str]
) -> None:
    sent = [hooks.delivered(run())[0] for _ in range(2)]
    path = f"/webhook/endpoints/{endpoint['endpoint_id']}/deliveries?limit=1"
    newest = hooks.call("GET", path)
    older = hooks.call("GET", f"{path}&next_token={newest['next_token']}")
    assert [*newest["deliveries"], *older["deliveries"]] == sent[::-1]


@pytest.mark.parametrize("chosen", [{}, {"event": "processing.completed"}])
def test_what_was_delivered_is_sent_again_as_it_was(
    hooks: Hooks, receiver: Receiver, endpoint: dict[str, Any], run: Callable[..., str], chosen: dict[str, str]
) -> None:
    request_id = run()
    hooks.delivered(request_id)
    first = heard(receiver, request_id)
    again = hooks.call("POST", f"/requests/{request_id}/deliveries/redeliver", 202, **chosen)
    second = heard(receiver, request_id)
    assert again["deliveries"] == 1
    assert (second.headers["webhook-id"], second.body) == (first.headers["webhook-id"], first.body)
    (delivery,) = hooks.delivered(request_id)
    assert [attempt["status"] for attempt in delivery["attempts"]] == [200, 200]


def test_a_start_that_is_sent_again_after_the_end_is_told_as_it_was(
    hooks: Hooks, receiver: Receiver, run: Callable[..., str]
) -> None:
    with hooks.subscribed(receiver, ALL[:1]):
        request_id = run()
        first = heard(receiver, request_id)
        eventually(lambda: hooks.log(request_id)[0]["attempts"] or None, "the first attempt to be logged")
        hooks.call("POST", f"/requests/{request_id}/deliveries/redeliver", 202, event="processing.started")
        second = heard(receiver, request_id)
    assert (second.headers["webhook-id"], second.body) == (first.headers["webhook-id"], first.body)


def test_there_is_nothing_to_send_again_to_an_endpoint_that_heard_nothing(
    hooks: Hooks, endpoint: dict[str, Any], run: Callable[..., str]
) -> None:
    request_id = run()
    hooks.delivered(request_id)
    answer = hooks.call("POST", f"/requests/{request_id}/deliveries/redeliver", 404, endpoint_id="we_other")
    assert answer["code"] == "not_found"


def test_a_url_that_is_named_twice_hears_of_the_end_once(
    hooks: Hooks, receiver: Receiver, endpoint: dict[str, Any], run: Callable[..., str]
) -> None:
    request_id = run(webhook_url=receiver.url)
    assert [delivery["event"] for delivery in hooks.delivered(request_id)] == ["processing.completed"]
    assert told(receiver).count(request_id) == 1


def test_a_deleted_endpoint_hears_nothing(
    hooks: Hooks, receiver: Receiver, endpoint: dict[str, Any], run: Callable[..., str]
) -> None:
    hooks.call("DELETE", f"/webhook/endpoints/{endpoint['endpoint_id']}")
    with receiving() as other:
        request_id = run(webhook_url=other.url)
        log = hooks.delivered(request_id)
    assert [delivery["webhook_url"] for delivery in log] == [other.url]
    assert request_id not in told(receiver)


def test_an_endpoint_that_was_deleted_is_not_there(hooks: Hooks, endpoint: dict[str, Any]) -> None:
    path = f"/webhook/endpoints/{endpoint['endpoint_id']}"
    hooks.call("DELETE", path)
    calls = [("DELETE", path), ("POST", f"{path}/test"), ("POST", f"{path}/rotate")]
    assert {hooks.call(method, call, 404)["code"] for method, call in calls} == {"not_found"}


def test_a_secret_that_is_everybodys_is_shown_to_nobody(hooks: Hooks, stack: LocalStack) -> None:
    for method, path in (("GET", "/webhook/secret"), ("POST", "/webhook/secret/rotate")):
        answer = hooks.call(method, path)
        assert answer["secret"] is None
        assert stack.webhook_secret not in answer["message"]
