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
    WebhookStatus,
)
from functions.core.ports import RequestFinder
from functions.core.webhooks import Posted


class Requests(RequestFinder, Protocol):
    """The three say what the webhooks of a request have come to; False where that is no news."""

    def expect_webhooks(self, request_id: str) -> bool: ...
    def expect_no_webhooks(self, request_id: str) -> bool: ...
    def set_webhook_status(self, request_id: str, status: WebhookStatus) -> bool: ...


class Endpoints(Protocol):
    """Who listens. `disable` and `log_test` change nothing where the endpoint is gone."""

    def of_owner(self, owner: str) -> list[Endpoint]: ...
    def find(self, owner: str, endpoint_id: str) -> Endpoint | None: ...
    def disable(self, owner: str, endpoint_id: str) -> bool: ...
    def log_test(self, owner: str, endpoint_id: str, attempt: Attempt) -> bool: ...


class Deliveries(Protocol):
    """One of each event and endpoint. `log_attempt` is False when another run has logged that attempt."""

    def create(self, delivery: Delivery, due_at: float, expires_at: int) -> bool: ...
    def find(self, request_id: str, event: EventType, endpoint_id: str) -> Delivery | None: ...
    def of_request(self, request_id: str) -> list[Delivery]: ...
    def log_attempt(self, delivery: Delivery, attempt: Attempt, state: DeliveryState, due_at: float | None) -> bool: ...


class NotifyQueue(Protocol):
    """Where attempts wait, for up to MAX_QUEUE_DELAY seconds."""

    def send(self, task: DeliveryTask, delay: int = 0) -> None: ...


class Poster(Protocol):
    """Sends one body; whatever happens is an answer."""

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Posted: ...


class Objects(Protocol):
    """Where summaries go; an object is written over."""

    def put(self, key: str, content: bytes, media_type: str) -> str: ...


class EventBus(Protocol):
    """Where other systems of the account listen."""

    def put(self, detail_type: str, detail: Mapping[str, Any]) -> None: ...
