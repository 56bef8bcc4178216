"""Signatures of webhooks."""

import base64
import hmac
import json
import time
from hashlib import sha256

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from functions.core.webhooks.signature import SECRET_BYTES, new_secret, signed_headers

CURRENT = new_secret(bytes(range(SECRET_BYTES)))
PREVIOUS = new_secret(bytes(range(1, SECRET_BYTES + 1)))
OTHER = new_secret(bytes(range(2, SECRET_BYTES + 2)))
BODY = json.dumps({"request_id": "1", "name": "Schuhe für Übergrößen"}, ensure_ascii=False).encode()


def headers(*secrets: str, body: bytes = BODY) -> dict[str, str]:
    return signed_headers("msg_1", int(time.time()), body, secrets)


def test_the_standard_signature_is_verified_by_the_standard_library_for_it() -> None:
    assert Webhook(CURRENT).verify(BODY, headers(CURRENT)) == json.loads(BODY)


def test_the_standard_signature_does_not_hold_for_other_bytes() -> None:
    signed = headers(CURRENT)
    with pytest.raises(WebhookVerificationError):
        Webhook(CURRENT).verify(BODY + b" ", signed)


def test_the_standard_signature_does_not_hold_for_another_id() -> None:
    signed = headers(CURRENT) | {"webhook-id": "msg_2"}
    with pytest.raises(WebhookVerificationError):
        Webhook(CURRENT).verify(BODY, signed)


@pytest.mark.parametrize("secret", [CURRENT, PREVIOUS])
def test_after_a_rotation_old_and_new_receivers_verify(secret: str) -> None:
    assert Webhook(secret).verify(BODY, headers(CURRENT, PREVIOUS)) == json.loads(BODY)


def test_after_a_rotation_a_secret_of_neither_does_not_verify() -> None:
    signed = headers(CURRENT, PREVIOUS)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(BODY, signed)


def test_the_published_test_vector_holds() -> None:
    """https://github.com/standard-webhooks/standard-webhooks, the example of its reference libraries."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    signed = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body, [secret])
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_hex_signature_is_a_plain_hmac_of_the_body_with_the_displayed_secret() -> None:
    expected = hmac.new(CURRENT.encode(), BODY, sha256).hexdigest()
    assert headers(CURRENT, PREVIOUS)["X-Webhook-Signature"] == expected


def test_a_secret_that_came_from_elsewhere_is_its_own_key() -> None:
    signed = signed_headers("msg_1", 1_700_000_000, b"{}", ["correct horse"])
    expected = hmac.new(b"correct horse", b"msg_1.1700000000.{}", sha256).digest()
    assert signed["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"


def test_a_prefixed_secret_that_is_no_base64_is_its_own_key() -> None:
    signed = signed_headers("msg_1", 1_700_000_000, b"{}", ["whsec_not base64!"])
    expected = hmac.new(b"whsec_not base64!", b"msg_1.1700000000.{}", sha256).digest()
    assert signed["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"


def test_a_new_secret_shows_its_bytes_as_base64() -> None:
    assert base64.b64decode(CURRENT.removeprefix("whsec_")) == bytes(range(SECRET_BYTES))
