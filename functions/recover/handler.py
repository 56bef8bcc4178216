"""Lambda: the schedule, and the messages of every DLQ."""

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.aws.objects import Plans
from functions.adapters.aws.queues import Queue
from functions.adapters.consume import consume
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.deliveries import DeliveryTable, parse_delivery_sk
from functions.adapters.table.queue_checks import Observations
from functions.adapters.table.requests import RequestTable
from functions.adapters.telemetry import logger
from functions.core.settings import setting
from functions.core.settling import Settler
from functions.recover.dead_letters import DeadLetters
from functions.recover.sweep import Sweep, Timing

HOUR = 3_600


@cache
def requests() -> RequestTable:
    """Built once, on the first event."""
    return RequestTable.connect(setting(os.environ, "TABLE", str))


@cache
def queue(name: str) -> Queue:
    """The queue whose URL the setting of this name holds."""
    return Queue.connect(setting(os.environ, name, str))


@cache
def sweep() -> Sweep:
    """Built once, on the first schedule."""
    env = os.environ
    chunks = ChunkTable(requests().table)
    image_queues = [queue("COMPRESS_QUEUE"), queue("ALONE_QUEUE"), queue("ALONE_DLQ")]
    observations = Observations(requests().table)
    timing = Timing(setting(env, "PATIENCE", float), setting(env, "DEADLINE_HOURS", float) * HOUR)
    return Sweep(
        requests=requests(),
        chunks=chunks,
        deliveries=DeliveryTable(requests().table),
        plans=Plans.connect(setting(env, "RESULTS_BUCKET", str)),
        compress=queue("COMPRESS_QUEUE"),
        ingest=queue("INGEST_QUEUE"),
        finalize=queue("FINALIZE_QUEUE"),
        notify=queue("NOTIFY_QUEUE"),
        settler=Settler(chunks, requests(), queue("FINALIZE_QUEUE"), time.time, timing.patience),
        idle_since=lambda: observations.note(all(each.is_empty() for each in image_queues), int(time.time())),
        timing=timing,
        clock=time.time,
        parse_delivery=parse_delivery_sk,
        log=lambda message, error: logger.error(message, exc_info=error),
    )


@cache
def dead_letters() -> DeadLetters:
    """Built once, on the first dead message."""
    return DeadLetters(
        requests=requests(),
        chunks=ChunkTable(requests().table),
        deliveries=DeliveryTable(requests().table),
        finalize=queue("FINALIZE_QUEUE"),
        notify=queue("NOTIFY_QUEUE"),
        clock=time.time,
        lifetime=setting(os.environ, "RECORD_DAYS", int) * 24 * HOUR,
        patience=setting(os.environ, "PATIENCE", float),
        deadline=setting(os.environ, "DEADLINE_HOURS", float) * HOUR,
    )


def bury(record: Mapping[str, Any]) -> None:
    """One dead message. Nothing can be done about one that nobody knows, but it is told."""
    try:
        logger.error(dead_letters().bury(record["body"]), queue=record["eventSourceARN"])
    except (ValueError, KeyError):
        logger.exception("unknown dead message", queue=record["eventSourceARN"], body=record["body"][:1000])


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:
    """A schedule sweeps what is due; DLQ messages are buried."""
    if "Records" in event:
        return consume(event, bury)
    count = sweep().run(lambda: context.get_remaining_time_in_millis() / 1000)
    logger.info("swept", due=count)
    return None
