"""One seed is one round: which requests there are, how likely each fault is, and everything that happens to them."""

import random
from collections import Counter
from dataclasses import dataclass
from functools import cache

from functions.finalize.outgoing import output_key
from tests.faults.faults import Faults, Kind
from tests.faults.inputs import INPUTS, drop, listen, upload
from tests.faults.invariants import violations
from tests.faults.schedule import Schedule
from tests.faults.world import RESULTS, World

RATES = (0.01, 0.02, 0.05, 0.1)
CANCEL_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Round:
    """What became of a seed."""

    seed: int
    broken: tuple[str, ...]
    counts: Counter[Kind]
    steps: int

    def __str__(self) -> str:
        told = "; ".join(dict.fromkeys(self.broken))
        return f"FAULT_SEED={self.seed} python -m pytest tests/faults -k replay: {told}"


@cache
def undisturbed(lines: tuple[str, ...], is_drop: bool) -> bytes | None:
    """The output CSV of a request to which nothing happens."""
    world = World(Faults(0))
    request_id = drop(world, lines) if is_drop else upload(world, lines)
    Schedule(world, 0).run()
    world.close()
    return world.s3.content(RESULTS, output_key(request_id))


def play(seed: int) -> Round:
    """Run a seed until it is quiet, and look at what is left."""
    rng = random.Random(f"round {seed}")  # noqa: S311 - a schedule, not a secret
    lines, is_drop, listens = rng.choice(INPUTS), rng.random() < 0.6, rng.random() < 0.5
    world = World(Faults(seed, rng.choice(RATES)))
    if listens:
        listen(world)
    request_id = (
        drop(world, lines, times=rng.randint(1, 3))
        if is_drop
        else upload(world, lines, is_message_lost=rng.random() < 0.2)
    )
    cancel_at = {rng.randint(1, 40): request_id} if rng.random() < CANCEL_SHARE else {}
    schedule = Schedule(world, seed, calm_after=rng.choice((40, 150)), cancel_at=cancel_at)
    try:
        schedule.run()
        broken = violations(world, request_id, undisturbed(lines, is_drop), listens=listens)
    except AssertionError as error:
        broken = [str(error)]
    finally:
        world.close()
    return Round(seed, tuple(broken), world.faults.counts, schedule.steps)
