"""Lambda: new results from the table's stream."""

from collections.abc import Iterator, Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.table.chunks import RESULT_PREFIX, parse_chunk_pk
from functions.adapters.telemetry import logger
from functions.tally.service import NewResult
from functions.tally.wiring import service


def new_results(event: Mapping[str, Any]) -> Iterator[NewResult]:
    """The results in an event. Other records are skipped: recover finds what they may have stood for."""
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
