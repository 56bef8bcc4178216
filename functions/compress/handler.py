"""Lambda: batches of CompressQueue, single messages of AloneQueue."""

from collections.abc import Iterator, Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.telemetry import logger
from functions.compress.wiring import service, settings
from functions.compress.worker import Delivered
from functions.core.messages import CompressTask


def delivered(event: Mapping[str, Any], unreadable: list[str]) -> Iterator[Delivered]:
    """The messages of an event; the ids of those that cannot be read are added to `unreadable`."""
    for record in event["Records"]:
        try:
            task = CompressTask.from_body(record["body"])
        except (ValueError, KeyError):
            logger.exception("unreadable message", body=record["body"][:1000])
            unreadable.append(record["messageId"])
            continue
        receives = task.tried + int(record["attributes"]["ApproximateReceiveCount"])
        is_alone = record["eventSourceARN"] == settings().alone_queue_arn
        yield Delivered(record["messageId"], record["receiptHandle"], receives, is_alone, task)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Failed messages are delivered again; one that cannot be read ends in the DLQ."""
    unreadable: list[str] = []
    batch = list(delivered(event, unreadable))
    failed = service().run(batch, lambda: context.get_remaining_time_in_millis() / 1000) if batch else []
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in unreadable + failed]}
