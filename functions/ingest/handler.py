"""Lambda: messages of IngestQueue, which are S3 notifications or ingest tasks."""

import json
import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.aws.objects import Objects, Plans
from functions.adapters.aws.queues import Queue
from functions.adapters.consume import consume
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.telemetry import logger
from functions.core.messages import IngestTask
from functions.core.settings import address_policy, setting
from functions.core.settling import Settler
from functions.core.uploads import arrivals
from functions.ingest.beginning import Beginning
from functions.ingest.earlier import EarlierRequests
from functions.ingest.intake import Intake
from functions.ingest.planning import PlanWriter
from functions.ingest.service import Ingest

DAY = 86_400


@cache
def requests() -> RequestTable:
    """Built once, on the first event, as all of these are."""
    return RequestTable.connect(setting(os.environ, "TABLE", str))


@cache
def queue(name: str) -> Queue:
    """The queue whose URL the setting of this name holds."""
    return Queue.connect(setting(os.environ, name, str))


@cache
def plans() -> Plans:
    """In the results bucket."""
    return Plans.connect(setting(os.environ, "RESULTS_BUCKET", str))


@cache
def uploads() -> Objects:
    """The bucket of CSVs."""
    return Objects.connect(setting(os.environ, "UPLOADS_BUCKET", str))


@cache
def intake() -> Intake:
    """Takes notifications in."""
    lifetime, patience = setting(os.environ, "RECORD_DAYS", int) * DAY, setting(os.environ, "PATIENCE", float)
    https_only = not address_policy(os.environ).allowed
    finalize = queue("FINALIZE_QUEUE")
    return Intake(requests(), plans(), uploads(), finalize, time.time, lifetime, patience, https_only)


@cache
def ingest() -> Ingest:
    """Reads CSVs."""
    chunks, finalize, patience = ChunkTable(requests().table), queue("FINALIZE_QUEUE"), intake().patience
    pictures = setting(os.environ, "PICTURE_DAYS", int) * DAY
    earlier = EarlierRequests(requests(), chunks, plans(), time.time, pictures)
    quota, notify = setting(os.environ, "DAILY_IMAGES", int), queue("NOTIFY_QUEUE")
    return Ingest(
        requests=requests(),
        plans=plans(),
        uploads=uploads(),
        beginning=Beginning(requests(), plans(), earlier, finalize, notify, time.time, quota),
        earlier=earlier,
        writer=PlanWriter(requests(), chunks, plans(), queue("COMPRESS_QUEUE"), time.time, patience),
        again=queue("INGEST_QUEUE"),
        finalize=finalize,
        settler=Settler(chunks, requests(), finalize, time.time, patience),
        clock=time.time,
    )


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
    return consume(event, lambda record: ingest_record(record, context), queue("INGEST_QUEUE"))
