"""What the model raises, what it names, what it costs."""

from dataclasses import replace

import pytest

from infra.cost.bill import Ledger, Setting, bill
from infra.cost.prices import prices
from infra.cost.worker import IMAGE_CPU, ORIGIN_SECONDS
from infra.simulate.ceilings import ceilings
from infra.simulate.demand import Demand
from infra.simulate.deployment import Deployed, Pace, template
from infra.simulate.limits import FLIGHT, MAPPING, PACE, TABLE, WORKERS, PaceLimit
from infra.simulate.search import LEVERS, Outcome, plan, played

DEFAULT = Deployed.of_template()
AT = prices("us-east-1")
MILLION = 1_000_000


def test_the_deployment_is_that_of_the_template() -> None:
    parameters = {name: of.get("Default") for name, of in template()["Parameters"].items()}
    assert (DEFAULT.workers, DEFAULT.memory) == (parameters["CompressConcurrency"], parameters["CompressMemory"])
    assert (DEFAULT.batch, DEFAULT.work.connections) == (parameters["CompressBatch"], parameters["OriginConnections"])
    assert (DEFAULT.work.cpu, DEFAULT.work.origin_seconds) == (IMAGE_CPU, ORIGIN_SECONDS)


def test_a_million_images_a_day_need_nothing() -> None:
    found = plan(Demand(MILLION), DEFAULT)
    assert (found.moved, found.found) == ((), found.default)
    assert found.default.is_digested


def test_ten_million_images_a_day_need_more_workers_and_nothing_else() -> None:
    found = plan(Demand(10 * MILLION), DEFAULT)
    assert not found.default.is_digested
    assert found.default.met[0] is WORKERS
    assert found.moved == (WORKERS,)
    assert found.found.is_digested
    assert replace(found.found.deployment, workers=DEFAULT.workers) == DEFAULT


def test_a_day_that_no_stack_bears_is_divided() -> None:
    small = replace(DEFAULT, most_workers=60)
    found = plan(Demand(10 * MILLION), small)
    assert found.moved[-1] is MAPPING
    assert found.found.stacks >= 2
    assert found.found.demand.images_a_day * found.found.stacks == pytest.approx(10 * MILLION)


@pytest.mark.parametrize("limit", LEVERS, ids=lambda limit: limit.name)
def test_what_is_raised_lets_more_through(limit: PaceLimit) -> None:
    slow = Pace(1.0, 0.01)
    tight = replace(DEFAULT, table_writes=5_000, calls_a_second=10, ingest=slow, finalize=slow)
    before = tight if limit is WORKERS else replace(tight, workers=DEFAULT.most_workers)
    demand = Demand(1_000 * MILLION)
    after = LEVERS[limit](before, demand)
    assert ceilings(after, demand)[limit] > ceilings(before, demand)[limit]


@pytest.mark.parametrize("limit", [PACE, FLIGHT], ids=lambda limit: limit.name)
def test_nothing_moves_what_aws_does_not_sell(limit: PaceLimit) -> None:
    assert limit not in LEVERS


def test_dollars_of_a_day_are_those_of_the_bill() -> None:
    found = played(Demand(MILLION), DEFAULT)
    whole = sum(bill(Ledger.kept(), DEFAULT.work, Setting(DEFAULT.memory), AT).values())
    assert found.trace.held_seconds == 0
    assert (found.dollars_a_million(AT), found.dollars_a_day(AT)) == pytest.approx((whole, whole))


def test_workers_that_wait_for_a_table_are_paid_for() -> None:
    found: Outcome = played(Demand(MILLION), DEFAULT)
    found.trace.held_seconds = sum(found.trace.arrived)  # a second an image
    gigabytes = DEFAULT.memory / 1_024
    more = MILLION / DEFAULT.batch * gigabytes * AT.of("lambda", "arm64_gb_second")
    whole = sum(bill(Ledger.kept(), DEFAULT.work, Setting(DEFAULT.memory), AT).values())
    assert found.dollars_a_million(AT) == pytest.approx(whole + more)


def test_a_table_may_be_asked_for_more_than_its_quota() -> None:
    asked = LEVERS[TABLE](replace(DEFAULT, workers=1_000, table_writes=5_000), Demand(100 * MILLION))
    assert asked.table_writes >= DEFAULT.writes_an_image * 9_000
