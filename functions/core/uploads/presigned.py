"""CSVs that are uploaded straight to S3 with a URL that the API gave out: where they go, and how long they may take."""

import re
from dataclasses import dataclass

from functions.core.model import Request

PRESIGNED_KEY = re.compile(r"presigned/[^/]+/(?P<request_id>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})/.+", re.DOTALL)
MAX_CSV_BYTES = 1_000_000_000  # what one request may upload; also of a .gz when it is unpacked
UPLOAD_GRACE = 3_600  # seconds that an upload may take which began in time: 1 GB at 2.3 Mbit/s


@dataclass(frozen=True, slots=True)
class PresignedUpload:
    """One version of an object that was put under the key of a request."""

    key: str
    version_id: str
    request_id: str


def presigned_key(owner: str, request_id: str, name: str) -> str:
    """The key that the upload of a request goes to."""
    return f"presigned/{owner}/{request_id}/{name}"


def presigned_upload(key: str, version_id: str) -> PresignedUpload | None:
    """What was uploaded, if the key is that of a presigned upload."""
    place = PRESIGNED_KEY.fullmatch(key)
    return PresignedUpload(key, version_id, place["request_id"]) if place else None


def awaits_upload(request: Request) -> bool:
    """Whether the request's CSV is still to come."""
    return request.upload_until is not None and not request.version_id


def arrives_by(request: Request) -> float:
    """When the request's CSV is there at the latest, if it is ever to be."""
    return request.created_at if request.upload_until is None else request.upload_until + UPLOAD_GRACE
