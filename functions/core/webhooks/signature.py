"""Signatures of webhooks: Standard Webhooks, and the plain hex HMAC that receivers of the older services check.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with, not one
TOLERANCE = 300  # seconds; what Standard Webhooks suggests
SECRET_BYTES = 24  # the least that Standard Webhooks takes
OVERLAP_SECONDS = 86_400  # after a rotation, for which the previous secret signs too: receivers change over in a day


def new_secret(randomness: bytes) -> str:
    """A secret as it is displayed, from SECRET_BYTES random bytes."""
    return SECRET_PREFIX + base64.b64encode(randomness).decode()


def signed_headers(webhook_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of one attempt; the first secret is the current one, all of them sign `webhook-signature`."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    versions = (f"v1,{_base64_hmac(_key(secret), signed)}" for secret in secrets)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(versions),
        "X-Webhook-Signature": _hex_hmac(secrets[0], body),
    }


def _key(secret: str) -> bytes:
    """The bytes behind `whsec_`; any other text is its own key, for secrets that came from elsewhere."""
    if secret.startswith(SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def _base64_hmac(key: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()


def is_signed(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: float, *, lasting: bool = True
) -> bool:
    """Whether one of the secrets signed the body, by either header (names in lower case).

    A standard signature must be at most TOLERANCE old. The plain one knows no time, so that whoever has seen it can
    repeat it for ever: it only counts where signatures may be `lasting`.
    """
    plain = headers.get("x-webhook-signature", "")
    if lasting and any(hmac.compare_digest(_hex_hmac(secret, body).encode(), plain.encode()) for secret in secrets):
        return True
    timestamp = headers.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and abs(now - int(timestamp[:12])) <= TOLERANCE):
        return False
    signed = f"{headers.get('webhook-id', '')}.{timestamp}.".encode() + body
    given = headers.get("webhook-signature", "").encode().split()
    expected = [f"v1,{_base64_hmac(_key(secret), signed)}".encode() for secret in secrets]
    return any(hmac.compare_digest(each, right) for each in given for right in expected)


def _hex_hmac(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, sha256).hexdigest()
