"""What notify needs of the world."""

from collections.abc import Mapping
from typing import Any, Protocol

from functions.core.messages import DeliveryTask
from functions.core.model import (
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    EventType,
    Result,
    WebhookStatus,
)
from functions.core.ports import RequestFinder
from functions.core.webhooks import Posted


class Requests(RequestFinder, Protocol):
    """The request records."""

    def expect_webhooks(self, request_id: str) -> bool: ...
    def expect_no_webhooks(self, request_id: str) -> bool: ...
    def set_webhook_status(self, request_id: str, status: WebhookStatus) -> bool: ...


class Endpoints(Protocol):
    """The endpoint records."""

    def of_owner(self, owner: str) -> list[Endpoint]: ...
    def find(self, owner: str, endpoint_id: str) -> Endpoint | None: ...
    def disable(self, owner: str, endpoint_id: str) -> bool: ...
    def log_test(self, owner: str, endpoint_id: str, attempt: Attempt) -> bool: ...


class Deliveries(Protocol):
    """The delivery records."""

    def create(self, delivery: Delivery, due_at: float, expires_at: int) -> bool: ...
    def find(self, request_id: str, event: EventType, endpoint_id: str) -> Delivery | None: ...
    def of_request(self, request_id: str) -> list[Delivery]: ...
    def log_attempt(self, delivery: Delivery, attempt: Attempt, state: DeliveryState, due_at: float | None) -> bool: ...


class Results(Protocol):
    """The result records."""

    def results(self, request_id: str, chunk: int) -> list[Result]: ...


class NotifyQueue(Protocol):
    """Where attempts wait, for up to MAX_QUEUE_DELAY seconds."""

    def send(self, task: DeliveryTask, delay: int = 0) -> None: ...


class Poster(Protocol):
    """Sends one body; whatever happens is an answer."""

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Posted: ...


class Objects(Protocol):
    """The bucket of results."""

    def put(self, key: str, content: bytes, media_type: str) -> str: ...


class EventBus(Protocol):
    """Where other systems of the account listen."""

    def put(self, detail_type: str, detail: Mapping[str, Any]) -> None: ...
