"""Mutated files of every format become valid pictures or get their code; the long run is among the slow tests."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = 2000  # about a sixth of a minute


def fuzzed(examples: int, seed: str, last_file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.hostile.images_fuzz", str(examples), seed, str(last_file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def told(ran: subprocess.CompletedProcess[str], last_file: Path) -> str:
    """What went wrong; a process that was killed says nothing, but the file that it was at is there."""
    last = last_file.read_bytes() if last_file.exists() else b""
    return f"ended with {ran.returncode} at {last!r}: {ran.stdout[-2000:]} {ran.stderr[-5000:]}"


def test_a_mutated_file_becomes_a_picture_that_opens_or_gets_its_code(tmp_path: Path) -> None:
    ran = fuzzed(EXAMPLES, "", tmp_path / "last")
    assert ran.returncode == 0, told(ran, tmp_path / "last")
