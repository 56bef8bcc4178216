"""Webhook URLs as users give them: checked when they are given, so that nobody waits in vain."""

from hashlib import sha256
from urllib.parse import urlsplit

MAX_URL = 2_048  # characters
OWN_ENDPOINT = "request"  # the endpoint id of the webhook_url that came with a CSV; it hears of the end only

ID_DIGITS = 16  # hex, of the hash in an endpoint's id


class WebhookUrlError(ValueError):
    """A webhook URL that cannot be used; the message says why."""


def checked_webhook_url(text: str, https_only: bool) -> str:
    """The URL, "" for none. Raises WebhookUrlError. Where it leads to is checked when it is connected to."""
    text = text.strip()
    if not text:
        return ""
    try:
        url = urlsplit(text)
        has_host = bool(url.hostname) and url.port != 0
        is_usual_port = url.port in {None, 443}
    except ValueError as error:
        raise WebhookUrlError(f"not a URL: {error}") from error
    schemes = {"https"} if https_only else {"http", "https"}
    if url.scheme.lower() not in schemes or not has_host:
        raise WebhookUrlError(f"must be an absolute {' or '.join(sorted(schemes))} URL, not {text[:80]!r}")
    if https_only and not is_usual_port:
        raise WebhookUrlError(f"must be on port 443, not {url.port}")
    if "@" in url.netloc:
        raise WebhookUrlError("must not contain credentials")
    if len(text) > MAX_URL or not text.isascii() or any(character <= " " for character in text):
        raise WebhookUrlError(f"must be at most {MAX_URL} ASCII characters without spaces")
    return text


def endpoint_id(owner: str, url: str) -> str:
    """The id of an owner's endpoint: the same for the same URL, so that configuring it twice is configuring it once."""
    return f"we_{sha256(f'{owner} {url}'.encode()).hexdigest()[:ID_DIGITS]}"
