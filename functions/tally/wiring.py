"""Puts tally together, on the first event."""

import os
import time
from functools import cache

from functions.adapters.aws.queues import Queue
from functions.adapters.reporting import report
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.telemetry import logger
from functions.core.settings import TallySettings
from functions.core.settling import Settler
from functions.tally.service import Tally


@cache
def service() -> Tally:
    """Puts the service together: it counts results."""
    told = TallySettings.from_env(os.environ)
    requests, finalize = RequestTable.connect(told.table), Queue.connect(told.finalize_queue)
    settler = Settler(ChunkTable(requests.table), requests, finalize, time.time, told.patience, report)
    return Tally(settler, lambda message, error: logger.warning(message, exc_info=error))
