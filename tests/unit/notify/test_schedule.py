"""When a delivery is tried again."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.notify.schedule import DELAYS, JITTER, MAX_ATTEMPTS, next_delay

MINUTE, HOUR = 60, 3_600


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [
        (1, 5),
        (2, 5 * MINUTE),
        (3, 30 * MINUTE),
        (4, 2 * HOUR),
        (5, 5 * HOUR),
        (6, 10 * HOUR),
        (7, 14 * HOUR),
        (8, 20 * HOUR),
        (9, 24 * HOUR),
    ],
)
def test_the_attempts_come_as_documented(attempts: int, seconds: float) -> None:
    assert next_delay(attempts, 0.0, None) == seconds


def test_there_is_no_attempt_after_the_tenth() -> None:
    assert (MAX_ATTEMPTS, next_delay(10, 0.0, None)) == (10, None)


def test_a_receiver_that_asks_for_time_gets_no_more_attempts_for_it() -> None:
    assert next_delay(10, 0.0, 60.0) is None


def test_jitter_makes_a_delay_a_tenth_longer_at_most() -> None:
    assert next_delay(2, 1.0, None) == pytest.approx(330)


def test_a_receiver_that_asks_for_more_time_gets_it() -> None:
    assert next_delay(1, 0.0, 600) == 600


def test_a_receiver_that_asks_for_less_time_does_not_hasten_the_next_attempt() -> None:
    assert next_delay(2, 0.0, 1) == 300


def test_a_receiver_that_asks_for_a_year_is_asked_again_within_the_longest_delay() -> None:
    assert next_delay(1, 0.0, 31_536_000) == DELAYS[-1] * (1 + JITTER)


@given(st.floats(0, 1))
def test_delays_only_grow(jitter: float) -> None:
    delays = [next_delay(attempts, jitter, None) or 0 for attempts in range(1, MAX_ATTEMPTS)]
    assert all(earlier < later for earlier, later in pairwise(delays))
