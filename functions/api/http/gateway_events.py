"""Events as API Gateway sends them (payload format 2.0), put right for the event handler."""

from typing import Any

FORMS = ("multipart/", "application/x-www-form-urlencoded")


def normalise(event: dict[str, Any]) -> bool:
    """Change the event in place; whether it asks for the head of an answer only, as those do who check links."""
    event["rawPath"] = event["rawPath"].rstrip("/") or "/"
    _refuse_forms(event)
    http = event["requestContext"]["http"]
    is_head = bool(http["method"] == "HEAD")
    if is_head:
        http["method"] = "GET"
    return is_head


def _refuse_forms(event: dict[str, Any]) -> None:
    """Where JSON is asked for: the event handler would take a form for it, and fail at one without a boundary."""
    content_type = event["headers"].get("content-type", "").lower()
    if content_type.startswith(FORMS) and not event["rawPath"].endswith("/upload"):
        event["headers"]["content-type"] = "application/x-form"


def without_body(answer: dict[str, Any]) -> dict[str, Any]:
    """The head of an answer."""
    return answer | {"body": "", "isBase64Encoded": False}
