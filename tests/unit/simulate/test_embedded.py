"""The model with the embedded engine's set-up gives what `make load` measured on a machine of two cores.

Two workers, batches of ten, turns, CSVs one by one. Two figures of a run go in: how long the ten large requests took to
be queued, and images a second; what comes out is when requests end. In a fourth case the pace itself comes out, of CPU
that was measured: 97 s of two cores for 5,000 images, of engine, workers, shop and caller together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from infra.cost.worker import FULL_CPU, START_SECONDS, STORE_SECONDS, Work
from infra.simulate.demand import Arrival
from infra.simulate.deployment import Deployed, Pace
from infra.simulate.fairness import BatchTurns
from infra.simulate.model import DeployedStack
from tests.load.traffic import LARGE, LARGE_IMAGES, SMALL, SMALL_IMAGES

STEP = 0.1
BATCH, WORKERS = 10, 2
IMAGES = LARGE * LARGE_IMAGES + SMALL * SMALL_IMAGES
PLENTY = 10**6
CPU = 97 / IMAGES
LARGE_WITHIN = 1 / 8
SMALL_WITHIN = 1 / 3
PACE_WITHIN = 1 / 4


@dataclass(frozen=True)
class Measured:
    """One run: seconds until the large ones were queued, images a second, when the large and the small ones ended."""

    queued: float
    pace: float
    large: tuple[float, float]  # the first and the last
    small: float  # the last


RUNS = [  # two when nobody else used the machine, one when others took most of it
    Measured(10, 63, (70.6, 78.9), 13.9),
    Measured(10, 81, (53.6, 61.0), 11.3),
    Measured(23, 31, (135.6, 161.3), 35.0),
]


def embedded(cpu: float, queued: float) -> Deployed:
    """`cpu` seconds of a core an image; each of the large CSVs takes its share of `queued`, and so does its end."""
    each = Pace(queued / LARGE, 0.0)
    return replace(
        Deployed.of_template(),
        workers=WORKERS,
        memory=FULL_CPU,
        work=Work(cpu, 0.0, BATCH, BATCH),
        batch_window=0.0,
        ingests=1,
        ingest=each,
        finalizers=1,
        finalize=each,
        account=PLENTY,
        warm_writes=PLENTY,
        table_writes=PLENTY,
        bucket_puts=PLENTY,
    )


def arrivals(queued: float) -> Iterator[list[Arrival]]:
    """The large ones at once, the small ones when those are queued."""
    yield [Arrival(0, LARGE_IMAGES)] * LARGE
    for _ in range(round(queued / STEP)):
        yield []
    yield [Arrival(0, SMALL_IMAGES)] * SMALL
    for _ in range(PLENTY):
        yield []


def played(deployment: Deployed, queued: float) -> DeployedStack:
    stack = DeployedStack(deployment, STEP, BatchTurns(BATCH))
    for now in stack.run(arrivals(queued)):
        if now > queued + 1 and stack.have_ended(PLENTY):
            break
    return stack


def seconds(stack: DeployedStack, images: int) -> list[float]:
    return sorted((group.ended or PLENTY) - group.arrived for group in stack.trace.groups if group.images == images)


def worker_cpu(pace: float) -> float:
    """An image's, of which two workers do so many a second."""
    return (WORKERS * BATCH / pace - START_SECONDS - STORE_SECONDS) / BATCH


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.pace} images/s")
def test_large_requests_end_when_they_did(run: Measured) -> None:
    found = seconds(played(embedded(worker_cpu(run.pace), run.queued), run.queued), LARGE_IMAGES)
    assert (found[0], found[-1]) == pytest.approx(run.large, rel=LARGE_WITHIN)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.pace} images/s")
def test_the_last_small_request_ends_when_it_did(run: Measured) -> None:
    found = seconds(played(embedded(worker_cpu(run.pace), run.queued), run.queued), SMALL_IMAGES)
    assert found[-1] == pytest.approx(run.small, rel=SMALL_WITHIN)


@pytest.mark.parametrize("run", RUNS[:2], ids=lambda run: f"{run.pace} images/s")
def test_the_pace_is_what_the_cpu_allows(run: Measured) -> None:
    stack = played(embedded(CPU, run.queued), run.queued)
    assert pytest.approx(run.pace, rel=PACE_WITHIN) == IMAGES / stack.now


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.pace} images/s")
def test_small_requests_end_in_half_the_time_of_large_ones_that_began_before(run: Measured) -> None:
    stack = played(embedded(worker_cpu(run.pace), run.queued), run.queued)
    assert seconds(stack, SMALL_IMAGES)[-1] < seconds(stack, LARGE_IMAGES)[0] / 2
