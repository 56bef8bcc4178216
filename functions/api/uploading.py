"""Takes a CSV over HTTPS: checked before anything is kept, stored, recorded, queued, in this order."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from functions.api.form import UploadForm
from functions.api.keys import Caller
from functions.api.problem import ApiError
from functions.core.messages import IngestTask
from functions.core.model import MAX_IMAGES, Request, Source, WebhookStatus
from functions.core.options import InvalidOptionsError, Mode, Options, parse_options
from functions.core.product_csv import InvalidCsvError, RowError, Survey, survey
from functions.core.settings import Links
from functions.core.webhook_url import WebhookUrlError, checked_webhook_url

RETRY_AFTER = 2  # seconds until it is worth asking for the status
WEBHOOK_FIELD = "webhook_url"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Uploads(Protocol):
    """The bucket of CSVs."""

    def put(self, key: str, content: bytes, media_type: str) -> str: ...


class Requests(Protocol):
    """The request records."""

    def create(self, request: Request, due_at: float) -> bool: ...


class IngestQueue(Protocol):
    """Requests whose CSV is to be read."""

    def send(self, task: IngestTask) -> None: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """`lifetime` is how long records are kept, `patience` when recover first looks, both in seconds."""

    uploads: Uploads
    requests: Requests
    ingest: IngestQueue
    links: Links
    clock: Callable[[], float]
    new_id: Callable[[], str]
    lifetime: int
    patience: float
    https_only: bool

    def accept(self, caller: Caller, form: UploadForm) -> dict[str, Any]:
        """The body of the 202. Raises ApiError 400 with everything that is wrong."""
        webhook_url = self._webhook_url(form.fields.pop(WEBHOOK_FIELD, ""))
        options = _options(form.fields)
        content = form.content or b""
        found = _survey(content, options)
        request_id = self.new_id()
        key = f"uploads/{caller.owner}/{request_id}/{_UNSAFE.sub('-', form.file_name)[-100:]}"
        version_id = self.uploads.put(key, content, "text/csv")
        now = self.clock()
        request = Request(
            request_id=request_id,
            owner=caller.owner,
            source=Source.API,
            object_key=key,
            version_id=version_id,
            options=options,
            webhook_url=webhook_url or None,
            webhook_status=WebhookStatus.NOT_SENT if webhook_url else None,
            total_images=found.images,
            created_at=now,
            updated_at=now,
            expires_at=int(now) + self.lifetime,
        )
        self.requests.create(request, now + self.patience)
        self.ingest.send(IngestTask(request_id))
        return _accepted(request, found, self.links)

    def _webhook_url(self, text: str) -> str:
        try:
            return checked_webhook_url(text, https_only=self.https_only)
        except WebhookUrlError as error:
            raise ApiError(HTTPStatus.BAD_REQUEST, f"{WEBHOOK_FIELD}: {error}") from error


def _accepted(request: Request, found: Survey, links: Links) -> dict[str, Any]:
    return {
        "request_id": request.request_id,
        "status": request.status,
        "message": "File uploaded successfully; its images are being processed",
        "total_images": found.images,
        "warnings": list(found.warnings),
        "errors": [error.to_json() for error in found.errors],
        "errors_total": found.errors_total,
        "webhook_url": request.webhook_url,
        "links": {"status": links.status(request.request_id), "download": links.download(request.request_id)},
    }


def _options(fields: dict[str, str]) -> Options:
    try:
        return parse_options(fields)
    except InvalidOptionsError as error:
        errors = [{"name": wrong.name, "message": wrong.message} for wrong in error.errors]
        raise ApiError(HTTPStatus.BAD_REQUEST, str(error), errors) from error


def _survey(content: bytes, options: Options) -> Survey:
    """What the CSV holds. Raises ApiError for one that would only fail later."""

    def source(offset: int) -> Iterator[bytes]:
        yield content[offset:]

    try:
        found = survey(source, options.csv)
    except InvalidCsvError as error:
        raise _bad_csv(error.errors, error.errors_total) from error
    if found.images > MAX_IMAGES or (found.errors_total and (options.csv.mode is Mode.STRICT or not found.good_rows)):
        raise _bad_csv(found.errors, found.errors_total)
    return found


def _bad_csv(errors: list[RowError] | tuple[RowError, ...], total: int) -> ApiError:
    first = errors[0]
    more = f" (and {total - 1:,} more)" if total > 1 else ""
    detail = f"the CSV cannot be used: line {first.line}: {first.message}{more}"
    return ApiError(HTTPStatus.BAD_REQUEST, detail, [error.to_json() for error in errors], errors_total=total)
