"""Takes a CSV over HTTPS: checked before anything is kept, stored, recorded, queued, in this order."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol
from uuid import NAMESPACE_OID, uuid5

from functions.api.http import ApiError, Code
from functions.api.keys import Caller
from functions.api.schemas import Accepted, DryRun, Links, RowProblem
from functions.api.uploads.checks import Checks, Wishes
from functions.api.uploads.form import ReadForm
from functions.core.catalogue import Survey
from functions.core.messages import IngestTask
from functions.core.model import Request, RequestStatus, Source, new_request
from functions.core.settings import PublicUrls

RETRY_AFTER = 2  # seconds until it is worth asking for the status
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Uploads(Protocol):
    """The bucket of CSVs."""

    def put(self, key: str, content: bytes, media_type: str) -> str: ...


class Requests(Protocol):
    """The request records."""

    def create(self, request: Request, due_at: float) -> bool: ...
    def find(self, request_id: str) -> Request | None: ...


class IngestQueue(Protocol):
    """Requests whose CSV is to be read."""

    def send(self, task: IngestTask) -> None: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """`lifetime` is how long records are kept, `patience` when recover first looks, both in seconds."""

    checks: Checks
    uploads: Uploads
    requests: Requests
    ingest: IngestQueue
    links: PublicUrls
    clock: Callable[[], float]
    new_id: Callable[[], str]
    lifetime: int
    patience: float

    def accept(self, caller: Caller, form: ReadForm, idempotency_key: str | None = None) -> Accepted | DryRun:
        """What the upload has started, or would have. Raises ApiError 400 with everything that is wrong, 422, 429.

        The same `idempotency_key` with the same CSV and options is answered with the request that is there.
        """
        wishes = self.checks.wishes(caller, form.fields)
        content = form.content or b""
        found = self.checks.csv(content, wishes.options)
        if wishes.options.run.dry_run:
            return _dry_run(found)
        request_id = idempotent_id(caller, idempotency_key) if idempotency_key else self.new_id()
        digest = _digest(content, wishes) if idempotency_key else None
        request = self._repeated(request_id, digest) if digest else None
        if request is None:
            self.checks.room_for(caller, found.images)
            planned = self._planned(caller.owner, request_id, form.file_name, wishes)
            request = self._started(replace(planned, total_images=found.images, idempotency_hash=digest), content)
        if request.status is RequestStatus.PENDING:
            self.ingest.send(IngestTask(request_id))  # also of a repeated call: the first may have died before this
        return _accepted(request, found, self.links)

    def _repeated(self, request_id: str, digest: str) -> Request | None:
        request = self.requests.find(request_id)
        if request is not None and (request.idempotency_hash != digest or request.expires_at <= self.clock()):
            raise key_reused()
        return request

    def _planned(self, owner: str, request_id: str, file_name: str, wishes: Wishes) -> Request:
        return new_request(
            request_id,
            owner,
            Source.API,
            f"uploads/{owner}/{request_id}/{safe_name(file_name)}",
            wishes.options,
            now=self.clock(),
            lifetime=self.lifetime,
            webhook_url=wishes.webhook_url,
        )

    def _started(self, planned: Request, content: bytes) -> Request:
        """The record, over the version of the CSV that was just put."""
        request = replace(planned, version_id=self.uploads.put(planned.object_key, content, "text/csv"))
        is_new = self.requests.create(request, request.created_at + self.patience)
        if is_new or request.idempotency_hash is None:
            return request
        held = self._repeated(request.request_id, request.idempotency_hash)  # two calls at once: the first one holds
        return held or request


def idempotent_id(caller: Caller, key: str) -> str:
    """The request id that an owner's Idempotency-Key always gives."""
    return str(uuid5(NAMESPACE_OID, f"{caller.owner}\n{key}"))


def key_reused() -> ApiError:
    """For an Idempotency-Key that cannot be answered with the request it made."""
    detail = "this Idempotency-Key came with another CSV or other options before, or its request has expired"
    return ApiError(Code.IDEMPOTENCY_KEY_REUSED, detail)


def safe_name(file_name: str) -> str:
    """A file name that can be part of an object key."""
    return _UNSAFE.sub("-", file_name)[-100:]


def links_to(request_id: str, links: PublicUrls) -> Links:
    """Where to go on with a request."""
    return Links(status=links.status(request_id), download=links.download(request_id))


def _digest(content: bytes, wishes: Wishes) -> str:
    asked = json.dumps([wishes.options.to_json(), wishes.webhook_url], sort_keys=True)
    return sha256(content + asked.encode()).hexdigest()


def _accepted(request: Request, found: Survey, links: PublicUrls) -> Accepted:
    return Accepted(
        request_id=request.request_id,
        status=request.status,
        message="File uploaded successfully; its images are being processed",
        total_images=found.images,
        warnings=list(found.warnings),
        errors=_row_problems(found),
        errors_total=found.errors_total,
        webhook_url=request.webhook_url,
        retry_of=None,
        links=links_to(request.request_id, links),
    )


def _dry_run(found: Survey) -> DryRun:
    return DryRun(
        dry_run=True,
        message=f"{_verdict(found)}; nothing was started",
        total_images=found.images,
        total_products=found.rows,
        warnings=list(found.warnings),
        errors=_row_problems(found),
        errors_total=found.errors_total,
    )


def _verdict(found: Survey) -> str:
    """What would become of a CSV that can be used."""
    if not found.images:
        return "The CSV has no images: its request would fail as no_images"
    bad = found.rows - found.good_rows
    if bad:
        return f"The CSV is good but for {bad:,} of {found.rows:,} rows, which would be left as they are"
    return "The CSV is good"


def _row_problems(found: Survey) -> list[RowProblem]:
    return [RowProblem(**error.to_json()) for error in found.errors]
