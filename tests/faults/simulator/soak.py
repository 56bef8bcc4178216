"""Many rounds, one seed each: how many broke, how fast they were, and what was done to them."""

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from functions.adapters.telemetry import logger
from tests.faults.simulator.faults import Kind
from tests.faults.simulator.rounds import Round, play


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--rounds", type=int, default=1_000)
    wanted = parser.parse_args()
    began = time.monotonic()
    seeds = range(wanted.seed, wanted.seed + wanted.rounds)
    with ProcessPoolExecutor(initializer=quiet) as pool:
        rounds = [told(played) for played in pool.map(play, seeds, chunksize=20)]
    return summary(rounds, time.monotonic() - began)


def quiet() -> None:
    """Each failure that is injected would be logged."""
    logger.setLevel("CRITICAL")


def told(played: Round) -> Round:
    if played.broken:
        say(str(played))
    return played


def summary(rounds: list[Round], seconds: float) -> int:
    """1 if any round broke an invariant."""
    counts: Counter[Kind] = sum((played.counts for played in rounds), Counter())
    broken = sum(bool(played.broken) for played in rounds)
    pace = f"{len(rounds) / seconds:.1f} a second on {os.cpu_count()} cores"
    say(f"{len(rounds)} schedules in {seconds:.0f} s, {pace}; {broken} with violations")
    say(", ".join(f"{kind} {number:,}" for kind, number in counts.most_common()))
    return int(bool(broken))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
