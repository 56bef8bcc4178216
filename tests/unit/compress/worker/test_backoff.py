"""The wait before the next delivery of an image."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.compress.worker.backoff import MAX_WAIT, wait_seconds


@pytest.mark.parametrize(("receives", "seconds"), [(1, 10), (2, 20), (3, 40), (4, 80)])
def test_the_wait_doubles_with_each_delivery(receives: int, seconds: float) -> None:
    assert wait_seconds(receives, 10, 1.0, None) == seconds


def test_jitter_spreads_the_second_half_of_the_wait() -> None:
    assert (wait_seconds(1, 10, 0.0, None), wait_seconds(1, 10, 1.0, None)) == (5, 10)


def test_the_wait_is_never_less_than_the_origin_asked_for() -> None:
    assert wait_seconds(1, 10, 1.0, 60) == 60


def test_an_origin_that_asks_for_less_does_not_shorten_the_wait() -> None:
    assert wait_seconds(3, 10, 1.0, 1) == 40


def test_the_wait_is_limited_whatever_the_origin_asks_for() -> None:
    assert wait_seconds(1, 10, 1.0, 86_400) == MAX_WAIT


@given(st.integers(1, 1000), st.floats(0, 3600), st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_the_wait_is_always_within_its_limits(
    receives: int, first_wait: float, jitter: float, retry_after: float | None
) -> None:
    assert 0 <= wait_seconds(receives, first_wait, jitter, retry_after) <= MAX_WAIT
