"""Puts recover together: the sweep on the first schedule, the rest on the first dead message."""

import os
import time
from functools import cache

from functions.adapters.aws.objects import Plans
from functions.adapters.aws.queues import Queue
from functions.adapters.reporting import report
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.deliveries import DeliveryTable, parse_delivery_sk
from functions.adapters.table.queue_checks import QueueChecks
from functions.adapters.table.requests import RequestTable
from functions.adapters.telemetry import logger
from functions.core.settings import RecoverSettings
from functions.core.settling import Settler
from functions.recover.dead_letters import DeadLetters
from functions.recover.sweep import Sweep, Timing


@cache
def settings() -> RecoverSettings:
    """From the environment, once."""
    return RecoverSettings.from_env(os.environ)


@cache
def sweep() -> Sweep:
    """Looks after what is due."""
    told, requests = settings(), RequestTable.connect(settings().table)
    chunks, compress, finalize = ChunkTable(requests.table), Queue.connect(told.compress_queue), _finalize_queue()
    image_queues = [compress, Queue.connect(told.alone_queue), Queue.connect(told.alone_dlq)]
    checks = QueueChecks(requests.table)
    return Sweep(
        requests=requests,
        chunks=chunks,
        deliveries=DeliveryTable(requests.table),
        plans=Plans.connect(told.results_bucket),
        compress=compress,
        ingest=Queue.connect(told.ingest_queue),
        finalize=finalize,
        notify=_notify_queue(),
        settler=Settler(chunks, requests, finalize, time.time, told.patience, report),
        idle_since=lambda: checks.add(all(each.is_empty() for each in image_queues), int(time.time())),
        timing=Timing(told.patience, told.deadline),
        clock=time.time,
        parse_delivery=parse_delivery_sk,
        log=lambda message, error: logger.error(message, exc_info=error),
        report=report,
    )


@cache
def dead_letters() -> DeadLetters:
    """Sees what a dead message stood for."""
    told, requests = settings(), RequestTable.connect(settings().table)
    return DeadLetters(
        requests=requests,
        chunks=ChunkTable(requests.table),
        deliveries=DeliveryTable(requests.table),
        finalize=_finalize_queue(),
        notify=_notify_queue(),
        clock=time.time,
        lifetime=told.record_lifetime,
        patience=told.patience,
        deadline=told.deadline,
        report=report,
    )


def _finalize_queue() -> Queue:
    return Queue.connect(settings().finalize_queue)


def _notify_queue() -> Queue:
    return Queue.connect(settings().notify_queue)
