"""AWS in this process, behind the methods of its clients: DynamoDB by its emulation, S3 and SQS by small models."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.responses import DynamoHandler

from tests.aws import CREDENTIALS
from tests.fakes import Clock

ACCOUNT = "123456789012"
REGION = CREDENTIALS["AWS_REGION"]


class DynamoClient:
    """DynamoDB's emulation without the requests and answers around it: twenty times as fast, one call at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __getattr__(self, call: str) -> Callable[..., Any]:
        def made(**arguments: Any) -> Any:
            with self._lock:
                return _answer(call, arguments)

        return made


def _handler(arguments: dict[str, Any]) -> DynamoHandler:
    handler = DynamoHandler()
    handler.body, handler.headers, handler.querystring = arguments, {}, {}
    handler.region, handler.current_account = REGION, ACCOUNT
    return handler


def _answer(call: str, arguments: dict[str, Any]) -> Any:
    try:
        return getattr(_handler(arguments), call)().result
    except JsonRESTError as error:
        told = json.loads(str(error.description))
        code = told.pop("__type").rpartition("#")[2]
        answer: Any = {"Error": {"Code": code, "Message": str(error)}, **told}
        raise ClientError(answer, call) from error


@dataclass
class _Body:
    content: bytes

    def read(self, size: int = -1) -> bytes:
        size = len(self.content) if size < 0 else size
        read, self.content = self.content[:size], self.content[size:]
        return read


@dataclass
class S3Client:
    """Buckets with versions. An object that is put with IfNoneMatch is never overwritten."""

    versions: dict[tuple[str, str], list[tuple[str, bytes, dict[str, str]]]] = field(default_factory=dict)
    _ids: Any = field(default_factory=lambda: count(1))

    def put_object(self, Bucket: str, Key: str, Body: bytes, **more: Any) -> dict[str, Any]:  # noqa: N803 - S3's names
        kept = self.versions.setdefault((Bucket, Key), [])
        if kept and "IfNoneMatch" in more:
            raise _missing("PreconditionFailed")
        kept.append((f"v{next(self._ids)}", Body, more.get("Metadata", {})))
        return {"VersionId": kept[-1][0]}

    def upload_fileobj(self, source: Any, bucket: str, key: str, **_settings: Any) -> None:
        self.put_object(bucket, key, source.read())

    def get_object(self, Bucket: str, Key: str, VersionId: str = "", Range: str = "") -> dict[str, Any]:  # noqa: N803
        _, content, _ = self._find(Bucket, Key, VersionId)
        first = int(Range.removeprefix("bytes=").rstrip("-")) if Range else 0
        if Range and first >= len(content):
            raise _missing("InvalidRange")
        return {"Body": _Body(content[first:]), "ContentRange": Range}

    def head_object(self, Bucket: str, Key: str, VersionId: str = "") -> dict[str, Any]:  # noqa: N803
        version_id, content, metadata = self._find(Bucket, Key, VersionId)
        return {"ContentLength": len(content), "Metadata": metadata, "VersionId": version_id}

    def content(self, bucket: str, key: str) -> bytes | None:
        kept = self.versions.get((bucket, key))
        return kept[-1][1] if kept else None

    def _find(self, bucket: str, key: str, version_id: str) -> tuple[str, bytes, dict[str, str]]:
        kept = self.versions.get((bucket, key), [])
        wanted = [version for version in kept if version_id in {"", version[0]}]
        if not wanted:
            raise _missing("NoSuchKey")
        return wanted[-1]


def _missing(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "S3")


@dataclass(eq=False)
class Message:
    """A message in a queue. `receives` is how often it was received."""

    body: str
    visible_at: float
    message_id: str
    receives: int = 0
    group: str = ""

    @property
    def order(self) -> tuple[str, float, int]:
        """The same in every run of a seed, whichever thread sent first."""
        return self.message_id, self.visible_at, self.receives


@dataclass
class SimQueue:
    """Received for the `max_receives` + 1st time, a message goes to `dead` instead; 0 is never."""

    visibility: float
    max_receives: int = 0
    dead: "SimQueue | None" = None
    messages: list[Message] = field(default_factory=list)

    def visible(self, now: float) -> list[Message]:
        return sorted((each for each in self.messages if each.visible_at <= now), key=lambda each: each.order)

    def fair(self, now: float, size: int) -> list[Message]:
        """The next messages as a fair queue gives them out: each group has its turn, however many it has."""
        turns: Counter[str] = Counter()
        by_turn = []
        for message in self.visible(now):
            turns[message.group] += 1
            by_turn.append((turns[message.group], message))
        return [message for _, message in sorted(by_turn, key=lambda each: each[0])[:size]]

    def receive(self, message: Message, now: float) -> bool:
        """Whether it is delivered, and not moved."""
        if self.dead is not None and message.receives >= self.max_receives:
            self.delete(message)
            self.dead.messages.append(Message(message.body, now, message.message_id, group=message.group))
            return False
        message.receives += 1
        message.visible_at = now + self.visibility
        return True

    def delete(self, message: Message) -> None:
        self.messages = [each for each in self.messages if each is not message]


@dataclass
class SqsClient:
    """Queues by name."""

    clock: Clock
    queues: dict[str, SimQueue]
    copies: Counter[str] = field(default_factory=Counter)

    def send_message(self, QueueUrl: str, MessageBody: str, DelaySeconds: float = 0, **more: Any) -> None:  # noqa: N803
        """Ids are made of the bodies, so that they are those of any other run of the seed."""
        self.copies[MessageBody] += 1
        message_id = f"{MessageBody} {self.copies[MessageBody]}"
        group = more.get("MessageGroupId", "")
        message = Message(MessageBody, self.clock.now + DelaySeconds, message_id, group=group)
        self.queues[QueueUrl].messages.append(message)

    def send_message_batch(self, QueueUrl: str, Entries: Iterable[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        for entry in Entries:
            self.send_message(QueueUrl, entry["MessageBody"], MessageGroupId=entry.get("MessageGroupId", ""))
        return {}

    def change_message_visibility(self, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803
        """To the full minute: back-off is drawn by threads, whose order is nobody's."""
        seconds = -(-VisibilityTimeout // 60) * 60
        for message in self.queues[QueueUrl].messages:
            if message.message_id == ReceiptHandle:
                message.visible_at = self.clock.now + seconds

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803
        waiting = len(self.queues[QueueUrl].messages)
        return {"Attributes": dict.fromkeys(AttributeNames, "0") | {AttributeNames[0]: str(waiting)}}
