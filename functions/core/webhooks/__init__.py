"""What a webhook is signed with, where it may go, and what came of an attempt."""

from functions.core.webhooks.posted import Posted
from functions.core.webhooks.signature import OVERLAP_SECONDS, SECRET_BYTES, is_signed, new_secret, signed_headers
from functions.core.webhooks.urls import OWN_ENDPOINT, WebhookUrlError, checked_webhook_url, endpoint_id

__all__ = [
    "OVERLAP_SECONDS",
    "OWN_ENDPOINT",
    "SECRET_BYTES",
    "Posted",
    "WebhookUrlError",
    "checked_webhook_url",
    "endpoint_id",
    "is_signed",
    "new_secret",
    "signed_headers",
]
