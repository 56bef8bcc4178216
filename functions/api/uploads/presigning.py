"""Gives out URLs that a large CSV can be posted to; S3's notification starts the request."""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from functions.api.keys import Caller
from functions.api.schemas import Presigned, PresignedPost, UploadsBody
from functions.api.uploads.checks import Checks
from functions.api.uploads.opening import Opening
from functions.api.uploads.uploading import display_name, safe_name
from functions.core.model import Source, new_request
from functions.core.times import iso
from functions.core.uploads import MAX_CSV_BYTES, presigned_key

WINDOW = 3_600  # seconds for which an upload can be begun; no longer than a function's credentials are valid


class Uploads(Protocol):
    """The bucket of CSVs."""

    def signed_post(self, key: str, lifetime: int, max_bytes: int) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Presign:
    """Recover first looks after such a request when its window is over."""

    checks: Checks
    uploads: Uploads
    opening: Opening

    def prepare(self, caller: Caller, body: UploadsBody) -> Presigned:
        """The record of a request without a CSV, and where to post that. Raises ApiError 400, 429."""
        wishes = self.checks.wishes(caller, fields_of(body))
        if not wishes.options.run.dry_run:
            self.checks.room_for(caller, 1)
        request_id, now = self.opening.new_id(), self.opening.clock()
        request = new_request(
            request_id,
            caller.owner,
            Source.API,
            presigned_key(caller.owner, request_id, safe_name(body.file_name)),
            wishes.options,
            now=now,
            lifetime=self.opening.lifetime,
            webhook_url=wishes.webhook_url,
            file_name=display_name(body.file_name),
            upload_until=now + WINDOW,
        )
        post = self.uploads.signed_post(request.object_key, WINDOW, MAX_CSV_BYTES)
        self.opening.requests.create(request, now + WINDOW + self.opening.patience)
        return Presigned(
            request_id=request_id,
            status=request.status,
            message="POST the fields and then the CSV, as `file`, to the URL",
            upload=PresignedPost(**post),
            upload_until=iso(now + WINDOW),
            max_bytes=MAX_CSV_BYTES,
            webhook_url=wishes.webhook_url,
            links=self.opening.links(request_id),
        )


def fields_of(body: UploadsBody) -> dict[str, str]:
    """The options of a JSON body, as text, as a form has them."""
    given = body.model_dump(mode="json", exclude_unset=True, exclude_none=True, exclude={"file_name", "csv_url"})
    return {name: _text(value) for name, value in given.items()}


def _text(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
