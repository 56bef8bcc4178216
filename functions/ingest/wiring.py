"""Puts ingest together, on the first event."""

import os
import time
from dataclasses import replace
from functools import cache

from functions.adapters.aws.objects import Objects, Plans
from functions.adapters.aws.queues import Queue
from functions.adapters.reporting import report
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.workbook.sheets import Workbooks
from functions.core.settings import IngestSettings
from functions.core.settling import Settler
from functions.core.uploads import WishReader
from functions.ingest.beginning import Beginning
from functions.ingest.earlier import EarlierRequests
from functions.ingest.feed import FEED_SECONDS, MAX_FEED_BYTES, FeedFetcher, FetchFeed
from functions.ingest.intake import Intake
from functions.ingest.planning import PlanWriter
from functions.ingest.service import Ingest

WORKBOOK_SECONDS = 300  # for one of 64 MB; the function has 900


@cache
def settings() -> IngestSettings:
    """From the environment, once."""
    return IngestSettings.from_env(os.environ)


@cache
def ingest_queue() -> Queue:
    """Where the messages come from, and where a long run goes on."""
    return Queue.connect(settings().ingest_queue)


@cache
def intake() -> Intake:
    """Takes notifications in."""
    told, requests = settings(), RequestTable.connect(settings().table)
    return Intake(
        requests=requests,
        plans=Plans.connect(told.results_bucket),
        uploads=Objects.connect(told.uploads_bucket),
        finalize=_finalize_queue(),
        clock=time.time,
        lifetime=told.record_lifetime,
        patience=told.patience,
        wish_reader=WishReader(requests.find, time.time, https_only=not told.addresses.allowed, presets=told.presets),
    )


@cache
def ingest() -> Ingest:
    """Reads CSVs."""
    told, requests = settings(), RequestTable.connect(settings().table)
    chunks, plans, finalize = ChunkTable(requests.table), Plans.connect(told.results_bucket), _finalize_queue()
    earlier = EarlierRequests(requests, chunks, plans, time.time, told.picture_lifetime)
    uploads = Objects.connect(told.uploads_bucket)
    notify, compress = Queue.connect(told.notify_queue), Queue.connect(told.compress_queue)
    return Ingest(
        requests=requests,
        plans=plans,
        uploads=uploads,
        feed=FetchFeed(_feed_fetcher, uploads, requests, time.time),
        sheets=plans,
        workbooks=Workbooks(WORKBOOK_SECONDS, os.environ.get("LD_LIBRARY_PATH", "")),
        beginning=Beginning(requests, plans, earlier, time.time, told.daily_images),
        earlier=earlier,
        writer=PlanWriter(requests, chunks, plans, compress, time.time, told.patience),
        ingest=ingest_queue(),
        finalize=finalize,
        notify=notify,
        settler=Settler(chunks, requests, finalize, time.time, told.patience, report),
        clock=time.time,
        report=report,
    )


@cache
def _feed_fetcher() -> FeedFetcher:
    from functions.adapters.http.fetch import Fetcher  # noqa: PLC0415 - for the few CSVs that come by an address

    fetcher = Fetcher.connect(settings().addresses, MAX_FEED_BYTES)
    return replace(fetcher, max_seconds=FEED_SECONDS, accept="text/csv,*/*;q=0.5")


def _finalize_queue() -> Queue:
    return Queue.connect(settings().finalize_queue)
