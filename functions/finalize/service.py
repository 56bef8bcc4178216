"""Ends requests: the output CSV, the status, a drop's copy, the events; only then nobody looks after it any more.

Whatever dies in between is done again with the same bytes and the same event ids.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from functions.core.catalogue import Layout, PlanPart, write_csv
from functions.core.ending import can_end
from functions.core.errors import RequestCode
from functions.core.messages import EventTask, FinalizeTask
from functions.core.model import END_EVENTS, Request, RequestStatus
from functions.finalize.drop_copy import CSV_TYPE, DropCopies, output_key
from functions.finalize.rows import Results, output_rows


class Requests(Protocol):
    """The request records."""

    def find(self, request_id: str) -> Request | None: ...
    def end(self, request_id: str, status: RequestStatus, error: RequestCode | None, now: float) -> bool: ...
    def leave_due_index(self, request_id: str) -> bool: ...


class Plans(Protocol):
    """The plans."""

    def part(self, request_id: str, number: int) -> PlanPart: ...
    def survey(self, request_id: str) -> dict[str, Any] | None: ...


class Objects(Protocol):
    """Where output CSVs are kept."""

    def put_stream(self, key: str, chunks: Iterable[bytes], media_type: str) -> None: ...


class NotifyQueue(Protocol):
    """Where events go."""

    def send(self, task: EventTask) -> None: ...


@dataclass(frozen=True, slots=True)
class Finalize:
    """`image_url` makes the URL of a picture from its object key."""

    requests: Requests
    results: Results
    plans: Plans
    objects: Objects
    outgoing: DropCopies
    notify: NotifyQueue
    image_url: Callable[[str], str]
    clock: Callable[[], float]

    def run(self, task: FinalizeTask) -> None:
        """End the request by its counts or with the verdict; of one that has ended, do again what follows."""
        request = self.requests.find(task.request_id)
        if request is None:
            return
        if not request.status.is_terminal:
            if not can_end(request, task.verdict):
                return  # a repeated message, or one that progress has overtaken
            if not self._end(request, self._verdict(request, task)):
                self.run(task)  # another step was first, or the plan was finished: look again
                return
        self._announce(task.request_id)

    def _verdict(self, request: Request, task: FinalizeTask) -> RequestCode | None:
        """Why the request fails; None when it does not."""
        if request.chunks_total is None:
            return task.verdict
        if request.chunks_total == 0:
            return RequestCode.NO_IMAGES
        is_failed = request.is_counted and request.failed_images == request.processed_images
        return RequestCode.ALL_IMAGES_FAILED if is_failed else None

    def _end(self, request: Request, error: RequestCode | None) -> bool:
        if request.chunks_total is not None:
            self._write_csv(request)
        status = RequestStatus.FAILED if error else RequestStatus.COMPLETED
        return self.requests.end(request.request_id, status, error, self.clock())

    def _write_csv(self, request: Request) -> None:
        found = self.plans.survey(request.request_id)
        if found is None:
            raise LookupError(f"request {request.request_id} has a plan but no survey")
        rows = output_rows(request, self.plans, self.results, self.image_url)
        with_errors = bool(request.failed_images or request.row_errors)
        blocks = write_csv(Layout.from_json(found["layout"]), request.options.csv, rows, with_errors)
        self.objects.put_stream(output_key(request.request_id), blocks, CSV_TYPE)

    def _announce(self, request_id: str) -> None:
        request = self.requests.find(request_id)
        if request is not None and request.status in END_EVENTS:
            self.outgoing.publish(request)
            self.notify.send(EventTask(request_id, END_EVENTS[request.status]))
        self.requests.leave_due_index(request_id)
