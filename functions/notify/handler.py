"""Lambda: messages of NotifyQueue."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.consume import consume
from functions.adapters.telemetry import logger
from functions.core.messages import notify_task
from functions.notify.wiring import notify_queue, service


def notify_record(record: Mapping[str, Any]) -> None:
    """One message: an event, an attempt at a webhook, or a test of an endpoint."""
    task = notify_task(record["body"])
    logger.append_keys(group=task.group)
    service().run(task)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Failed messages are delivered again."""
    return consume(event, notify_record, notify_queue())
