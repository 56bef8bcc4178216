"""What AWS makes larger as it is used, at the paces that its documents state."""

import pytest

from infra.simulate.growing import Growing, Mapping
from infra.simulate.limits import FUNCTION_MORE_A_SECOND, MORE_A_MINUTE

BUSY = 1_000.0


def after(seconds: int) -> Mapping:
    mapping = Mapping()
    for _ in range(seconds):
        mapping.step(1.0, mapping.at_a_time, are_left=True)
    return mapping


@pytest.mark.parametrize(("seconds", "batches"), [(0, 5), (12, 65), (60, 305), (199, 1_000)])
def test_a_mapping_starts_with_five_batches_and_takes_300_more_a_minute(seconds: int, batches: int) -> None:
    assert after(seconds).at_a_time == pytest.approx(batches)


def test_a_mapping_goes_back_to_five_batches_once_nothing_is_left() -> None:
    mapping = after(60)
    for _ in range(60):
        mapping.step(1.0, 0.0, are_left=False)
    assert mapping.at_a_time == 5


def test_a_mapping_keeps_the_batches_that_are_busy() -> None:
    mapping = after(60)
    mapping.step(60.0, 200.0, are_left=False)
    assert mapping.at_a_time == 200


def test_lambda_adds_functions_faster_than_a_mapping_asks_for_them() -> None:
    assert MORE_A_MINUTE / 60 < FUNCTION_MORE_A_SECOND


def overloaded(table: Growing, seconds: int) -> list[float]:
    paces = []
    for now in range(seconds):
        paces.append(table.allowed(now))
        table.used(now, paces[-1])
    return paces


def test_a_new_table_that_is_always_full_doubles_each_half_hour() -> None:
    paces = overloaded(Growing(4_000), 3_601)
    assert (paces[0], paces[1_799], paces[1_800], paces[3_599], paces[3_600]) == (4_000, 4_000, 8_000, 8_000, 16_000)


def test_a_table_of_which_less_than_half_is_used_does_not_grow() -> None:
    table = Growing(4_000)
    for now in range(7_200):
        table.used(now, 2_000)
    assert table.allowed(7_200) == 4_000


def test_a_table_keeps_the_pace_of_an_earlier_peak() -> None:
    table = Growing(4_000)
    table.used(0, 4_000)
    assert table.allowed(100_000) == 8_000


def test_a_table_never_grows_beyond_its_quota() -> None:
    assert overloaded(Growing(4_000, 10_000), 3_601)[-1] == 10_000
