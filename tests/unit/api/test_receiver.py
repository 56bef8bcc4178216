"""The trial receiver: who may post to it, and what it keeps."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.api.http.problem import ApiError, Code
from functions.api.keys import Caller
from functions.api.webhooks.receiver import MAX_BODY, Receiver
from functions.core.webhooks.signature import TOLERANCE, signed_headers
from tests.fakes import NOW, REQUEST_ID, Clock, Requests, a_request

ACME = Caller("acme")
BODY = json.dumps({"request_id": REQUEST_ID, "status": "completed"}).encode()
BY_HAND = {"image_id": 5, "status": "completed", "output_images": ["compressed_5_0.jpg"]}
SECRETS = {"acme": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "second"], "other": ["third"]}


@dataclass
class Received:
    """What was received, by owner."""

    webhooks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, owner: str, at: float, webhook: Mapping[str, Any]) -> None:
        assert at
        self.webhooks.setdefault(owner, []).insert(0, dict(webhook))

    def page(self, owner: str, limit: int, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        first = int(after or 0)
        found = self.webhooks.get(owner, [])
        return found[first : first + limit], str(first + limit) if first + limit < len(found) else None


@pytest.fixture
def receiver() -> Receiver:
    requests = Requests()
    requests.add(a_request())
    return Receiver(requests, Received(), lambda owner: SECRETS[owner], Clock())


def signed(secret: str, body: bytes = BODY, at: float = NOW) -> dict[str, str]:
    return {name.lower(): value for name, value in signed_headers("msg_1", int(at), body, [secret]).items()}


def test_what_is_posted_with_a_key_is_kept_whatever_it_is(receiver: Receiver) -> None:
    receiver.take(ACME, json.dumps(BY_HAND).encode(), {})
    (kept,) = receiver.page(ACME, 10, None).received
    assert (kept.body, kept.verified, kept.webhook_id) == (BY_HAND, False, None)


@pytest.mark.parametrize("secret", SECRETS["acme"])
@pytest.mark.parametrize("header", ["webhook-signature", "x-webhook-signature"])
def test_either_signature_by_any_secret_of_the_owner_is_verified(receiver: Receiver, secret: str, header: str) -> None:
    headers = signed(secret)
    wanted = {"webhook-id", "webhook-timestamp", header}
    receiver.take(ACME, BODY, {name: value for name, value in headers.items() if name in wanted})
    assert receiver.page(ACME, 10, None).received[0].verified


def test_a_standard_signature_opens_without_a_key(receiver: Receiver) -> None:
    receiver.take(None, BODY, signed(SECRETS["acme"][1]))
    (kept,) = receiver.page(ACME, 10, None).received
    assert (kept.verified, kept.webhook_id) == (True, "msg_1")


REFUSED = {
    "no signature": {},
    "one that anybody can repeat": {"x-webhook-signature": signed("second")["x-webhook-signature"]},
    "a secret of somebody else": signed("third"),
    "another body": signed("second", b"{}"),
    "a signature that is old": {
        name: value for name, value in signed("second", at=NOW - TOLERANCE - 1).items() if name != "x-webhook-signature"
    },
    "a timestamp that is none": {**signed("second"), "x-webhook-signature": "é", "webhook-timestamp": "now"},
}


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
def test_without_a_key_and_a_right_signature_nothing_is_kept(receiver: Receiver, headers: dict[str, str]) -> None:
    with pytest.raises(ApiError) as caught:
        receiver.take(None, BODY, headers)
    assert caught.value.code is Code.INVALID_SIGNATURE
    assert receiver.page(ACME, 10, None).received == []


@pytest.mark.parametrize("body", [b'{"request_id": "unknown"}', b"[]", b'{"request_id": 5}', b"null"])
def test_a_stranger_whose_body_names_no_request_is_refused(receiver: Receiver, body: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        receiver.take(None, body, signed("second", body))
    assert caught.value.code is Code.INVALID_SIGNATURE


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'"' + b"a" * MAX_BODY + b'"', b"[" * 100_000])
def test_what_is_no_json_or_too_much_is_refused(receiver: Receiver, body: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        receiver.take(ACME, body, {})
    assert caught.value.code is Code.INVALID_PARAMETERS


def test_pages_go_from_the_newest_to_the_oldest(receiver: Receiver) -> None:
    for number in range(3):
        receiver.take(ACME, str(number).encode(), {})
    first = receiver.page(ACME, 2, None)
    second = receiver.page(ACME, 2, first.next_token)
    assert [kept.body for kept in first.received + second.received] == [2, 1, 0]
    assert second.next_token is None


@pytest.mark.parametrize("token", ["x", "é", "WzFd", "e30="])
def test_a_token_of_somebody_else_is_refused(receiver: Receiver, token: str) -> None:
    with pytest.raises(ApiError) as caught:
        receiver.page(ACME, 2, token)
    assert caught.value.code is Code.INVALID_PARAMETERS
