"""A batch of downloads in a process of its own, as the worker makes it: prints what it took, as JSON."""

import json
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from functions.adapters.http.fetch import Fetcher
from functions.compress.codec import MAX_SOURCE_BYTES
from functions.compress.worker import Budget
from functions.core.errors import ImageError
from tests.faults.simulator.crowded import peak
from tests.loopback import LOOPBACK

MEBIBYTE = 1 << 20
BODIES = int((1024 - 160) * MEBIBYTE * 0.3)  # bytes: the budget for downloads of a function of 1,024 MB


@dataclass(frozen=True)
class Taken:
    """How many downloads ended by which code ("ok" for none), the wall clock of all, and the bytes of memory."""

    codes: dict[str, int]
    seconds: float
    grown: int
    peak: int


def measured(url: str, count: int, max_seconds: float) -> Taken:
    """Fetch it so many times at once, each with this deadline."""
    fetcher = replace(Fetcher.connect(LOOPBACK, MAX_SOURCE_BYTES), max_seconds=max_seconds)
    budget = Budget(BODIES)

    def code(path: str) -> str:
        try:
            with budget.reservation() as share:
                fetcher.fetch(path, share.take)
        except ImageError as error:
            return error.code
        return "ok"

    code(url.rpartition("/")[0] + "/missing")  # what the first of all downloads needs is not the origin's doing
    before, begun = peak(), time.monotonic()
    with ThreadPoolExecutor(count) as threads:
        codes = Counter(threads.map(code, [url] * count))
    return Taken(dict(codes), round(time.monotonic() - begun, 2), peak() - before, peak())


if __name__ == "__main__":
    json.dump(measured(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])).__dict__, sys.stdout)
