"""What one function sends another, as JSON with a version, so that a deploy can meet messages of the one before."""

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

from functions.core.errors import RequestCode
from functions.core.model import EventType, Prior
from functions.core.options import Options

MESSAGE_VERSION = 1
DELIVERY_PATIENCE = 300  # seconds after which recover takes the message of a delivery for lost


class UnknownMessageError(ValueError):
    """A message that this version cannot read."""


def _fields(body: str, kind: str) -> dict[str, Any]:
    fields = json.loads(body)
    if not isinstance(fields, dict) or fields.get("v") != MESSAGE_VERSION or fields.get("kind") != kind:
        raise UnknownMessageError(f"not a {kind} message of version {MESSAGE_VERSION}: {body[:200]!r}")
    return fields


def _kind(body: str) -> object:
    message = json.loads(body)
    return message.get("kind") if isinstance(message, dict) else None


def _body(kind: str, **fields: object) -> str:
    # in ASCII, because SQS refuses some characters that a URL may contain
    return json.dumps({"v": MESSAGE_VERSION, "kind": kind, **fields}, separators=(",", ":"))


def _without_renditions(prior: dict[str, Any]) -> dict[str, Any]:
    """Without them where there are none: the release before does not know them."""
    return {name: value for name, value in prior.items() if name != "renditions" or value}


@dataclass(frozen=True, slots=True)
class _OfRequest:
    request_id: str

    @property
    def group(self) -> str:
        """The group of the message. Fair queues take turns between groups."""
        return self.request_id


@dataclass(frozen=True, slots=True)
class _OfOwner:
    owner: str

    @property
    def group(self) -> str:
        """The group of the message. Fair queues take turns between groups."""
        return self.owner


@dataclass(frozen=True, slots=True)
class IngestTask(_OfRequest):
    """Read the CSV of a request that has its record, from the start or where an earlier run stopped."""

    def to_body(self) -> str:
        return _body("ingest", request_id=self.request_id)

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Raises UnknownMessageError."""
        return cls(_fields(body, "ingest")["request_id"])


@dataclass(frozen=True, slots=True)
class CompressTask(_OfRequest):
    """Compress image `n` of a request, of whose options those of images are sent.

    Of an image that waits until its host may be asked again, a copy is sent: `tried` is how often the messages before
    it were worked on, `pauses` how often it waited.
    """

    chunk: int
    n: int
    url: str
    options: Options
    prior: Prior | None = None
    tried: int = 0
    pauses: int = 0

    def to_body(self) -> str:
        options = Options(image=self.options.image)  # the others are not for the worker
        fields = {"chunk": self.chunk, "n": self.n, "url": self.url, "options": options.to_json()}
        prior = {"prior": _without_renditions(asdict(self.prior))} if self.prior else {}
        waited = {"tried": self.tried, "pauses": self.pauses} if self.pauses else {}
        return _body("compress", request_id=self.request_id, **fields, **prior, **waited)

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Raises UnknownMessageError."""
        fields = _fields(body, "compress")
        options = Options.from_json(fields["options"])
        prior = Prior.from_json(fields["prior"]) if "prior" in fields else None
        waited = {name: fields[name] for name in ("tried", "pauses") if name in fields}
        return cls(fields["request_id"], fields["chunk"], fields["n"], fields["url"], options, prior, **waited)


@dataclass(frozen=True, slots=True)
class FinalizeTask(_OfRequest):
    """End a request: by its counts, or with the verdict that it failed."""

    verdict: RequestCode | None = None

    def to_body(self) -> str:
        return _body("finalize", request_id=self.request_id, verdict=self.verdict)

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Raises UnknownMessageError."""
        fields = _fields(body, "finalize")
        verdict = fields["verdict"]
        return cls(fields["request_id"], RequestCode(verdict) if verdict else None)


@dataclass(frozen=True, slots=True)
class EventTask(_OfRequest):
    """Announce an event of a request to all that listen."""

    event: EventType

    def to_body(self) -> str:
        return _body("event", request_id=self.request_id, event=self.event)


@dataclass(frozen=True, slots=True)
class DeliveryTask(_OfRequest):
    """Make the attempt number `attempt` (from 0) at one delivery; of repeated messages only the first one counts."""

    event: EventType
    endpoint_id: str
    attempt: int

    def to_body(self) -> str:
        return _body(
            "deliver",
            request_id=self.request_id,
            event=self.event,
            endpoint_id=self.endpoint_id,
            attempt=self.attempt,
        )


@dataclass(frozen=True, slots=True)
class PingTask(_OfOwner):
    """Send one test event to an endpoint, once."""

    endpoint_id: str
    webhook_id: str

    def to_body(self) -> str:
        return _body("ping", owner=self.owner, endpoint_id=self.endpoint_id, webhook_id=self.webhook_id)


@dataclass(frozen=True, slots=True)
class _FileTask(_OfOwner):
    export_id: str

    KIND: ClassVar[str]
    ENDING: ClassVar[str]

    @property
    def key(self) -> str:
        """The object that it becomes, in the results bucket."""
        return f"exports/{self.owner}/{self.export_id}{self.ENDING}"

    def to_body(self) -> str:
        return _body(self.KIND, **asdict(self))

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Raises UnknownMessageError."""
        stored = _fields(body, cls.KIND)
        return cls(**{name: stored[name] for name in cls.__match_args__})  # all fields, those of the bases as well


@dataclass(frozen=True, slots=True)
class ExportTask(_FileTask):
    """Write the export of an owner's images, of one request or of those made from `since` to before `until`."""

    since: float
    until: float
    request_id: str | None = None

    KIND, ENDING = "export", ".csv"


@dataclass(frozen=True, slots=True)
class ArchiveTask(_FileTask):
    """Write a part, counted from 1, of the ZIP of a request's pictures."""

    request_id: str
    part: int

    KIND, ENDING = "archive", ".zip"


@dataclass(frozen=True, slots=True)
class WorkbookTask(_FileTask):
    """Write a request's output as a workbook."""

    request_id: str

    KIND, ENDING = "workbook", ".xlsx"


FileTask = ExportTask | ArchiveTask | WorkbookTask  # a file that is written when it is asked for


def finalize_task(body: str) -> FinalizeTask | FileTask:
    """What finalize is to do. Raises UnknownMessageError."""
    for task in (ExportTask, ArchiveTask, WorkbookTask):
        if _kind(body) == task.KIND:
            return task.from_body(body)
    return FinalizeTask.from_body(body)


def notify_task(body: str) -> EventTask | DeliveryTask | PingTask:
    """What notify is to do. Raises UnknownMessageError."""
    if _kind(body) == "event":
        fields = _fields(body, "event")
        return EventTask(fields["request_id"], EventType(fields["event"]))
    if _kind(body) == "ping":
        fields = _fields(body, "ping")
        return PingTask(fields["owner"], fields["endpoint_id"], fields["webhook_id"])
    fields = _fields(body, "deliver")
    return DeliveryTask(fields["request_id"], EventType(fields["event"]), fields["endpoint_id"], fields["attempt"])


Task = IngestTask | CompressTask | FinalizeTask | FileTask | EventTask | DeliveryTask | PingTask
