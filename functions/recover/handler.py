"""Lambda: the schedule, and the messages of every DLQ."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.consume import consume
from functions.adapters.telemetry import logger
from functions.recover.wiring import dead_letters, sweep


def bury(record: Mapping[str, Any]) -> None:
    """Handle one dead message. A message that nobody knows is only logged."""
    try:
        logger.error(dead_letters().bury(record["body"]), queue=record["eventSourceARN"])
    except (ValueError, KeyError):
        logger.exception("unknown dead message", queue=record["eventSourceARN"], body=record["body"][:1000])


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:
    """A schedule sweeps what is due; DLQ messages are buried."""
    if "Records" in event:
        return consume(event, bury)
    sweep().run(lambda: context.get_remaining_time_in_millis() / 1000)
    return None
