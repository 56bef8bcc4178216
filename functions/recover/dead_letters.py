"""Turns a message that died in a DLQ into an honest terminal state."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.core.ending import can_end
from functions.core.errors import ImageCode, RequestCode
from functions.core.messages import (
    CompressTask,
    DeliveryTask,
    EventTask,
    FileTask,
    FinalizeTask,
    IngestTask,
    PingTask,
    UnknownMessageError,
    finalize_task,
    notify_task,
)
from functions.core.model import END_EVENTS, ENDS, Request, RequestStatus, Result, WebhookStatus, webhook_status
from functions.core.options import Options
from functions.core.reports import ImagesEnded, Report, unreported
from functions.core.uploads import Drop, PresignedUpload, Wishes, arrivals, dropped_request
from functions.recover.ports import Chunks, Deliveries, FinalizeQueue, NotifyQueue, Requests


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """`lifetime`, `patience` and `deadline` are seconds, as for every request."""

    requests: Requests
    chunks: Chunks
    deliveries: Deliveries
    finalize: FinalizeQueue
    notify: NotifyQueue
    clock: Callable[[], float]
    lifetime: int
    patience: float
    deadline: float
    report: Report = unreported

    def bury(self, body: str) -> str:
        """End what the message was about, and return a sentence for the log. Raises UnknownMessageError."""
        fields = _fields(body)
        match fields.get("kind"):
            case "compress":
                return self._image(CompressTask.from_body(body))
            case "ingest":
                return self._request(IngestTask.from_body(body).request_id)
            case "finalize" | "export" | "archive" | "workbook":
                return self._finalization(finalize_task(body))
            case "event" | "deliver" | "ping":
                return self._webhook(notify_task(body))
        if "Records" in fields:
            return self._arrivals(fields)
        if "DDBStreamBatchInfo" in fields:
            return "stream records that could not be counted: the sweep settles their chunks"
        raise UnknownMessageError(f"a dead message that nobody knows: {body[:200]!r}")

    def _image(self, task: CompressTask) -> str:
        """Record the image as given up. The stream counts it like any other result."""
        request = self.requests.find(task.request_id)
        if request is not None and not request.status.is_terminal:
            result = Result(task.n, task.url, ImageCode.GAVE_UP)
            if self.chunks.record(task.request_id, task.chunk, result, request.expires_at):
                self.report(ImagesEnded(task.request_id, [result]))
        return f"image {task.n} of request {task.request_id} gave up"

    def _request(self, request_id: str) -> str:
        request = self.requests.find(request_id)
        if request is not None and self._is_being_planned(request):
            return f"request {request_id} is being planned by another run: left to the sweep"
        if request is not None and not can_end(request, RequestCode.INGEST_FAILED):
            return f"request {request_id} was planned by another run"
        self.finalize.send(FinalizeTask(request_id, RequestCode.INGEST_FAILED))
        return f"the CSV of request {request_id} could not be read"

    def _is_being_planned(self, request: Request) -> bool:
        return request.status is RequestStatus.PROCESSING and self.clock() < request.updated_at + self.patience

    def _arrivals(self, event: dict[str, Any]) -> str:
        told = [self._drop(each) if isinstance(each, Drop) else self._upload(each) for each in arrivals(event)]
        return "; ".join(told) or "a notification of nothing that is worked on"

    def _drop(self, drop: Drop) -> str:
        """Make the record if there is none yet, so that the owner finds out."""
        now = self.clock()
        self.requests.create(dropped_request(drop, Wishes(Options(), None), now, self.lifetime), now + self.patience)
        return self._request(drop.request_id)

    def _upload(self, upload: PresignedUpload) -> str:
        """Never makes a request: the API has made it, or nobody has. An upload of a later version is ignored."""
        request = self.requests.find(upload.request_id)
        if request is None or request.object_key != upload.key:
            return f"an upload that nobody waits for: {upload.key}"
        if request.version_id not in {"", upload.version_id}:
            return f"a later upload for request {upload.request_id}, which is of the first"
        return self._request(upload.request_id)

    def _finalization(self, task: FinalizeTask | FileTask) -> str:
        """The only place besides finalize that writes a terminal status: here finalize is what failed."""
        if isinstance(task, FileTask):
            return f"a file that {task.owner} asked for could not be written: {task.key}"
        has_failed = self._end(task)
        request = self.requests.find(task.request_id)
        if request is not None and request.status in END_EVENTS:
            self.notify.send(EventTask(task.request_id, END_EVENTS[request.status]))
            if has_failed or self._is_late(request):  # else the sweep has finalize do what follows the end
                self.requests.leave_due_index(task.request_id)
        return f"request {task.request_id} could not be finalised"

    def _end(self, task: FinalizeTask) -> bool:
        """Whether the request failed by this. It did not if it has ended, or progress has overtaken the verdict."""
        request = self.requests.find(task.request_id)
        if request is None or request.status.is_terminal or not can_end(request, task.verdict):
            return False
        error = task.verdict
        if error is None or request.chunks_total is not None:  # it should have had an output CSV
            error = RequestCode.FINALIZE_FAILED
        return self.requests.end(task.request_id, RequestStatus.FAILED, error, self.clock())

    def _is_late(self, request: Request) -> bool:
        """Whether the event has been tried for as long as a request may take."""
        return self.clock() > (request.ended_at or request.created_at) + self.deadline

    def _webhook(self, task: EventTask | DeliveryTask | PingTask) -> str:
        if isinstance(task, PingTask):
            return f"the test of endpoint {task.endpoint_id} of {task.owner} could not be sent"
        if isinstance(task, EventTask):
            return self._event(task)
        self._give_up(task)
        return f"the webhook of request {task.request_id} could not be sent"

    def _event(self, task: EventTask) -> str:
        """Announce the event again: a long outage may be over. When it is late, say that nobody was told."""
        request = self.requests.find(task.request_id)
        if request is not None and not self._is_late(request):
            self.notify.send(task)
            return f"the event of request {task.request_id} could not be announced: it is tried again"
        if request is not None and self._is_unsent(request, task):
            self.requests.set_webhook_status(task.request_id, WebhookStatus.FAILED)
        return f"the event of request {task.request_id} could not be announced"

    def _give_up(self, task: DeliveryTask) -> None:
        """Give up the delivery. If its attempt had arrived before the message died, nothing has failed."""
        self.deliveries.give_up(task.request_id, task.event, task.endpoint_id)
        status = webhook_status(self.deliveries.of_request(task.request_id))
        if status is not None:
            self.requests.set_webhook_status(task.request_id, status)

    def _is_unsent(self, request: Request, task: EventTask) -> bool:
        """Whether the event was an end, and no delivery of an end was made.

        A start that could not be announced does not count: its end may still be. Where deliveries were made, the
        status of the request is theirs to show.
        """
        is_owed = request.webhook_status is WebhookStatus.NOT_SENT and task.event in ENDS
        return is_owed and not any(each.event in ENDS for each in self.deliveries.of_request(request.request_id))


def _fields(body: str) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise UnknownMessageError(f"a dead message that is not JSON: {body[:200]!r}") from error
    return fields if isinstance(fields, dict) else {}
