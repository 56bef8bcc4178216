"""What the worst origins take of a worker, measured: `python -m tests.hostile.figures` prints the table."""

import json
import os
import subprocess
import sys

from tests.hostile.measured import MEBIBYTE, Taken
from tests.hostile.tricks import WORST
from tests.loopback import Answer, serving

ENVIRONMENT = os.environ | {"MALLOC_ARENA_MAX": "1"}  # as deployed


def taken(answer: Answer, count: int, max_seconds: float) -> Taken:
    """By so many downloads at once from an origin that does this, in a process of their own."""
    with serving() as origin:
        url = origin.does("/worst", answer)
        command = [sys.executable, "-m", "tests.hostile.measured", url, str(count), str(max_seconds)]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    return Taken(**json.loads(ran.stdout))


def main(count: int = 25, max_seconds: float = 20.0) -> None:
    sys.stdout.write(f"{count} downloads at once, each with {max_seconds:g} s\n")
    for name, answer in WORST.items():
        found = taken(answer, count, max_seconds)
        codes = ", ".join(f"{times} {code}" for code, times in found.codes.items())
        figures = f"{found.seconds:6.2f} s  +{found.grown // MEBIBYTE:4} MiB  {found.peak // MEBIBYTE:4} MiB"
        sys.stdout.write(f"{name:32}{figures}  {codes}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
