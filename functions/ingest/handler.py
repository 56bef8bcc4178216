"""Lambda: messages of IngestQueue, which are S3 notifications or ingest tasks."""

import json
import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.chunks import ChunkTable
from functions.adapters.consume import consume
from functions.adapters.objects import Objects, Plans
from functions.adapters.queues import Queue
from functions.adapters.table import RequestTable
from functions.adapters.telemetry import logger
from functions.core.drop import arrivals
from functions.core.messages import IngestTask
from functions.core.settings import address_policy, setting
from functions.core.settling import Settler
from functions.ingest.beginning import Beginning
from functions.ingest.earlier import EarlierRequests
from functions.ingest.intake import Intake
from functions.ingest.planning import PlanWriter
from functions.ingest.service import Ingest


@cache
def service() -> tuple[Intake, Ingest]:
    """Built once, on the first event."""
    env = os.environ
    requests = RequestTable.connect(setting(env, "TABLE", str))
    chunks = ChunkTable(requests.table)
    plans = Plans.connect(setting(env, "RESULTS_BUCKET", str))
    uploads = Objects.connect(setting(env, "UPLOADS_BUCKET", str))
    finalize = Queue.connect(setting(env, "FINALIZE_QUEUE", str))
    compress = Queue.connect(setting(env, "COMPRESS_QUEUE", str))
    patience = setting(env, "PATIENCE", float)
    lifetime = setting(env, "RECORD_DAYS", int) * 86_400
    https_only = not address_policy(env).allowed
    intake = Intake(requests, plans, uploads, finalize, time.time, lifetime, patience, https_only)
    notify = Queue.connect(setting(env, "NOTIFY_QUEUE", str))
    earlier = EarlierRequests(requests, chunks, plans, time.time)
    daily_images = setting(env, "DAILY_IMAGES", int)
    ingest = Ingest(
        requests=requests,
        plans=plans,
        uploads=uploads,
        beginning=Beginning(requests, plans, earlier, finalize, notify, time.time, daily_images),
        earlier=earlier,
        writer=PlanWriter(requests, chunks, plans, compress, time.time, patience),
        again=Queue.connect(setting(env, "INGEST_QUEUE", str)),
        finalize=finalize,
        settler=Settler(chunks, requests, finalize, time.time),
        clock=time.time,
    )
    return intake, ingest


def ingest_record(record: Mapping[str, Any], lambda_context: LambdaContext) -> None:
    """One message: every request that follows from it."""
    intake, ingest = service()
    body = json.loads(record["body"])
    if "kind" in body:
        request_ids = [IngestTask.from_body(record["body"]).request_id]
    else:
        request_ids = [found for arrival in arrivals(body) if (found := intake.accept(arrival))]
    for request_id in request_ids:
        logger.append_keys(request_id=request_id)
        ingest.run(request_id, lambda: lambda_context.get_remaining_time_in_millis() / 1000)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Failed messages are delivered again."""
    queue = Queue.connect(setting(os.environ, "INGEST_QUEUE", str))
    return consume(event, lambda record: ingest_record(record, context), queue)
