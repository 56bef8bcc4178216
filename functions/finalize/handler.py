"""Lambda: messages of FinalizeQueue."""

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
from functions.adapters.table.drop_paths import DropPathTable
from functions.adapters.table.exports import ExportTable
from functions.adapters.table.listing import RequestIndex
from functions.adapters.table.requests import RequestTable
from functions.adapters.telemetry import logger
from functions.core.messages import ExportTask, finalize_task
from functions.core.settings import PublicUrls, setting
from functions.finalize.drop_copy import DropCopies
from functions.finalize.exporting import WriteExport
from functions.finalize.service import Finalize


@cache
def services() -> tuple[Finalize, WriteExport]:
    """Built once, on the first event."""
    requests = RequestTable.connect(setting(os.environ, "TABLE", str))
    objects = Objects.connect(setting(os.environ, "RESULTS_BUCKET", str))
    shared: dict[str, Any] = {
        "requests": requests,
        "results": ChunkTable(requests.table),
        "plans": Plans(objects),
        "objects": objects,
        "image_url": PublicUrls.from_env(os.environ).image,
        "clock": time.time,
    }
    outgoing = DropCopies(requests, objects, DropPathTable(requests.table))
    notify = Queue.connect(setting(os.environ, "NOTIFY_QUEUE", str))
    finalize = Finalize(outgoing=outgoing, notify=notify, **shared)
    return finalize, WriteExport(index=RequestIndex(requests.table), exports=ExportTable(requests.table), **shared)


def finalize_record(record: Mapping[str, Any]) -> None:
    """One message."""
    finalize, export = services()
    task = finalize_task(record["body"])
    logger.append_keys(group=task.group)
    if isinstance(task, ExportTask):
        export.run(task)
    else:
        finalize.run(task)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Failed messages are delivered again."""
    return consume(event, finalize_record, Queue.connect(setting(os.environ, "FINALIZE_QUEUE", str)))
