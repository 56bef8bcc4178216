"""Signatures of webhooks: Standard Webhooks, and the plain hex HMAC that receivers of the older services check.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from hashlib import sha256

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with, not one
SECRET_BYTES = 24  # the least that Standard Webhooks takes


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
        "X-Webhook-Signature": hmac.new(secrets[0].encode(), body, sha256).hexdigest(),
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
