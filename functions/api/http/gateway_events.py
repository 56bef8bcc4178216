"""Events as API Gateway sends them (payload format 2.0), put right for the event handler."""

from typing import Any

FORMS = ("multipart/", "application/x-www-form-urlencoded")


def normalise(event: dict[str, Any]) -> bool:
    """Change the event in place. Returns whether it is a HEAD request, which is answered like GET."""
    event["rawPath"] = event["rawPath"].rstrip("/") or "/"
    _refuse_forms(event)
    http = event["requestContext"]["http"]
    is_head = bool(http["method"] == "HEAD")
    if is_head:
        http["method"] = "GET"
    return is_head


def _refuse_forms(event: dict[str, Any]) -> None:
    """Give forms another type where JSON is expected. The event handler would else read a form as JSON, and fail."""
    content_type = event["headers"].get("content-type", "").lower()
    if content_type.startswith(FORMS) and not event["rawPath"].endswith("/upload"):
        event["headers"]["content-type"] = "application/x-form"


def without_body(answer: dict[str, Any]) -> dict[str, Any]:
    """The head of an answer."""
    return answer | {"body": "", "isBase64Encoded": False}
