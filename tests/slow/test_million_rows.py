"""A million rows, more than 100 MB, stream through ingest and through finalize; each takes a minute of CPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TIMEOUT = 600  # seconds: a program that runs forever fails here, and does not hold the whole run


@pytest.mark.parametrize(
    ("program", "counts", "limit"),
    [
        ("million_rows", [1_001, 5_000, 1_000_000], 512),  # MB: half of what the template gives ingest
        ("million_results", [1_000_001, 5_000], 64),  # MB: of which Python takes a third
    ],
)
def test_a_million_rows_need_little_memory(program: str, counts: list[int], limit: int) -> None:
    quick = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # it would take minutes
    command = [sys.executable, "-m", f"tests.integration.{program}"]
    run = subprocess.run(command, cwd=ROOT, env=quick, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert run.returncode == 0, run.stderr
    *counted, megabytes = map(int, run.stdout.split())
    assert counted == counts
    assert megabytes < limit
