"""Memory that threads share."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.compress.worker import Budget

PATIENCE = 10  # seconds after which a test that hangs fails


def used(budget: Budget) -> int:
    return budget._used


def test_what_is_taken_is_used() -> None:
    budget = Budget(100)
    with budget.reservation() as share:
        share.take(60)
        assert used(budget) == 60


def test_what_was_taken_is_given_back_at_the_end() -> None:
    budget = Budget(100)
    with budget.reservation() as share:
        share.take(60)
    assert used(budget) == 0


def test_what_was_taken_is_given_back_by_who_fails() -> None:
    budget = Budget(100)

    def fail() -> None:
        with budget.reservation() as share:
            share.take(60)
            raise OSError("reset")

    with pytest.raises(OSError, match="reset"):
        fail()
    assert used(budget) == 0


def test_a_share_can_shrink() -> None:
    budget = Budget(100)
    with budget.reservation() as share:
        share.take(60)
        share.resize(10)
        assert used(budget) == 10


def test_a_share_does_not_grow_by_resizing() -> None:
    budget = Budget(100)
    with budget.reservation() as share:
        share.take(60)
        share.resize(90)
        assert used(budget) == 60


def test_taking_again_gives_back_what_was_held() -> None:
    budget = Budget(100)
    with budget.reservation() as share:
        share.take(60)
        share.take(80)
        assert used(budget) == 80


def test_who_needs_more_than_is_left_waits_until_it_is_given_back() -> None:
    budget = Budget(100)
    order: list[str] = []

    def wait_and_take() -> None:
        with budget.reservation() as share:
            share.take(50)
            order.append("second")

    with budget.reservation() as share:
        share.take(60)
        waiting = threading.Thread(target=wait_and_take, daemon=True)
        waiting.start()
        order.append("first")
    waiting.join(PATIENCE)
    assert order == ["first", "second"]


def test_a_share_that_shrinks_lets_others_in() -> None:
    budget = Budget(100)

    def take() -> None:
        with budget.reservation() as share:
            share.take(50)

    with budget.reservation() as share:
        share.take(100)
        waiting = threading.Thread(target=take, daemon=True)
        waiting.start()
        share.resize(50)
        waiting.join(PATIENCE)
        assert not waiting.is_alive()


def test_a_need_over_the_total_takes_everything() -> None:
    budget = Budget(100)
    with budget.reservation() as share:
        share.take(1000)
        assert used(budget) == 100


def test_a_need_over_the_total_waits_until_it_is_alone() -> None:
    budget = Budget(100)
    others_when_taken: list[bool] = []
    has_left = False

    def take_all() -> None:
        with budget.reservation() as share:
            share.take(1000)
            others_when_taken.append(not has_left)

    with budget.reservation() as share:
        share.take(1)
        waiting = threading.Thread(target=take_all, daemon=True)
        waiting.start()
        has_left = True
    waiting.join(PATIENCE)
    assert others_when_taken == [False]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 150), min_size=1, max_size=30))
def test_no_mix_of_needs_ever_holds_more_than_the_total(needs: list[int]) -> None:
    budget = Budget(100)

    def hold(need: int) -> int:
        with budget.reservation() as share:
            share.take(need)
            return used(budget)

    with ThreadPoolExecutor(8) as threads:
        assert max(threads.map(hold, needs, timeout=PATIENCE)) <= 100
