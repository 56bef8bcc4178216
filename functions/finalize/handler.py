"""Lambda: messages of FinalizeQueue."""

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
from functions.core.messages import FinalizeTask
from functions.core.settings import Links, setting
from functions.finalize.service import Finalize


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


def finalize_record(record: Mapping[str, Any]) -> None:
    """One message."""
    task = FinalizeTask.from_body(record["body"])
    logger.append_keys(request_id=task.request_id)
    service().run(task)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Failed messages are delivered again."""
    return consume(event, finalize_record, Queue.connect(setting(os.environ, "FINALIZE_QUEUE", str)))
