"""Puts finalize together, on the first event."""

import os
import time
from functools import cache

from functions.adapters.aws.objects import Objects, Plans
from functions.adapters.aws.queues import Queue
from functions.adapters.reporting import report
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.drop_paths import DropPathTable
from functions.adapters.table.exports import ExportTable
from functions.adapters.table.listing import RequestIndex
from functions.adapters.table.requests import RequestTable
from functions.core.settings import FinalizeSettings
from functions.finalize.archive import WriteArchive
from functions.finalize.drop_copy import DropCopies
from functions.finalize.exporting import WriteExport
from functions.finalize.service import Finalize
from functions.finalize.workbook import WriteWorkbook


@cache
def settings() -> FinalizeSettings:
    """From the environment, once."""
    return FinalizeSettings.from_env(os.environ)


@cache
def finalize_queue() -> Queue:
    """Where the messages come from."""
    return Queue.connect(settings().finalize_queue)


@cache
def finalize() -> Finalize:
    """Ends requests."""
    requests, objects = _stores()
    return Finalize(
        requests=requests,
        results=ChunkTable(requests.table),
        plans=Plans(objects),
        objects=objects,
        copies=DropCopies(requests, objects, DropPathTable(requests.table)),
        notify=Queue.connect(settings().notify_queue),
        image_url=settings().urls.image,
        clock=time.time,
        report=report,
    )


@cache
def export() -> WriteExport:
    """Writes exports."""
    requests, objects = _stores()
    return WriteExport(
        requests=requests,
        index=RequestIndex(requests.table),
        plans=Plans(objects),
        results=ChunkTable(requests.table),
        objects=objects,
        exports=ExportTable(requests.table),
        image_url=settings().urls.image,
        clock=time.time,
    )


@cache
def archive() -> WriteArchive:
    """Writes ZIPs of pictures."""
    requests, objects = _stores()
    return WriteArchive(
        requests=requests,
        plans=Plans(objects),
        results=ChunkTable(requests.table),
        objects=objects,
        exports=ExportTable(requests.table),
        image_url=settings().urls.image,
        clock=time.time,
    )


@cache
def workbook() -> WriteWorkbook:
    """Writes outputs as workbooks."""
    from functions.adapters.workbook.writer import workbook_blocks  # noqa: PLC0415 - for the few that ask for one

    requests, objects = _stores()
    return WriteWorkbook(
        requests=requests,
        plans=Plans(objects),
        results=ChunkTable(requests.table),
        objects=objects,
        exports=ExportTable(requests.table),
        image_url=settings().urls.image,
        workbook_blocks=workbook_blocks,
        clock=time.time,
    )


def _stores() -> tuple[RequestTable, Objects]:
    """The table, and the bucket of results."""
    return RequestTable.connect(settings().table), Objects.connect(settings().results_bucket)
