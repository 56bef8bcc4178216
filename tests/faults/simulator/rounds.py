"""One seed is one round: which requests there are, how likely each fault is, and everything that happens to them."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from tests.faults.simulator.faults import Faults, Kind
from tests.faults.simulator.inputs import INPUTS, KEY, SIZES, drop, listen, retry, upload
from tests.faults.simulator.invariants import csv_of, of_the_world, violations
from tests.faults.simulator.schedule import Schedule
from tests.faults.simulator.world import World

RATES = (0.01, 0.03, 0.1, 0.2)
CALM_AFTER = (40, 150, 300)  # steps
REQUESTS = (1, 1, 2, 3)
KEYS = (KEY, KEY, "incoming/acme/other.csv")  # of drops: most are versions of one file
LAST_ARRIVAL, LAST_CANCEL, LAST_RETRY = 30, 60, 200  # steps
DROP_SHARE, CANCEL_SHARE, RETRY_SHARE, LOST_SHARE = 0.6, 0.1, 0.2, 0.2


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


Asked = tuple[tuple[str, ...], str]  # the lines of a CSV, and the renditions of its images


@dataclass
class Users:
    """Those who bring CSVs, cancel some of the requests, and retry some that have ended."""

    world: World
    schedule: Schedule
    rng: random.Random
    asked: dict[str, Asked] = field(default_factory=dict)  # by request

    def come(self) -> None:
        """Decide who does what, and when."""
        for number in range(self.rng.choice(REQUESTS)):
            self._at(LAST_ARRIVAL if number else 1, self._ask)

    def _at(self, last: int, act: Callable[[], object]) -> None:
        step = self.schedule.steps + self.rng.randint(1, last)
        while step in self.schedule.at:
            step += 1
        self.schedule.at[step] = act

    def _ask(self) -> None:
        lines, renditions = self.rng.choice(INPUTS), ""
        if self.rng.random() < DROP_SHARE:
            renditions = self.rng.choice(["", "", SIZES])
            key, times = self.rng.choice(KEYS), self.rng.randint(1, 3)
            request_id = drop(self.world, lines, key=key, times=times, renditions=renditions)
        else:
            is_lost = self.rng.random() < LOST_SHARE
            request_id = upload(self.world, lines, is_message_lost=is_lost, request_id=self._new_id())
        self.asked[request_id] = (lines, renditions)
        if self.rng.random() < CANCEL_SHARE:
            self._at(LAST_CANCEL, lambda: self.schedule.cancel(request_id))
        if self.rng.random() < RETRY_SHARE:
            self._at(LAST_RETRY, lambda: self._retry(request_id))

    def _retry(self, parent_id: str) -> None:
        """Also of a request that completed, which then has nothing left to do."""
        parent = self.world.onlooker.find(parent_id)
        if parent is None or not parent.status.is_terminal:
            self._at(LAST_RETRY, lambda: self._retry(parent_id))
            return
        child_id = retry(self.world, parent_id, self._new_id())
        self.asked[child_id] = self.asked[parent_id]

    def _new_id(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))


@cache
def undisturbed(lines: tuple[str, ...], renditions: str = "") -> list[bytes]:
    """The output CSV of a request to which nothing happens."""
    world = World(Faults(0))
    request_id = drop(world, lines, renditions=renditions)
    Schedule(world, 0).run()
    return csv_of(world, request_id)


def play(seed: int) -> Round:
    """Run a seed until it is quiet, and look at what is left."""
    rng = random.Random(f"round {seed}")  # noqa: S311 - a schedule, not a secret
    world = World(Faults(seed, rng.choice(RATES)))
    if listens := rng.random() < 0.5:
        listen(world)
    schedule = Schedule(world, seed, calm_after=rng.choice(CALM_AFTER))
    users = Users(world, schedule, rng)
    users.come()
    try:
        schedule.run()
        broken = [*of_the_world(world)]
        broken += [
            f"{request_id}: {violation}"
            for request_id, asked in users.asked.items()
            for violation in violations(world, request_id, undisturbed(*asked), listens=listens)
        ]
    except AssertionError as error:
        broken = [str(error)]
    return Round(seed, tuple(broken), world.faults.counts, schedule.steps)
