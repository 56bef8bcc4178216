"""The body of a webhook: the same for every attempt at it, so that a repetition can be told by its bytes."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from functions.core.errors import REQUEST_MESSAGES
from functions.core.model import EventType, Request, RequestStatus, Result
from functions.core.settings import PublicUrls
from functions.core.times import iso

JSON_TYPE = {"Content-Type": "application/json"}
MAX_IMAGES = 1_000  # in a body; beyond them the status answer is to be read


def webhook_body(event: EventType, request: Request, results: Iterable[Result], urls: PublicUrls) -> bytes:
    """The JSON of an event, exactly as it is signed and sent."""
    if event is EventType.STARTED:
        request = _as_started(request)
    ended_at = request.ended_at or request.updated_at
    fields: dict[str, Any] = {
        "type": event,
        "timestamp": iso(request.created_at if event is EventType.STARTED else ended_at),
        "request_id": request.request_id,
        "status": request.status,
        "error": error_of(request),
        "dry_run": request.options.run.dry_run,
        "total_images": request.total_images,
        "processed_images": request.processed_images,
        "failed_images": request.failed_images,
        "completion_time": iso(ended_at) if request.status.is_terminal else None,
        "results_csv_url": urls.download(request.request_id) if request.has_csv else None,
        "status_url": urls.status(request.request_id),
        "images": [_image(result, urls.image) for result in results],
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def error_of(request: Request) -> dict[str, str] | None:
    """Why the request failed as a whole, as users read it."""
    return {"code": request.error, "message": REQUEST_MESSAGES[request.error]} if request.error else None


def _as_started(request: Request) -> Request:
    """The request as it was before its first image, whatever became of it since."""
    return replace(request, status=RequestStatus.PROCESSING, error=None, processed_images=0, failed_images=0)


def _image(result: Result, image_url: Callable[[str], str]) -> dict[str, Any]:
    return {
        "input_url": result.url,
        "output_url": image_url(result.key) if result.key else None,
        "status": result.status,
        **({"renditions": {made.name: image_url(made.key) for made in result.renditions}} if result.renditions else {}),
    }
