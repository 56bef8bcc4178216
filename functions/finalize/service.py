"""Ends requests: the output CSV, the status, a drop's copy, the events; only then nobody looks after it any more.

Whatever dies in between is done again with the same bytes and the same event ids.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from functions.core.catalogue import PlanReader, ResultReader
from functions.core.ending import can_end
from functions.core.errors import RequestCode
from functions.core.messages import EventTask, FinalizeTask
from functions.core.model import END_EVENTS, Request, RequestStatus
from functions.core.ports import RequestFinder, Sender
from functions.core.reports import Report, RequestEnded, unreported
from functions.finalize.drop_copy import CSV_TYPE, DropCopies, output_key
from functions.finalize.rows import output_csv


class Requests(RequestFinder, Protocol):
    """`end` is False when another step was first."""

    def end(self, request_id: str, status: RequestStatus, error: RequestCode | None, now: float) -> bool: ...
    def leave_due_index(self, request_id: str) -> bool: ...


class Objects(Protocol):
    """Where output CSVs are kept."""

    def put_stream(self, key: str, chunks: Iterable[bytes], media_type: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Finalize:
    """`image_url` makes the URL of a picture from its object key."""

    requests: Requests
    results: ResultReader
    plans: PlanReader
    objects: Objects
    copies: DropCopies
    notify: Sender[EventTask]
    image_url: Callable[[str], str]
    clock: Callable[[], float]
    report: Report = unreported

    def run(self, task: FinalizeTask) -> None:
        """End the request by its counts or with the verdict; of one that has ended, do again what follows."""
        request = self.requests.find(task.request_id)
        while request is not None and not request.status.is_terminal:
            if not can_end(request, task.verdict):
                return  # a repeated message, or one that progress has overtaken
            self._end(request, self._verdict(request, task))
            request = self.requests.find(task.request_id)  # where another step was first, or the plan was finished
        if request is not None:
            self._announce(request)

    def _verdict(self, request: Request, task: FinalizeTask) -> RequestCode | None:
        """Why the request fails; None when it does not."""
        if request.chunks_total is None:
            return task.verdict
        if request.chunks_total == 0:
            return RequestCode.NO_IMAGES
        is_failed = request.is_counted and request.failed_images == request.processed_images
        return RequestCode.ALL_IMAGES_FAILED if is_failed else None

    def _end(self, request: Request, error: RequestCode | None) -> None:
        if request.chunks_total is not None:
            self._write_csv(request)
        status, now = RequestStatus.FAILED if error else RequestStatus.COMPLETED, self.clock()
        if self.requests.end(request.request_id, status, error, now):
            self.report(RequestEnded(replace(request, status=status, error=error, ended_at=now)))

    def _write_csv(self, request: Request) -> None:
        blocks = output_csv(request, self.plans, self.results, self.image_url)
        self.objects.put_stream(output_key(request.request_id), blocks, CSV_TYPE)

    def _announce(self, request: Request) -> None:
        if request.status in END_EVENTS:
            self.copies.publish(request)
            self.notify.send(EventTask(request.request_id, END_EVENTS[request.status]))
        self.requests.leave_due_index(request.request_id)
