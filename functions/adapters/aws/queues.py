"""SQS: messages out in batches, retried one by one where refused; visibility; how full a queue is."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from botocore.exceptions import ClientError

from functions.adapters.aws.clients import back_off, client, error_code, translated
from functions.core.errors import StorageError
from functions.core.messages import Task

Entry = dict[str, str]

BATCH_MESSAGES = 10  # SQS's limit
BATCH_BYTES = 200_000  # under the 256 KiB that every implementation takes in one call
BATCH_TRIES = 5
MAX_VISIBILITY = 43_200  # seconds; SQS's limit


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue. Messages of a group are served fairly against those of other groups (MessageGroupId).

    `pause` waits before what a batch refused is sent again.
    """

    sqs: Any
    url: str
    pause: Callable[[float], None] = time.sleep

    @classmethod
    def connect(cls, url: str) -> Self:
        return cls(client("sqs"), url)

    def send(self, task: Task, delay: int = 0) -> None:
        """One message, visible after `delay` seconds (at most 900, SQS's limit)."""
        with translated("SendMessage"):
            self.sqs.send_message(
                QueueUrl=self.url, MessageBody=task.to_body(), MessageGroupId=task.group, DelaySeconds=delay
            )

    def send_all(self, tasks: Iterable[Task]) -> None:
        """Many messages, ten a call; refused ones are sent again. Raises StorageError when some stay refused."""
        entries = (
            {"MessageBody": task.to_body(), "MessageGroupId": task.group, "Id": str(i % BATCH_MESSAGES)}
            for i, task in enumerate(tasks)
        )
        for batch in _batches(entries):
            self._send_batch(batch)

    def _send_batch(self, entries: list[Entry]) -> None:
        remaining, failures = entries, []
        for attempt in range(BATCH_TRIES):
            with translated("SendMessageBatch"):
                failures = self.sqs.send_message_batch(QueueUrl=self.url, Entries=remaining).get("Failed", [])
            refused = {failure["Id"] for failure in failures}
            remaining = [entry for entry in remaining if entry["Id"] in refused]
            if not remaining:
                return
            back_off(attempt, self.pause)
        raise StorageError(f"SendMessageBatch: {len(remaining)} of {len(entries)} refused, first with {failures[0]}")

    def hide(self, receipt: str, seconds: float) -> None:
        """Deliver a message again only after so many seconds. A message that is gone already is left alone."""
        with translated("ChangeMessageVisibility"):
            try:
                self.sqs.change_message_visibility(
                    QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=int(min(seconds, MAX_VISIBILITY))
                )
            except ClientError as error:
                if error_code(error).rpartition(".")[2] not in {"MessageNotInflight", "ReceiptHandleIsInvalid"}:
                    raise

    def is_empty(self) -> bool:
        """Whether nothing waits, is in flight or delayed. SQS's counts lag by up to a minute."""
        kinds = ["", "NotVisible", "Delayed"]
        names = [f"ApproximateNumberOfMessages{kind}" for kind in kinds]
        with translated("GetQueueAttributes"):
            answer = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return not any(int(answer["Attributes"][name]) for name in names)


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Up to BATCH_MESSAGES a batch, and no more bytes than one call takes."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        length = len(entry["MessageBody"].encode())
        if batch and (len(batch) == BATCH_MESSAGES or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch
