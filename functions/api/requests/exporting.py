"""Exports: at once where they are small, else as a file that finalize writes."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Protocol

from functions.api.http import ApiError, Code, not_found
from functions.api.keys import Caller
from functions.core.catalogue import Ordered, PlanReader, ResultReader, archive_parts, export_header, export_rows
from functions.core.csv import MAX_SHEET_ROWS
from functions.core.messages import ArchiveTask, ExportTask, FileTask, WorkbookTask
from functions.core.model import Request
from functions.core.ports import Sender
from functions.core.settings import PublicUrls

MAX_BYTES_AT_ONCE = 4_000_000  # a Lambda answers with 6 MB at the most
MAX_IMAGES_AT_ONCE = 10_000  # some 3 MB of rows
MAX_REQUESTS_AT_ONCE = 1_000
MAX_PARTS_AT_ONCE = 1_000  # of their plans: to read one takes some 50 ms, with few images in it or many
READERS = 16  # requests that are read at a time
READING_SECONDS = 15.0  # after which it becomes a file; a call has 29
WAITING_SECONDS = 20.0  # from the call's begin, for a file that is being written
LOOK_EVERY = 1.0  # second
FRESH = 3_600  # seconds for which a file that was written is given out
PATIENCE = 1_800  # seconds after which a file that did not come is ordered again: two runs of finalize
MAX_TRIES = 3  # then it is too much to be written at all


class Index(Protocol):
    """An owner's requests made from `since` to before `until`, oldest first."""

    def between(self, owner: str, since: float, until: float) -> Iterable[Request]: ...


class Exports(Protocol):
    """What is known of exports that were asked for."""

    def last(self, owner: str) -> Ordered | None: ...
    def order(self, owner: str, ordered: Ordered, before: Ordered | None) -> bool: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """The object key of an export file; None where it is still being written after WAITING_SECONDS."""

    key: str | None


@dataclass(frozen=True, slots=True)
class Export:
    """Answers with the CSV, or with the file that it becomes."""

    index: Index
    plans: PlanReader
    results: ResultReader
    exports: Exports
    finalize: Sender[FileTask]
    urls: PublicUrls
    clock: Callable[[], float]
    pause: Callable[[float], None]

    def of_requests(self, caller: Caller, since: datetime | None, until: datetime | None) -> bytes | Prepared:
        """All images of the caller's requests that were made from `since` to before `until`."""
        now = self.clock()
        times = since.timestamp() if since else 0.0, until.timestamp() if until else now + 1
        alive = (request for request in self.index.between(caller.owner, *times) if request.expires_at > now)
        first = list(islice(alive, MAX_REQUESTS_AT_ONCE + 1))
        return self._answer(first, ExportTask(caller.owner, _export_id(since, until), *times))

    def of_request(self, request: Request) -> bytes | Prepared:
        """The images of one request."""
        export_id = _export_id(request.request_id, request.ended_at)  # of one that runs there will be more
        task = ExportTask(request.owner, export_id, 0.0, self.clock(), request.request_id)
        return self._answer([request], task)

    def archive_of(self, request: Request, part: int) -> Prepared:
        """A part of the ZIP of a request's pictures. Raises ApiError 404 for one that there is not."""
        if part > archive_parts(request):
            raise not_found(f"the ZIP has no part {part}")
        export_id = _export_id(request.request_id, request.ended_at, "zip", part)
        task = ArchiveTask(request.owner, export_id, request.request_id, part)
        return self._awaited(task, self.clock() + WAITING_SECONDS)

    def workbook_of(self, request: Request) -> Prepared:
        """The output of a request as a workbook. Raises ApiError 400 for one that would be too large."""
        if request.rows > MAX_SHEET_ROWS:
            detail = (
                f"as: a workbook has up to {MAX_SHEET_ROWS:,} rows, this request has {request.rows:,}; take the CSV"
            )
            raise ApiError(Code.INVALID_PARAMETERS, detail)
        task = WorkbookTask(request.owner, _export_id(request.request_id, request.ended_at, "xlsx"), request.request_id)
        return self._awaited(task, self.clock() + WAITING_SECONDS)

    def _answer(self, requests: list[Request], task: ExportTask) -> bytes | Prepared:
        began = self.clock()
        images = sum(request.total_images for request in requests)
        parts = sum(request.parts_planned for request in requests)
        is_few = len(requests) <= MAX_REQUESTS_AT_ONCE and parts <= MAX_PARTS_AT_ONCE
        if is_few and images <= MAX_IMAGES_AT_ONCE:
            content = self._content(requests, began + READING_SECONDS)
            if content is not None:
                return content
        return self._awaited(task, began + WAITING_SECONDS)

    def _content(self, requests: list[Request], until: float) -> bytes | None:
        """The whole CSV; None where it is too large, or takes too long to be read."""

        def rows_of(request: Request) -> bytes:
            return b"".join(export_rows(request, self.plans, self.results, self.urls.image))

        pieces = [export_header()]
        size = len(pieces[0])
        with ThreadPoolExecutor(READERS) as readers:
            for rows in readers.map(rows_of, requests):
                pieces.append(rows)
                size += len(rows)
                if size > MAX_BYTES_AT_ONCE or self.clock() > until:
                    readers.shutdown(wait=False, cancel_futures=True)
                    return None
        return b"".join(pieces)

    def _awaited(self, task: FileTask, until: float) -> Prepared:
        """The file once it is there; it is ordered as soon as no other one of the owner is being written."""
        while not (found := self._file(task)).key and self.clock() + LOOK_EVERY < until:
            self.pause(LOOK_EVERY)
        return found

    def _file(self, task: FileTask) -> Prepared:
        """The file, if it is there; else it is ordered, unless one of the owner is being written."""
        now, last = self.clock(), self.exports.last(task.owner)
        is_same = last is not None and last.export_id == task.export_id
        if last and is_same and last.ready_at is not None and now < last.ready_at + FRESH:
            return Prepared(task.key)
        if last and last.ready_at is None and now < last.asked_at + PATIENCE:
            return Prepared(None)
        tries = last.tries + 1 if last and is_same and last.ready_at is None else 1
        if tries > MAX_TRIES:
            raise ApiError(Code.UNAVAILABLE, "the export could not be written; ask for a shorter time")
        if self.exports.order(task.owner, Ordered(task.export_id, now, tries), last):
            self.finalize.send(task)
        return Prepared(None)


def _export_id(*asked: object) -> str:
    return sha256("\n".join(map(str, asked)).encode()).hexdigest()[:32]
