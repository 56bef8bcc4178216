"""What the calls about webhooks take and answer, as pydantic models."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.core.model import Attempt, DeliveryState, EventType
from functions.core.times import iso

Url = Annotated[str, Field(max_length=2048, examples=["https://example.com/hook"])]


class WebhookConfiguration(BaseModel):
    """A URL to subscribe, and to what; without `events` to all of them."""

    model_config = ConfigDict(extra="forbid")

    webhook_url: Url
    events: list[EventType] = Field(default=list(EventType), min_length=1)


class AttemptAnswer(BaseModel):
    """One try: the receiver's HTTP status, or an error."""

    at: str
    status: int | None
    error: str | None
    latency_ms: int

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """An attempt as the API tells of it."""
        return cls(at=iso(attempt.at), status=attempt.status, error=attempt.error, latency_ms=attempt.latency_ms)


class EndpointAnswer(BaseModel):
    """A subscribed URL; one that answered 410 is disabled."""

    endpoint_id: str
    webhook_url: str
    events: list[EventType]
    state: Literal["active", "disabled"]
    created_at: str
    last_test: AttemptAnswer | None


class Configured(BaseModel):
    """An endpoint with the secret that its webhooks are signed with."""

    message: str
    endpoint_id: str
    webhook_url: str
    events: list[EventType]
    secret: str
    previous_secret_until: str | None = Field(None, description="Until when the secret before this one signs too.")


class EndpointList(BaseModel):
    """The caller's endpoints."""

    endpoints: list[EndpointAnswer]


class DefaultSecret(BaseModel):
    """What webhooks to an upload's own `webhook_url` are signed with; null where the deployment has one for all."""

    secret: str | None
    message: str


class Pinged(BaseModel):
    """A test event that is on its way; the endpoint's `last_test` says what became of it."""

    message: str
    endpoint_id: str
    webhook_id: str


class DeliveryAnswer(BaseModel):
    """One event to one endpoint, with every attempt."""

    webhook_id: str
    request_id: str
    event: EventType
    endpoint_id: str
    webhook_url: str
    state: DeliveryState
    created_at: str | None = Field(description="When the event was announced; null for one of version 1.0.")
    attempts: list[AttemptAnswer]


class DeliveryList(BaseModel):
    """The deliveries of a request."""

    deliveries: list[DeliveryAnswer]


class DeliveryPage(DeliveryList):
    """The deliveries to an endpoint, newest first."""

    next_token: str | None


class Redelivery(BaseModel):
    """Which deliveries to make again; all of them unless an event or an endpoint is named."""

    model_config = ConfigDict(extra="forbid")

    event: EventType | None = None
    endpoint_id: str | None = None


class Redelivered(BaseModel):
    """How many deliveries are made again."""

    message: str
    deliveries: int


class ReceivedAnswer(BaseModel):
    """The answer of the trial receiver."""

    success: bool
    message: str


class ReceivedWebhook(BaseModel):
    """What the trial receiver got. `verified`: whether one of the caller's secrets signed it."""

    received_at: str
    verified: bool
    webhook_id: str | None = None
    body: Any


class ReceivedList(BaseModel):
    """What the trial receiver got, newest first."""

    received: list[ReceivedWebhook]
    next_token: str | None
