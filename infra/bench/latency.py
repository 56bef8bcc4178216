"""How long small requests take, and where the time goes.

A request is asked for its status all the while. What is seen first of each step is the end of the one before:
`taken` is the upload's answer, `read` the CSV's images are known, `worked` its images are done and counted, `ended`
the output is written and the request completed.
"""

import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import requests

from infra.local.stack import LocalStack, local_stack

SIZES = (1, 10, 100)  # images
RUNS = 5  # of each size, on a warm stack; the median counts
LOOK = 0.02  # seconds between looks at the status
STEPS = ("taken", "read", "worked", "ended")


def latencies(urls: Sequence[str]) -> dict[str, dict[str, dict[str, float]]]:
    """By `cold` and `warm`, the number of images, and the step: seconds, `together` last.

    The first request of a stack is cold: every function starts for it.
    """
    cold = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder, local_stack(Path(folder), 0) as running:
            cold[str(size)] = _timed(running, urls[:size])
    with tempfile.TemporaryDirectory() as folder, local_stack(Path(folder), 0) as running:
        _timed(running, urls[: max(SIZES)])
        warm = {str(size): _medians([_timed(running, urls[:size]) for _ in range(RUNS)]) for size in SIZES}
    return {"cold": cold, "warm": warm}


def _timed(running: LocalStack, urls: Sequence[str]) -> dict[str, float]:
    csv = "\n".join(["Product Name,Image URLs", *(f"P{n},{url}" for n, url in enumerate(urls)), ""])
    begun = time.monotonic()
    answer = requests.post(f"{running.url}/upload", files={"file": ("small.csv", csv)}, timeout=60)
    answer.raise_for_status()
    seen = {"taken": time.monotonic()}
    with requests.Session() as session:
        while "ended" not in seen:
            time.sleep(LOOK)
            status = session.get(f"{running.url}/status/{answer.json()['request_id']}?limit=1", timeout=60).json()
            for step in _reached(status, len(urls)):
                seen.setdefault(step, time.monotonic())
    marks = [begun, *(seen[step] for step in STEPS)]
    spent = [later - earlier for earlier, later in pairwise(marks)]
    return dict(zip(STEPS, spent, strict=True)) | {"together": marks[-1] - begun}


def _reached(status: dict[str, Any], images: int) -> list[str]:
    """The steps that are over. Raises RuntimeError if the request did not end well."""
    if status["status"] in {"failed", "cancelled"} or status["failed_images"]:
        raise RuntimeError(f"the request {status['status']} with {status['failed_images']} failed images")
    over = {
        "read": status["total_images"] == images,
        "worked": status["processed_images"] == images,
        "ended": status["status"] == "completed",
    }
    return [step for step, is_over in over.items() if is_over]


def _medians(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {step: median(run[step] for run in runs) for step in runs[0]}
