"""Turns a message that died in a DLQ into an honest terminal state."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.core.drop import Drop, arrivals, dropped_request
from functions.core.errors import ImageCode, RequestCode
from functions.core.messages import (
    CompressTask,
    DeliveryTask,
    EventTask,
    ExportTask,
    FinalizeTask,
    IngestTask,
    PingTask,
    UnknownMessageError,
    finalize_task,
    notify_task,
)
from functions.core.model import EventType, Request, RequestStatus, Result, WebhookStatus, webhook_status
from functions.core.options import Options
from functions.core.presigned import PresignedUpload
from functions.recover.ports import Chunks, Deliveries, FinalizeQueue, NotifyQueue, Requests


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """`lifetime` and `patience` are seconds, as for every request."""

    requests: Requests
    chunks: Chunks
    deliveries: Deliveries
    finalize: FinalizeQueue
    notify: NotifyQueue
    clock: Callable[[], float]
    lifetime: int
    patience: float

    def bury(self, body: str) -> str:
        """End what the message was about; a word on what that was. Raises UnknownMessageError when nobody knows."""
        fields = _fields(body)
        match fields.get("kind"):
            case "compress":
                return self._image(CompressTask.from_body(body))
            case "ingest":
                return self._request(IngestTask.from_body(body).request_id)
            case "finalize" | "export":
                return self._finalization(finalize_task(body))
            case "event" | "deliver" | "ping":
                return self._webhook(notify_task(body))
        if "Records" in fields:
            return self._arrivals(fields)
        if "DDBStreamBatchInfo" in fields:
            return "stream records that could not be counted: the sweep settles their chunks"
        raise UnknownMessageError(f"a dead message that nobody knows: {body[:200]!r}")

    def _image(self, task: CompressTask) -> str:
        """What dies without a word is given up: the stream counts it like any other result."""
        request = self.requests.find(task.request_id)
        if request is not None and not request.status.is_terminal:
            result = Result(task.n, task.url, ImageCode.GAVE_UP)
            self.chunks.record(task.request_id, task.chunk, result, request.expires_at)
        return f"image {task.n} of request {task.request_id} gave up"

    def _request(self, request_id: str) -> str:
        request = self.requests.find(request_id)
        if request is not None and self._is_being_planned(request):
            return f"request {request_id} is being planned by another run: left to the sweep"
        self.finalize.send(FinalizeTask(request_id, RequestCode.INGEST_FAILED))
        return f"the CSV of request {request_id} could not be read"

    def _is_being_planned(self, request: Request) -> bool:
        return request.status is RequestStatus.PROCESSING and self.clock() < request.updated_at + self.patience

    def _arrivals(self, event: dict[str, Any]) -> str:
        told = [self._drop(each) if isinstance(each, Drop) else self._upload(each) for each in arrivals(event)]
        return "; ".join(told) or "a notification of nothing that is worked on"

    def _drop(self, drop: Drop) -> str:
        """There may be no record of it yet: its owner is to find out all the same."""
        now = self.clock()
        self.requests.create(dropped_request(drop, Options(), "", now, self.lifetime), now + self.patience)
        return self._request(drop.request_id)

    def _upload(self, upload: PresignedUpload) -> str:
        """A request is never made of it: the API has, or the key is nobody's. One of another version goes on."""
        request = self.requests.find(upload.request_id)
        if request is None or request.object_key != upload.key:
            return f"an upload that nobody waits for: {upload.key}"
        if request.version_id not in {"", upload.version_id}:
            return f"a later upload for request {upload.request_id}, which is of the first"
        return self._request(upload.request_id)

    def _finalization(self, task: FinalizeTask | ExportTask) -> str:
        """Only here is a status written by others than finalize: finalize is what failed."""
        if isinstance(task, ExportTask):
            return f"an export of {task.owner} could not be written"
        error = task.verdict
        if error is None or error is RequestCode.NO_IMAGES:  # these should have had an output CSV
            error = RequestCode.FINALIZE_FAILED
        self.requests.end(task.request_id, RequestStatus.FAILED, error, self.clock())
        request = self.requests.find(task.request_id)
        if request is not None and request.status in _EVENTS:
            self.notify.send(EventTask(task.request_id, _EVENTS[request.status]))
            self.requests.is_settled(task.request_id)
        return f"request {task.request_id} could not be finalised"

    def _webhook(self, task: EventTask | DeliveryTask | PingTask) -> str:
        if isinstance(task, PingTask):
            return f"the test of endpoint {task.endpoint_id} of {task.owner} could not be sent"
        if isinstance(task, DeliveryTask):
            self._give_up(task)
        elif self._is_unsent(task):
            self.requests.set_webhook_status(task.request_id, WebhookStatus.FAILED)
        return f"the webhook of request {task.request_id} could not be sent"

    def _give_up(self, task: DeliveryTask) -> None:
        """The message may have died after its attempt had arrived: then nothing failed."""
        self.deliveries.give_up(task.request_id, task.event, task.endpoint_id)
        status = webhook_status({delivery.state for delivery in self.deliveries.of_request(task.request_id)})
        if status is not None:
            self.requests.set_webhook_status(task.request_id, status)

    def _is_unsent(self, task: EventTask) -> bool:
        request = self.requests.find(task.request_id)
        return request is not None and request.webhook_status is WebhookStatus.NOT_SENT


_EVENTS = {RequestStatus.COMPLETED: EventType.COMPLETED, RequestStatus.FAILED: EventType.FAILED}


def _fields(body: str) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise UnknownMessageError(f"a dead message that is not JSON: {body[:200]!r}") from error
    return fields if isinstance(fields, dict) else {}
