"""Origins with moods, and the real way out and codec in a world whose URLs lead to loopback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from functions.adapters.http.fetch import MAX_SECONDS, Fetcher
from functions.adapters.http.guard import Guard
from functions.compress.codec import compress, probe
from functions.core.errors import ImageError
from functions.core.network.addresses import AddressPolicy
from functions.core.network.fetched import Fetched
from tests.fakes import Clock, with_steps
from tests.faults.simulator.inputs import HEAD
from tests.faults.simulator.invariants import csv_of, of_the_world, violations
from tests.faults.simulator.row import Row
from tests.faults.simulator.world import SimOrigins, World
from tests.loopback import LOOPBACK, MAX_BYTES

Resolve = Callable[..., list[Any]]


@dataclass
class MoodyOrigins(SimOrigins):
    """`moods` by URL come first, one after another; `asked_at` is when each was asked."""

    clock: Clock = field(default_factory=Clock)
    moods: dict[str, list[ImageError]] = field(default_factory=dict)
    asked_at: dict[str, list[float]] = field(default_factory=dict)

    def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched:
        self.asked_at.setdefault(url, []).append(self.clock.now)
        if self.moods.get(url):
            raise self.moods[url].pop(0)
        return super().fetch(url, reserve)


def with_moods(world: World, moods: dict[str, list[ImageError]]) -> MoodyOrigins:
    """Origins that do so, in place of the world's."""
    world.origins = MoodyOrigins(clock=world.clock, moods=moods)
    return world.origins


def with_real_codec(world: World) -> None:
    """Pictures are decoded and encoded."""
    needed: Callable[[bytes, Any], int] = lambda source, options: probe(source, options).decoded_bytes  # noqa: E731
    world.worker = with_steps(world.worker, memory_needed=needed, compress=compress)


@contextmanager
def with_real_fetcher(
    world: World, policy: AddressPolicy = LOOPBACK, resolve: Resolve | None = None, max_seconds: float = MAX_SECONDS
) -> Iterator[None]:
    """URLs are fetched; names are looked up by `resolve`."""
    guard = Guard(policy, resolve) if resolve else Guard(policy)
    fetcher = Fetcher(guard, MAX_BYTES, guard.pools(), max_seconds, world.clock)
    world.worker = with_steps(world.worker, fetcher=fetcher)
    yield
    fetcher.pools.clear()


def rows_of(*urls: str) -> tuple[str, ...]:
    """A CSV with a product for each URL."""
    return (HEAD, *(f"P{n},{url}" for n, url in enumerate(urls)))


def settle(row: Row) -> None:
    """Until quiet; everything holds but the bytes of the output CSV, which nobody knows beforehand."""
    row.schedule.run()
    lines = csv_of(row.world, row.request_id)
    assert [*of_the_world(row.world), *violations(row.world, row.request_id, lines, listens=True)] == []
