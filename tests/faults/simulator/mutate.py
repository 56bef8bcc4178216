"""Takes away one protection after another, in copies of the code, and tells which test goes red; 1 if none does."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.faults.simulator.mutations import MUTATIONS, Mutation

ROOT = Path(__file__).parents[3]
COPIED = ("functions", "infra", "tests", "pyproject.toml", "template.yaml")
IGNORED = shutil.ignore_patterns("__pycache__", "vendor", "system", "slow", "browser")
WORKERS = os.cpu_count() or 1
SECONDS = 600  # until a test that hangs counts as red


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="mutations whose words have this")
    wanted = [each for each in MUTATIONS if parser.parse_args().only in each.what]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            copies.put(_copy(Path(folder) / str(number)))
        red = [
            _tell(each, found) for each, found in zip(wanted, pool.map(lambda m: _red(m, copies), wanted), strict=True)
        ]
    sys.stdout.write(f"{sum(red)} of {len(wanted)} mutations are seen\n")
    return int(not all(red))


def _copy(place: Path) -> Path:
    place.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=IGNORED)
        else:
            shutil.copy(ROOT / name, place / name)
    return place


def _red(mutation: Mutation, copies: "SimpleQueue[Path]") -> str:
    """The test that fails first under the mutation; empty when all pass."""
    copy = copies.get()
    file = copy / "functions" / mutation.file
    original = file.read_text()
    try:
        file.write_text(mutated(original, mutation))
        return _first_failure(copy, mutation.test)
    finally:
        file.write_text(original)
        copies.put(copy)


def mutated(source: str, mutation: Mutation) -> str:
    """The source without the protection. Raises ValueError when that is not there, or there more than once."""
    if source.count(mutation.old) != 1:
        raise ValueError(f"{mutation.what}: found {source.count(mutation.old)} times in {mutation.file}")
    return source.replace(mutation.old, mutation.new)


def _first_failure(copy: Path, test: str) -> str:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", test]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        run = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{test} (hangs)"
    failures = [line.split(" ")[1] for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if not failures and run.returncode:
        raise RuntimeError(f"{test} cannot be run: {run.stdout[-2000:]}{run.stderr[-2000:]}")
    return failures[0] if failures else ""


def _tell(mutation: Mutation, red: str) -> bool:
    sys.stdout.write(f"{'red  ' if red else 'GREEN'} {mutation.what}: {red or mutation.test}\n")
    sys.stdout.flush()
    return bool(red)


if __name__ == "__main__":
    sys.exit(main())
