"""A million rows, more than 100 MB, stream through ingest within the memory that the function has."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 512  # MB; half of what the template gives the function


def test_a_million_rows_stream_through_ingest_in_half_a_gigabyte() -> None:
    program = [sys.executable, "-m", "tests.integration.million_rows"]
    quick = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # it would take minutes
    run = subprocess.run(program, cwd=ROOT, env=quick, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    parts, chunks, messages, megabytes = map(int, run.stdout.split())
    assert (parts, chunks, messages) == (1_001, 5_000, 1_000_000)
    assert megabytes < LIMIT
