"""Lambda: messages of IngestQueue, which are S3 notifications or ingest tasks."""

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.consume import consume
from functions.adapters.telemetry import logger
from functions.core.messages import IngestTask
from functions.core.uploads import arrivals
from functions.ingest.wiring import ingest, ingest_queue, intake


def ingest_record(record: Mapping[str, Any], lambda_context: LambdaContext) -> None:
    """One message: every request that follows from it."""
    body = json.loads(record["body"])
    if "kind" in body:
        request_ids = [IngestTask.from_body(record["body"]).request_id]
    else:
        request_ids = [found for arrival in arrivals(body) if (found := intake().accept(arrival))]
    for request_id in request_ids:
        logger.append_keys(request_id=request_id)
        ingest().run(request_id, lambda: lambda_context.get_remaining_time_in_millis() / 1000)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Failed messages are delivered again."""
    return consume(event, lambda record: ingest_record(record, context), ingest_queue())
