"""Many rounds, one seed each: how many broke, how fast they were, and what was done to them."""

import argparse
import sys
import time
from collections import Counter

from functions.adapters.telemetry import logger
from tests.faults.faults import Kind
from tests.faults.rounds import Round, play


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--rounds", type=int, default=1_000)
    wanted = parser.parse_args()
    logger.setLevel("CRITICAL")  # each failure that is injected would be logged
    began = time.monotonic()
    rounds = [told(play(seed)) for seed in range(wanted.seed, wanted.seed + wanted.rounds)]
    return summary(rounds, time.monotonic() - began)


def told(played: Round) -> Round:
    if played.broken:
        say(str(played))
    return played


def summary(rounds: list[Round], seconds: float) -> int:
    """1 if any round broke an invariant."""
    counts: Counter[Kind] = sum((played.counts for played in rounds), Counter())
    broken = sum(bool(played.broken) for played in rounds)
    say(f"{len(rounds)} schedules in {seconds:.0f} s, {len(rounds) / seconds:.1f} a second; {broken} with violations")
    say(", ".join(f"{kind} {number:,}" for kind, number in counts.most_common()))
    return int(bool(broken))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
