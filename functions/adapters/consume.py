"""Works on a batch of SQS messages one by one. A message that fails is logged, and the others are done all the same.

Powertools' batch processor is not used: it leaves a message that failed for a moment invisible for the whole time-out.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from functions.adapters.telemetry import logger
from functions.core.errors import StorageError

WAITS = (30, 120, 480, 900)  # seconds before the next delivery, by how often there was one: 25 minutes in all

Work = Callable[[Mapping[str, Any]], None]


class Queue(Protocol):
    """Where the messages came from."""

    def hide(self, receipt: str, seconds: float) -> None: ...


def consume(event: Mapping[str, Any], work: Work, queue: Queue | None = None) -> dict[str, Any]:
    """Lambda's partial batch response. After a failure of AWS the message comes back to `queue` after one of WAITS."""
    failed = [record["messageId"] for record in event["Records"] if not _is_done(record, work, queue)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _is_done(record: Mapping[str, Any], work: Work, queue: Queue | None) -> bool:
    try:
        work(record)
    except StorageError:
        logger.exception("the message is worked on again", message_id=record["messageId"])
        _postpone(record, queue)
        return False
    except Exception:  # noqa: BLE001 - whatever it is, the other messages of the batch have nothing to do with it
        logger.exception("the message failed", message_id=record["messageId"])
        return False
    return True


def _postpone(record: Mapping[str, Any], queue: Queue | None) -> None:
    if queue is None:
        return
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    try:
        queue.hide(record["receiptHandle"], WAITS[min(receives, len(WAITS)) - 1])
    except StorageError:
        logger.warning("the message comes back after its whole visibility time-out", exc_info=True)
