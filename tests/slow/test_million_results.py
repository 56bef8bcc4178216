"""A million rows come out of finalize within the memory that the function has; it takes a minute of CPU."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 512  # MB; half of what the template gives the function


def test_a_million_results_stream_through_finalize_in_half_a_gigabyte() -> None:
    program = [sys.executable, "-m", "tests.integration.million_results"]
    quick = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # it would take minutes
    run = subprocess.run(program, cwd=ROOT, env=quick, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    rows, _bytes, queries, megabytes = map(int, run.stdout.split())
    assert (rows, queries) == (1_000_001, 5_000)
    assert megabytes < LIMIT
