"""What recover needs of the world."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from functions.core.errors import RequestCode
from functions.core.messages import CompressTask, DeliveryTask, EventTask, FinalizeTask, IngestTask
from functions.core.model import Chunk, Delivery, EventType, Request, RequestStatus, Result, WebhookStatus
from functions.core.ports import RequestFinder, Sender


class Requests(RequestFinder, Protocol):
    """The request records and the due index. All writes are conditional."""

    def create(self, request: Request, due_at: float) -> bool: ...
    def end(self, request_id: str, status: RequestStatus, error: RequestCode | None, now: float) -> bool: ...
    def put_off(self, request_id: str, due_at: float) -> bool: ...
    def leave_due_index(self, request_id: str) -> bool: ...
    def set_webhook_status(self, request_id: str, status: WebhookStatus) -> bool: ...
    def due(self, now: float) -> Iterator[dict[str, Any]]: ...


class Chunks(Protocol):
    """`claim_resending` is False when another run has sent the images again."""

    def find(self, request_id: str, numbers: Iterable[int]) -> list[Chunk]: ...
    def results(self, request_id: str, chunk: int) -> list[Result]: ...
    def record(self, request_id: str, chunk: int, result: Result, expires_at: int) -> bool: ...
    def claim_resending(self, chunk: Chunk, now: int) -> bool: ...


class Deliveries(Protocol):
    """`give_up` and `put_off` change only a delivery that still waits."""

    def find(self, request_id: str, event: EventType, endpoint_id: str) -> Delivery | None: ...
    def of_request(self, request_id: str) -> list[Delivery]: ...
    def give_up(self, request_id: str, event: EventType, endpoint_id: str) -> bool: ...
    def put_off(self, delivery: Delivery, due_at: float) -> bool: ...


class CompressQueue(Protocol):
    """In batches, one message an image."""

    def send_all(self, tasks: Iterable[CompressTask]) -> None: ...


class IngestQueue(Sender[IngestTask], Protocol):
    """Requests whose CSV is to be read."""

    def is_empty(self) -> bool: ...


FinalizeQueue = Sender[FinalizeTask]
NotifyQueue = Sender[EventTask | DeliveryTask]
