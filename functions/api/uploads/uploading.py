"""Takes a CSV over HTTPS: checked before anything is kept, stored, recorded, queued, in this order."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol
from urllib.parse import urlsplit

from functions.api.http import ApiError, Code
from functions.api.keys import Caller
from functions.api.schemas import Accepted, DryRun, Links, Preview, RowProblem
from functions.api.uploads.checks import Checks
from functions.api.uploads.form import ReadForm
from functions.api.uploads.opening import Opening
from functions.api.uploads.preview import preview
from functions.core.catalogue import NotAUrlError, Survey, urls_of
from functions.core.csv import converted_key, is_workbook, is_workbook_key
from functions.core.model import Request, Source, new_request
from functions.core.network import is_bucket_url
from functions.core.uploads import Wishes

MAX_NAME = 255  # characters, as file systems take
RETRY_AFTER = 2  # seconds until it is worth asking for the status
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Uploads(Protocol):
    """The bucket of CSVs."""

    def put(self, key: str, content: bytes, media_type: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """Checks a CSV that was posted, and starts its request."""

    checks: Checks
    uploads: Uploads
    opening: Opening

    def accept(self, caller: Caller, form: ReadForm, idempotency_key: str | None = None) -> Accepted | DryRun:
        """What the upload has started, or would have. Raises ApiError 400 with everything that is wrong, 422, 429.

        The same `idempotency_key` with the same CSV and options is answered with the request that is there.
        """
        wishes = self.checks.wishes(caller, form.fields)
        content, file_name = form.content or b"", safe_name(form.file_name)
        sheet = None
        if is_workbook(content):
            sheet, found = self.checks.sheet(content, wishes.options)
            content, file_name = sheet.content, converted_key(_with_ending(file_name))
        else:
            found = self.checks.csv(content, wishes.options)
        if wishes.options.run.dry_run:
            return _dry_run(found, preview(content, found, wishes.options.csv.mode, sheet.name if sheet else None))
        request_id = self.opening.request_id(caller, idempotency_key)
        digest = _digest(content, wishes) if idempotency_key else None
        request = self._repeated(request_id, digest) if digest else None
        if request is None:
            self.checks.room_for(caller, found.images)
            planned = self._planned(caller.owner, request_id, file_name, wishes)
            planned = replace(planned, file_name=display_name(form.file_name))
            request = self._started(replace(planned, total_images=found.images, idempotency_hash=digest), content)
        self.opening.enqueue(request)
        return _accepted(request, found, self.opening.links(request.request_id))

    def _repeated(self, request_id: str, digest: str) -> Request | None:
        return self.opening.repeated(request_id, lambda held: held.idempotency_hash == digest)

    def _planned(self, owner: str, request_id: str, file_name: str, wishes: Wishes) -> Request:
        return new_request(
            request_id,
            owner,
            Source.API,
            f"uploads/{owner}/{request_id}/{file_name}",
            wishes.options,
            now=self.opening.clock(),
            lifetime=self.opening.lifetime,
            webhook_url=wishes.webhook_url,
        )

    def _started(self, planned: Request, content: bytes) -> Request:
        """The record, over the version of the CSV that was just put."""
        request = replace(planned, version_id=self.uploads.put(planned.object_key, content, "text/csv"))
        return self.opening.create(request, lambda held: held.idempotency_hash == request.idempotency_hash)

    def accept_url(
        self, caller: Caller, url: str, fields: Mapping[str, str], idempotency_key: str | None = None
    ) -> Accepted:
        """Start a request whose CSV ingest fetches from an address. Raises ApiError 400, 422, 429."""
        address = _checked_address(url)
        wishes = self.checks.wishes(caller, fields)
        request_id = self.opening.request_id(caller, idempotency_key)
        digest = _digest(address.encode(), wishes) if idempotency_key else None
        request = self._repeated(request_id, digest) if digest else None
        if request is None:
            self.checks.room_for(caller, 1)
            name = display_name(urlsplit(address).path) or urlsplit(address).netloc
            planned = self._planned(caller.owner, request_id, "feed.csv", wishes)
            planned = replace(planned, csv_url=address, file_name=name, idempotency_hash=digest)
            request = self.opening.create(planned, lambda held: held.idempotency_hash == digest)
        self.opening.enqueue(request)
        message = "The CSV is being fetched; its status tells what is in it"
        return _begun(request, message, self.opening.links(request.request_id))


def _checked_address(url: str) -> str:
    """The address of a CSV. Raises ApiError 400; whether it may be connected to is checked when it is fetched."""
    try:
        found = urls_of(url)
    except NotAUrlError:
        found = ()
    if len(found) != 1 or is_bucket_url(found[0]):
        error = {"name": "csv_url", "message": f"must be one http(s) URL, not {url[:80]!r}"}
        raise ApiError(Code.INVALID_OPTIONS, f"csv_url: {error['message']}", [error])
    return found[0]


def display_name(file_name: str) -> str:
    """A file name as it is shown: what was given, without a path, control characters and what exceeds MAX_NAME."""
    name = re.split(r"[/\\\\]", file_name)[-1]
    return "".join(character for character in name if character.isprintable()).strip()[:MAX_NAME]


def safe_name(file_name: str) -> str:
    """A file name that can be part of an object key."""
    return _UNSAFE.sub("-", file_name)[-100:]


def _with_ending(name: str) -> str:
    """The name of a workbook's file, with an ending that says so."""
    return name if is_workbook_key(name) else f"{name}.xlsx"


def _digest(content: bytes, wishes: Wishes) -> str:
    asked = json.dumps([wishes.options.to_json(), wishes.webhook_url], sort_keys=True)
    return sha256(content + asked.encode()).hexdigest()


def _begun(request: Request, message: str, links: Links) -> Accepted:
    """Of a request of whose CSV nothing is known yet."""
    return Accepted(
        request_id=request.request_id,
        status=request.status,
        message=message,
        total_images=0,
        warnings=[],
        errors=[],
        errors_total=0,
        webhook_url=request.webhook_url,
        retry_of=None,
        links=links,
    )


def _accepted(request: Request, found: Survey, links: Links) -> Accepted:
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
        links=links,
    )


def _dry_run(found: Survey, seen: Preview) -> DryRun:
    return DryRun(
        dry_run=True,
        message=f"{_verdict(found)}; nothing was started",
        total_images=found.images,
        total_products=found.rows,
        warnings=list(found.warnings),
        errors=_row_problems(found),
        errors_total=found.errors_total,
        preview=seen,
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
