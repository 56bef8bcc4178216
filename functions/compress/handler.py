"""Lambda: batches of CompressQueue, single messages of AloneQueue."""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.aws.objects import Objects
from functions.adapters.aws.queues import Queue
from functions.adapters.http.fetch import Fetcher
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.telemetry import logger
from functions.compress.codec import MAX_SOURCE_BYTES, compress, probe
from functions.compress.worker import Budget, CompressImages, Delivered, Politeness, Steps
from functions.core.messages import CompressTask
from functions.core.settings import address_policy, setting

MEBIBYTE = 1 << 20
BASE_MEMORY = 192  # MiB: 160 that the process needs before the first image, 32 that the codec keeps between images
CORE_MEMORY = 1_769  # MiB for which Lambda gives a function a whole core
ENCODED_SHARE = 0.3  # of what is left, for downloads; the rest is for the codec


@cache
def service() -> CompressImages:
    """Built once, on the first event."""
    env = os.environ
    requests = RequestTable.connect(setting(env, "TABLE", str))
    memory_size = setting(env, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", int, "1024")
    memory = (memory_size - BASE_MEMORY) * MEBIBYTE
    return CompressImages(
        steps=Steps(
            fetcher=Fetcher.connect(address_policy(env), MAX_SOURCE_BYTES),
            memory_needed=lambda source, options: probe(source, options).decoded_bytes,
            compress=compress,
            pictures=Objects.connect(setting(env, "RESULTS_BUCKET", str)),
            encoded=Budget(int(memory * ENCODED_SHARE)),
            decoded=Budget(int(memory * (1 - ENCODED_SHARE))),
            memory=memory - MAX_SOURCE_BYTES,
            origins=Politeness(setting(env, "ORIGIN_CONNECTIONS", int, "13"), time.monotonic),
            codec_slots=threading.BoundedSemaphore(codec_slots(memory_size)),
        ),
        requests=requests,
        results=ChunkTable(requests.table),
        queue=Queue.connect(setting(env, "COMPRESS_QUEUE", str)),
        alone=Queue.connect(setting(env, "ALONE_QUEUE", str)),
        first_wait=setting(env, "FIRST_WAIT", float, "10"),
        log=lambda message, error: logger.warning(message, exc_info=error),
    )


def codec_slots(memory_size: int) -> int:
    """How many pictures are worked on at a time: more than the function has cores for would only hold memory."""
    return min(max(1, round(memory_size / CORE_MEMORY)), os.cpu_count() or 1)


def delivered(event: Mapping[str, Any], unreadable: list[str]) -> Iterator[Delivered]:
    """The messages of an event; the ids of those that cannot be read are added to `unreadable`."""
    alone_arn = setting(os.environ, "ALONE_QUEUE_ARN", str)
    for record in event["Records"]:
        try:
            task = CompressTask.from_body(record["body"])
        except (ValueError, KeyError):
            logger.exception("unreadable message", body=record["body"][:1000])
            unreadable.append(record["messageId"])
            continue
        receives = task.tried + int(record["attributes"]["ApproximateReceiveCount"])
        is_alone = record["eventSourceARN"] == alone_arn
        yield Delivered(record["messageId"], record["receiptHandle"], receives, is_alone, task)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Failed messages are delivered again; one that cannot be read ends in the DLQ."""
    unreadable: list[str] = []
    batch = list(delivered(event, unreadable))
    failed = service().run(batch, lambda: context.get_remaining_time_in_millis() / 1000) if batch else []
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in unreadable + failed]}
