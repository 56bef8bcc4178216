"""Lambda: new results from the table's stream."""

import os
import time
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.aws.queues import Queue
from functions.adapters.table.chunks import RESULT_PREFIX, ChunkTable, parse_chunk_pk
from functions.adapters.table.requests import RequestTable
from functions.adapters.telemetry import logger
from functions.core.settings import setting
from functions.core.settling import Settler
from functions.tally.service import NewResult, Tally


@cache
def service() -> Tally:
    """Built once, on the first event."""
    requests = RequestTable.connect(setting(os.environ, "TABLE", str))
    finalize = Queue.connect(setting(os.environ, "FINALIZE_QUEUE", str))
    patience = setting(os.environ, "PATIENCE", float)
    settler = Settler(ChunkTable(requests.table), requests, finalize, time.time, patience)
    return Tally(settler, lambda message, error: logger.warning(message, exc_info=error))


def new_results(event: Mapping[str, Any]) -> Iterator[NewResult]:
    """The results in an event; a record that is none is left out: recover settles what it may have stood for."""
    for record in event["Records"]:
        try:
            keys = record["dynamodb"]["Keys"]
            if keys["sk"]["S"].startswith(RESULT_PREFIX):
                request_id, chunk = parse_chunk_pk(keys["pk"]["S"])
                yield NewResult(record["dynamodb"]["SequenceNumber"], request_id, chunk)
        except (KeyError, TypeError, ValueError):
            logger.exception("stream record that is not a result", record=record)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """The stream delivers again from the first record that could not be settled."""
    again = service().run(list(new_results(event)))
    return {"batchItemFailures": [{"itemIdentifier": again}] if again else []}
