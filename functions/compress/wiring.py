"""Puts the worker together on the first event, and decides how much memory it may use for what."""

import os
import threading
import time
from functools import cache

from functions.adapters.aws.objects import Objects
from functions.adapters.aws.queues import Queue
from functions.adapters.aws.source_buckets import SourceBuckets
from functions.adapters.http.fetch import Fetcher
from functions.adapters.reporting import report
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.telemetry import logger
from functions.compress.codec import MAX_SOURCE_BYTES, compress, compress_all, probe
from functions.compress.worker import Budget, CompressImages, Politeness, Steps
from functions.core.settings import CompressSettings

MEBIBYTE = 1 << 20
BASE_MEMORY = 192  # MiB: 160 that the process needs before the first image, 32 that the codec keeps between images
CORE_MEMORY = 1_769  # MiB for which Lambda gives a function a whole core
ENCODED_SHARE = 0.3  # of what is left, for downloads; the rest is for the codec


@cache
def settings() -> CompressSettings:
    """From the environment, once."""
    return CompressSettings.from_env(os.environ)


@cache
def service() -> CompressImages:
    """Works on batches of images."""
    told = settings()
    requests = RequestTable.connect(told.table)
    return CompressImages(
        steps=_steps(told),
        requests=requests,
        results=ChunkTable(requests.table),
        queue=Queue.connect(told.compress_queue),
        alone=Queue.connect(told.alone_queue),
        first_wait=told.first_wait,
        log=lambda message, error: logger.warning(message, exc_info=error),
        report=report,
    )


def _steps(told: CompressSettings) -> Steps:
    memory = (told.memory - BASE_MEMORY) * MEBIBYTE
    return Steps(
        fetcher=Fetcher.connect(told.addresses, MAX_SOURCE_BYTES),
        buckets=SourceBuckets.connect(told.sources, MAX_SOURCE_BYTES),
        memory_needed=lambda source, options: probe(source, options).decoded_bytes,
        compress=compress,
        compress_all=compress_all,
        pictures=Objects.connect(told.results_bucket),
        encoded=Budget(int(memory * ENCODED_SHARE)),
        decoded=Budget(int(memory * (1 - ENCODED_SHARE))),
        memory=memory - MAX_SOURCE_BYTES,
        origins=Politeness(told.origin_connections, time.monotonic),
        codec_slots=threading.BoundedSemaphore(codec_slots(told.memory)),
    )


def codec_slots(memory: int) -> int:
    """How many pictures are worked on at a time by a function of so many MiB: as many as it has cores for."""
    return min(max(1, round(memory / CORE_MEMORY)), os.cpu_count() or 1)
