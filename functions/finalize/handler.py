"""Lambda: messages of FinalizeQueue."""

import os
import time
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.chunks import ChunkTable
from functions.adapters.objects import Objects, Plans
from functions.adapters.queues import Queue
from functions.adapters.table import RequestTable
from functions.adapters.telemetry import logger
from functions.core.messages import FinalizeTask
from functions.core.settings import Links, setting
from functions.finalize.service import Finalize

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def service() -> Finalize:
    """Built once, on the first event."""
    requests = RequestTable.connect(setting(os.environ, "TABLE", str))
    objects = Objects.connect(setting(os.environ, "RESULTS_BUCKET", str))
    return Finalize(
        requests=requests,
        results=ChunkTable(requests.table),
        plans=Plans(objects),
        objects=objects,
        notify=Queue.connect(setting(os.environ, "NOTIFY_QUEUE", str)),
        image_url=Links.from_env(os.environ).image,
        clock=time.time,
    )


def finalize_record(record: SQSRecord) -> None:
    """One message."""
    task = FinalizeTask.from_body(record.body)
    logger.append_keys(request_id=task.request_id)
    service().run(task)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Failed messages are delivered again."""
    return process_partial_response(event, record_handler=finalize_record, processor=processor, context=context)
