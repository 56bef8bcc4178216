"""Headers that keep a browser from doing more with an answer than was meant."""

from typing import Any

FOR_ALL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the URLs of requests are nobody else's business
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # the pages have one of their own
    "Cache-Control": "no-store",  # what is said of a request changes, and is its owner's
}
FOR_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


def with_security_headers(answer: dict[str, Any], *, is_https: bool) -> dict[str, Any]:
    """The answer (payload format 2.0) with those of the headers that the call did not set itself."""
    found = answer.get("headers") or {}
    named = {name.lower() for name in found}
    added = FOR_ALL | (FOR_HTTPS if is_https else {})
    return answer | {"headers": {name: text for name, text in added.items() if name.lower() not in named} | found}
