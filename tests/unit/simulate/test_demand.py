"""A day has its images, and an hour of it ten times the mean."""

import pytest

from infra.simulate.demand import BEFORE, BURST_SECONDS, DAY, Demand

DAYS = [1e6, 1e7, 1e8, 1e9]


def images(demand: Demand, begin: int, end: int) -> int:
    seconds = list(demand.arrivals(end))[begin:]
    return sum(arrival.images * arrival.requests for second in seconds for arrival in second)


@pytest.mark.parametrize("day", DAYS)
def test_burst_and_rest_of_a_day_are_its_images(day: float) -> None:
    demand = Demand(day)
    assert demand.peak * BURST_SECONDS + demand.usual * (DAY - BURST_SECONDS) == pytest.approx(day)


@pytest.mark.parametrize("day", DAYS)
def test_the_burst_is_ten_times_the_mean(day: float) -> None:
    demand = Demand(day)
    assert demand.rate(BEFORE - 1) == demand.usual
    assert demand.rate(BEFORE) == pytest.approx(10 * day / DAY)


@pytest.mark.parametrize("day", DAYS)
def test_requests_add_up_to_the_rate(day: float) -> None:
    """But for the last request of each size, which may come just before or just after."""
    demand = Demand(day)
    found = images(demand, BEFORE, BEFORE + BURST_SECONDS)
    assert found == pytest.approx(demand.peak * BURST_SECONDS, abs=sum(demand.shares()))


def test_a_small_day_has_no_request_of_a_million() -> None:
    assert (max(Demand(1e6).shares()), max(Demand(1e7).shares())) == (100_000, 1_000_000)


def test_the_same_seed_gives_the_same_day() -> None:
    assert list(Demand(1e8).arrivals(100)) == list(Demand(1e8).arrivals(100))
    assert list(Demand(1e8).arrivals(100)) != list(Demand(1e8, seed=2).arrivals(100))
