"""Requests, chunks, results and deliveries: what the table records, and which steps a request may take."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from functions.core.errors import ImageCode, RequestCode
from functions.core.options import Options

CHUNK_SIZE = 200  # images; one transaction settles a chunk, one query of its results stays within a page (1 MB)
IMAGES_A_READ = 100  # results of any chunks, by one BatchGetItem; a query reads all of one chunk


class RequestStatus(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        return not STEPS[self]

    def can_become(self, following: "RequestStatus") -> bool:
        return following in STEPS[self]


STEPS: dict[RequestStatus, frozenset[RequestStatus]] = {
    RequestStatus.PENDING: frozenset({RequestStatus.PROCESSING, RequestStatus.FAILED, RequestStatus.CANCELLED}),
    RequestStatus.PROCESSING: frozenset({RequestStatus.COMPLETED, RequestStatus.FAILED, RequestStatus.CANCELLED}),
    RequestStatus.COMPLETED: frozenset(),
    RequestStatus.FAILED: frozenset(),
    RequestStatus.CANCELLED: frozenset(),
}


class ImageStatus(StrEnum):
    """Where an image or a product stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class WebhookStatus(StrEnum):
    """Whether the webhooks about the end of a request were delivered. Those about the start do not count."""

    NOT_SENT = "not_sent"
    SENT = "sent"
    FAILED = "failed"


class Source(StrEnum):
    """The way a CSV came in."""

    API = "api"
    S3 = "s3"


class EventType(StrEnum):
    """What a webhook can announce."""

    STARTED = "processing.started"
    COMPLETED = "processing.completed"
    FAILED = "processing.failed"


END_EVENTS = {RequestStatus.COMPLETED: EventType.COMPLETED, RequestStatus.FAILED: EventType.FAILED}
ENDS = frozenset(END_EVENTS.values())  # announced of a request that is terminal, one of them


@dataclass(frozen=True, slots=True)
class Request:
    """One CSV. Times are epoch seconds; `chunks_total` is None until the whole CSV is planned.

    `version_id` is empty until a presigned upload, which may begin until `upload_until`, has arrived. `dropped_at` is
    when S3 got this version of a drop; a retry keeps that of the request that it is a retry of. `csv_url` is where
    ingest fetches the CSV, and `csv_etag` what the origin called that version of it.
    """

    request_id: str
    owner: str
    source: Source
    object_key: str
    version_id: str
    options: Options
    created_at: float
    updated_at: float
    expires_at: int
    ended_at: float | None = None
    status: RequestStatus = RequestStatus.PENDING
    error: RequestCode | None = None
    webhook_url: str | None = None
    webhook_status: WebhookStatus | None = None
    parts_planned: int = 0
    chunks_total: int | None = None
    chunks_done: int = 0
    total_images: int = 0
    processed_images: int = 0
    failed_images: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    rows: int = 0
    row_errors: int = 0
    upload_until: float | None = None
    idempotency_hash: str | None = None
    retry_of: str | None = None
    dropped_at: float | None = None
    file_name: str = ""
    csv_url: str | None = None
    csv_etag: str | None = None

    @property
    def came_at(self) -> float:
        """The order of a drop's versions. A retry is as old as the CSV that it retries."""
        return self.created_at if self.dropped_at is None else self.dropped_at

    @property
    def shown_name(self) -> str:
        """The name of the CSV as its sender gave it; without one, the name of its object."""
        return self.file_name or self.object_key.rpartition("/")[2]

    @property
    def awaits_fetch(self) -> bool:
        """Whether the CSV is still to be fetched from `csv_url`."""
        return self.csv_url is not None and not self.version_id

    @property
    def has_csv(self) -> bool:
        """Whether the request has ended with an output CSV."""
        ended = self.status in {RequestStatus.COMPLETED, RequestStatus.FAILED}
        return ended and self.chunks_total is not None and self.error is not RequestCode.FINALIZE_FAILED

    @property
    def is_counted(self) -> bool:
        """Whether every image of the whole plan has its result, and nobody ended the request yet."""
        return self.status is RequestStatus.PROCESSING and self.chunks_done == self.chunks_total


def new_request(
    request_id: str,
    owner: str,
    source: Source,
    object_key: str,
    options: Options,
    *,
    now: float,
    lifetime: int,
    **more: Any,
) -> Request:
    """A pending request that is made now; its records are kept for `lifetime` seconds. `more` are other fields."""
    return Request(
        request_id=request_id,
        owner=owner,
        source=source,
        object_key=object_key,
        options=options,
        webhook_status=WebhookStatus.NOT_SENT if more.get("webhook_url") else None,
        created_at=now,
        updated_at=now,
        expires_at=int(now) + lifetime,
        **{"version_id": ""} | more,
    )


@dataclass(frozen=True, slots=True)
class Chunk:
    """Up to CHUNK_SIZE consecutive images of one plan part. `sent_at` (epoch seconds): when they were last sent."""

    request_id: str
    number: int
    part: int
    first_n: int
    size: int
    sent_at: int
    is_done: bool = False
    settled: int = 0


@dataclass(frozen=True, slots=True)
class MadeRendition:
    """One rendition of an image: its object, and a word on what could not be as it was asked for."""

    name: str
    key: str
    format: str
    width: int
    height: int
    bytes: int
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The terminal record of one image: an output object, or the code of what prevented it.

    `format` is the output's; of an image whose format is not supported, that format's name. With `renditions`, in the
    order that they were asked for, the other fields are those of the primary one.
    """

    n: int
    url: str
    code: ImageCode | None = None
    key: str | None = None
    format: str | None = None
    width: int | None = None
    height: int | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    attempts: int = 1
    etag: str | None = None
    last_modified: str | None = None
    renditions: tuple[MadeRendition, ...] = ()

    @property
    def status(self) -> ImageStatus:
        """Completed or failed; a result is terminal."""
        return ImageStatus.COMPLETED if self.code is None else ImageStatus.FAILED


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a consistent look at the results of one chunk saw."""

    seen: int
    failed: int
    bytes_in: int
    bytes_out: int


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GAVE_UP = "gave_up"


@dataclass(frozen=True, slots=True)
class Prior:
    """An earlier picture of the same URL with the same options. It is adopted if the origin has nothing newer."""

    key: str
    format: str
    width: int
    height: int
    bytes_in: int
    bytes_out: int
    etag: str | None = None
    last_modified: str | None = None
    renditions: tuple[MadeRendition, ...] = ()

    @classmethod
    def from_json(cls, flat: dict[str, Any]) -> "Prior":
        """From the fields by name, as a message has them."""
        return cls(**flat | {"renditions": tuple(MadeRendition(**each) for each in flat.get("renditions", ()))})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a delivery: when (epoch seconds), the HTTP status or an error, and how long it took."""

    at: float
    status: int | None
    error: str | None
    latency_ms: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A subscribed webhook URL with a secret of its own; after a rotation the previous one signs too, for a while."""

    endpoint_id: str
    owner: str
    url: str
    events: tuple[EventType, ...]
    secret: str
    created_at: float
    previous_secret: str | None = None
    previous_until: float = 0.0
    is_disabled: bool = False
    last_test: Attempt | None = None

    def secrets(self, now: float) -> list[str]:
        """What a body is signed with, the current one first."""
        previous = self.previous_secret if now < self.previous_until else None
        return [self.secret, previous] if previous else [self.secret]

    def listens_to(self, event: EventType) -> bool:
        """Whether it is to get this event."""
        return not self.is_disabled and event in self.events


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event to one endpoint, with its attempts so far."""

    request_id: str
    event: EventType
    endpoint_id: str
    url: str
    owner: str
    state: DeliveryState = DeliveryState.WAITING
    attempts: tuple[Attempt, ...] = field(default=())
    created_at: float | None = None  # epoch seconds; None of one that an earlier version made

    @property
    def webhook_id(self) -> str:
        """The same over retries and repeated events, so that receivers can tell a repetition."""
        return f"msg_{self.request_id}_{self.event.rpartition('.')[2]}_{self.endpoint_id}"


def webhook_status(deliveries: Iterable[Delivery]) -> WebhookStatus | None:
    """The state of all deliveries about the end of a request. None while one is on its way, or there are none."""
    states = {delivery.state for delivery in deliveries if delivery.event in ENDS}
    if DeliveryState.GAVE_UP in states:
        return WebhookStatus.FAILED
    return WebhookStatus.SENT if states == {DeliveryState.DELIVERED} else None
