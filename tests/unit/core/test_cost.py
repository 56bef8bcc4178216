"""What a million images cost: the model of the worker, the lines of the bill, the goal."""

from typing import Any

import pytest

from functions.core.cost import estimated_dollars
from infra.cost.__main__ import CONNECTIONS, GOAL, MEMORIES, USUAL
from infra.cost.bill import Ledger, Setting, bill, floor
from infra.cost.prices import MILLION, Prices, prices, regions
from infra.cost.worker import START_SECONDS, STORE_SECONDS, Work, batch_seconds
from tests.template.test_template import template

CPU = 0.035  # seconds of a whole core: half as much again as was measured, for a slower one
OVERHEAD = START_SECONDS + STORE_SECONDS
CORE = 1_769  # MB


def total(setting: Setting, work: Work, region: str = "us-east-1") -> float:
    return sum(bill(Ledger.kept(), work, setting, prices(region)).values())


def test_a_million_images_cost_less_than_the_goal() -> None:
    connections = template()["Parameters"]["OriginConnections"]["Default"]
    assert floor(Work(CPU), USUAL, prices("us-east-1")) < total(USUAL, Work(CPU, connections=connections)) < GOAL


def test_the_setting_that_is_priced_is_the_templates() -> None:
    parameters = template()["Parameters"]
    found = (parameters["CompressMemory"]["Default"], parameters["Architecture"]["Default"])
    assert (found, parameters["CompressBatch"]["Default"]) == ((USUAL.memory, USUAL.architecture), Work(CPU).batch)


def test_downloads_that_overlap_take_the_time_of_one() -> None:
    work = Work(cpu=0.0, origin_seconds=1.0, batch=25, connections=25)
    assert batch_seconds(CORE, work) == pytest.approx(1.0 + OVERHEAD)


def test_an_origin_that_is_asked_for_a_few_at_a_time_is_waited_for_in_turns() -> None:
    work = Work(cpu=0.0, origin_seconds=1.0, batch=25, connections=10)
    assert batch_seconds(CORE, work) == pytest.approx(3.0 + OVERHEAD)


def test_the_codec_works_while_downloads_wait() -> None:
    work = Work(cpu=0.02, origin_seconds=1.0, batch=20, connections=10)
    assert batch_seconds(CORE, work) == pytest.approx(2.0 + 10 * 0.02 + OVERHEAD)


@pytest.mark.parametrize(("memory", "seconds"), [(CORE // 2, 2.0), (CORE, 1.0), (2 * CORE, 0.5)])
def test_cpu_grows_with_memory(memory: int, seconds: float) -> None:
    work = Work(cpu=0.1, origin_seconds=0.0, batch=10, connections=10)
    assert batch_seconds(memory, work) == pytest.approx(seconds + OVERHEAD, abs=START_SECONDS + 0.001)


def test_fewer_connections_cost_more() -> None:
    dollars = [total(USUAL, Work(CPU, connections=connections)) for connections in CONNECTIONS]
    assert dollars == sorted(dollars, reverse=True)


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("region", regions())
def test_arm64_is_cheaper_for_the_same_work(memory: int, region: str) -> None:
    assert total(Setting(memory), Work(CPU), region) < total(Setting(memory, "x86_64"), Work(CPU), region)


def test_a_line_is_calls_times_their_price() -> None:
    ledger = Ledger({"PutObject": 1.0, "SendMessageBatch": 0.5}, {"writes": 2.0, "reads": 0.0}, 0.0)
    found = bill(ledger, Work(CPU), USUAL, prices("us-east-1"))
    assert (found["S3 PUT"], found["SQS"], found["DynamoDB writes"]) == pytest.approx((5.0, 0.2, 1.25))


@pytest.mark.parametrize("region", regions())
def test_prices_say_when_and_where_they_are_from(region: str) -> None:
    found = prices(region)
    assert (found.region, bool(found.date), bool(found.source)) == (region, True, True)


def test_all_regions_price_the_same_things() -> None:
    def names(found: Prices) -> dict[str, Any]:
        return {service: sorted(of) for service, of in found.table.items()}

    assert len({str(names(prices(region))) for region in regions()}) == 1


def test_the_estimate_of_the_status_is_what_the_bill_comes_to() -> None:
    measured = Work(cpu=0.024, connections=template()["Parameters"]["OriginConnections"]["Default"])
    assert estimated_dollars(MILLION) == pytest.approx(total(USUAL, measured), rel=0.05)
