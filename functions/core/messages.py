"""What one function sends another, as JSON with a version, so that a deploy can meet messages of the one before."""

import json
from dataclasses import dataclass
from typing import Any, Self

from functions.core.errors import RequestCode
from functions.core.model import EventType
from functions.core.options import Options

MESSAGE_VERSION = 1


class UnknownMessageError(ValueError):
    """A message that this version cannot read."""


def _fields(body: str, kind: str) -> dict[str, Any]:
    fields = json.loads(body)
    if not isinstance(fields, dict) or fields.get("v") != MESSAGE_VERSION or fields.get("kind") != kind:
        raise UnknownMessageError(f"not a {kind} message of version {MESSAGE_VERSION}: {body[:200]!r}")
    return fields


def _body(kind: str, **fields: object) -> str:
    # in ASCII, because SQS refuses some characters that a URL may contain
    return json.dumps({"v": MESSAGE_VERSION, "kind": kind, **fields}, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class IngestTask:
    """Read the CSV of a request that has its record, from the start or where an earlier run stopped."""

    request_id: str

    def to_body(self) -> str:
        """JSON text."""
        return _body("ingest", request_id=self.request_id)

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Raises UnknownMessageError."""
        return cls(_fields(body, "ingest")["request_id"])


@dataclass(frozen=True, slots=True)
class CompressTask:
    """Compress image `n` of a request."""

    request_id: str
    chunk: int
    n: int
    url: str
    options: Options

    def to_body(self) -> str:
        """JSON text."""
        options = self.options.to_json()
        return _body("compress", request_id=self.request_id, chunk=self.chunk, n=self.n, url=self.url, options=options)

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Raises UnknownMessageError."""
        fields = _fields(body, "compress")
        options = Options.from_json(fields["options"])
        return cls(fields["request_id"], fields["chunk"], fields["n"], fields["url"], options)


@dataclass(frozen=True, slots=True)
class FinalizeTask:
    """End a request: by its counts, or with the verdict that it failed."""

    request_id: str
    verdict: RequestCode | None = None

    def to_body(self) -> str:
        """JSON text."""
        return _body("finalize", request_id=self.request_id, verdict=self.verdict)

    @classmethod
    def from_body(cls, body: str) -> Self:
        """Raises UnknownMessageError."""
        fields = _fields(body, "finalize")
        verdict = fields["verdict"]
        return cls(fields["request_id"], RequestCode(verdict) if verdict else None)


@dataclass(frozen=True, slots=True)
class EventTask:
    """Announce an event of a request to all that listen."""

    request_id: str
    event: EventType

    def to_body(self) -> str:
        """JSON text."""
        return _body("event", request_id=self.request_id, event=self.event)


@dataclass(frozen=True, slots=True)
class DeliveryTask:
    """Make the attempt number `attempt` (from 0) at one delivery; of repeated messages only the first one counts."""

    request_id: str
    event: EventType
    endpoint_id: str
    attempt: int

    def to_body(self) -> str:
        """JSON text."""
        return _body(
            "deliver",
            request_id=self.request_id,
            event=self.event,
            endpoint_id=self.endpoint_id,
            attempt=self.attempt,
        )


def notify_task(body: str) -> EventTask | DeliveryTask:
    """What notify is to do. Raises UnknownMessageError."""
    message = json.loads(body)
    if isinstance(message, dict) and message.get("kind") == "event":
        fields = _fields(body, "event")
        return EventTask(fields["request_id"], EventType(fields["event"]))
    fields = _fields(body, "deliver")
    return DeliveryTask(fields["request_id"], EventType(fields["event"]), fields["endpoint_id"], fields["attempt"])


Task = IngestTask | CompressTask | FinalizeTask | EventTask | DeliveryTask
