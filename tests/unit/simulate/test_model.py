"""The whole stack in small cases that can be counted by hand, and what holds of it at every step."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.simulate.ceilings import ceilings
from infra.simulate.demand import Arrival, Demand
from infra.simulate.deployment import Deployed, Pace
from infra.simulate.limits import (
    ACCOUNT,
    BUCKET,
    CALLS,
    FLIGHT,
    HOT_KEY,
    INGESTS,
    MAPPING,
    PACE,
    REQUEST,
    TABLE,
    WARMTH,
    WORKERS,
    PaceLimit,
)
from infra.simulate.model import LEAST, DeployedStack

DEFAULT = Deployed.of_template()
MANY = 10**9
UNLIMITED = replace(DEFAULT, warm_writes=MANY, table_writes=MANY, bucket_puts=MANY, request_puts=MANY, account=MANY)


def played(deployment: Deployed, *arrivals: Arrival, seconds: int) -> DeployedStack:
    stack = DeployedStack(deployment)
    for _ in stack.run([arrival for arrival in arrivals if arrival.second == now] for now in range(seconds)):
        pass
    return stack


def first_held(stack: DeployedStack) -> PaceLimit:
    return stack.trace.held_back.most_common(1)[0][0]


def steady(images: int) -> Iterator[list[Arrival]]:
    return repeat([Arrival(0, images)], 300)


@given(
    st.lists(st.builds(Arrival, st.integers(0, 60), st.integers(1, 5_000), st.integers(1, 20)), max_size=20),
    st.integers(2, 200),
    st.integers(1, 3_000),
    st.integers(50, 5_000),
)
@settings(max_examples=40, deadline=None)
def test_every_image_that_came_is_written_or_waits(
    arrivals: list[Arrival], workers: int, request_puts: int, bucket_puts: int
) -> None:
    stack = DeployedStack(replace(DEFAULT, workers=workers, request_puts=request_puts, bucket_puts=bucket_puts))
    for now in stack.run([each for each in arrivals if each.second == second] for second in range(120)):
        came, written = sum(stack.trace.arrived), sum(stack.trace.written)
        held = stack.unsent + stack.sending.inside + stack.waiting + stack.working.inside + sum(stack.held.values())
        assert came == pytest.approx(written + held, abs=LEAST), now
        assert min(stack.unsent, stack.waiting, stack.in_flight) >= -LEAST


@given(st.lists(st.builds(Arrival, st.integers(0, 60), st.integers(1, 2_000), st.integers(1, 5)), max_size=10))
@settings(max_examples=30, deadline=None)
def test_every_request_ends_and_each_of_its_images_is_counted_once(arrivals: list[Arrival]) -> None:
    stack = played(UNLIMITED, *arrivals, seconds=1_000)
    assert stack.have_ended(MANY)
    assert [group.in_flight for group in stack.trace.groups] == pytest.approx([0.0] * len(arrivals))
    assert [group.counted for group in stack.trace.groups] == pytest.approx([g.total for g in stack.trace.groups])


def test_as_much_is_written_as_comes_and_workers_are_as_many_as_that_takes() -> None:
    stack = DeployedStack(DEFAULT)
    for _ in stack.run(steady(200)):
        pass
    assert stack.trace.written[-1] == pytest.approx(200)
    assert stack.trace.workers[-1] == pytest.approx(200 * DEFAULT.batch_seconds / DEFAULT.batch)
    assert stack.trace.held_back[WORKERS] == 0


def test_workers_that_are_too_few_write_what_they_can() -> None:
    stack = DeployedStack(DEFAULT)
    for _ in stack.run(steady(2 * round(DEFAULT.images_a_second))):
        pass
    assert stack.trace.written[-1] == pytest.approx(DEFAULT.images_a_second)
    assert first_held(stack) is WORKERS


def test_a_hundred_images_are_done_within_seconds() -> None:
    """One to read them, the batch's window, its seconds, the stream's window, one to write the CSV."""
    (group,) = played(DEFAULT, Arrival(0, 100), seconds=20).trace.groups
    assert group.ended is not None
    assert DEFAULT.batch_seconds + 2 < group.ended <= DEFAULT.batch_seconds + 6


def test_a_burst_waits_for_new_workers_first() -> None:
    deployment = replace(UNLIMITED, workers=900, ingests=900)
    stack = played(deployment, *(Arrival(0, 10_000 + n) for n in range(20)), seconds=60)
    assert first_held(stack) is PACE
    assert max(stack.trace.workers) <= 5 + 300


@pytest.mark.parametrize(
    ("limit", "changes"),
    [
        (INGESTS, {"ingests": 1, "ingest": Pace(1.0, 0.0)}),
        (CALLS, {"calls_a_second": 1}),
        (ACCOUNT, {"account": 30}),
        (FLIGHT, {"in_flight": 250}),
        (REQUEST, {"request_puts": 10}),
        (WARMTH, {"warm_writes": 0, "writes_an_image": 40.0}),
    ],
)
def test_what_holds_images_back_is_named(limit: PaceLimit, changes: dict[str, Any]) -> None:
    """Of 400 images a second, of two requests."""
    arrivals = (Arrival(second, 200) for second in range(300) for _ in range(2))
    stack = played(replace(UNLIMITED, **changes), *arrivals, seconds=300)
    assert first_held(stack) is limit


def test_workers_that_wait_for_a_bucket_take_nothing_else() -> None:
    deployment = replace(UNLIMITED, request_puts=10)
    stack = played(deployment, *(Arrival(0, 2_000 + n) for n in range(5)), seconds=100)
    assert stack.trace.written[-1] == pytest.approx(5 * 10)
    assert max(stack.trace.workers) <= deployment.workers + LEAST


TIGHT: dict[PaceLimit, dict[str, Any]] = {
    MAPPING: {},
    WORKERS: {"workers": 100},
    ACCOUNT: {"account": 500, "ingests": 10, "finalizers": 5},
    FLIGHT: {"in_flight": 2_500},
    BUCKET: {"bucket_puts": 3_500},
    WARMTH: {"warm_writes": 0},
    TABLE: {"table_writes": 5_000},
}


@pytest.mark.parametrize("limit", TIGHT, ids=lambda limit: limit.name)
def test_a_limit_lets_through_what_arithmetic_says(limit: PaceLimit) -> None:
    wide = replace(UNLIMITED, workers=UNLIMITED.most_workers, ingests=1_000)
    deployment = replace(wide, **TIGHT[limit])
    arrivals = [Arrival(second, 1_000, 12) for second in range(400)]
    written = played(deployment, *arrivals, seconds=400).trace.written
    assert sum(written[-60:]) / 60 == pytest.approx(ceilings(deployment, Demand(MANY))[limit], rel=0.05)


def test_a_new_table_takes_4000_units_a_second() -> None:
    deployment = replace(UNLIMITED, warm_writes=0, workers=1_000, most_workers=1_000, ingests=100)
    stack = played(deployment, *(Arrival(0, 100_000 + n) for n in range(40)), seconds=600)
    assert max(stack.trace.written) == pytest.approx(4_000 / DEFAULT.writes_an_image)


def test_a_request_closes_at_most_500_chunks_a_second() -> None:
    """Its record takes 1,000 units, and each transaction two of them; with chunks of one image, 500 images."""
    deployment = replace(UNLIMITED, chunk=1, ingests=100, workers=500)
    alone = played(deployment, Arrival(0, 20_000), seconds=200)
    shared = played(deployment, Arrival(0, 10_000), Arrival(0, 10_001), seconds=200)
    counted = [max(each.counted_at or MANY for each in stack.trace.groups) for stack in (alone, shared)]
    assert first_held(alone) in {HOT_KEY, PACE}
    assert alone.trace.held_back[HOT_KEY] > 0
    assert counted[0] >= 20_000 / 500
    assert counted[1] < counted[0]


def test_functions_that_read_csvs_are_of_the_same_account() -> None:
    deployment = replace(UNLIMITED, account=50, ingest=Pace(0.0, 0.002))
    stack = played(deployment, *(Arrival(0, 5_000 + n) for n in range(40)), seconds=15)
    assert max(stack.trace.workers) == pytest.approx(50 - deployment.ingests, rel=0.02)  # tally has a part of one


def test_results_are_counted_in_two_lanes_for_each_thousand_writes() -> None:
    """Four shards of a new table, two lanes each, 0.04 s an image: 200 a second."""
    deployment = replace(DEFAULT, tally_image_seconds=0.04)
    stack = played(deployment, Arrival(0, 2_000), seconds=40)
    assert 2_000 / 200 <= (stack.trace.groups[0].counted_at or MANY) <= 2_000 / 200 + 6


def test_a_backlog_of_a_large_request_does_not_delay_small_ones() -> None:
    small = [Arrival(second, 100) for second in range(120, 180, 10)]
    stack = played(DEFAULT, Arrival(0, 300_000), *small, seconds=250)
    seconds = [(group.ended or MANY) - group.arrived for group in stack.trace.groups if group.images == 100]
    assert max(seconds) <= 8
