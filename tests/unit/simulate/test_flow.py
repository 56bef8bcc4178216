"""Lines that take a time, functions that take a request at a time, shares of what is too little."""

import pytest

from infra.simulate.flow import Functions, Group, Line, alike, first


def outs(line: Line, steps: int) -> list[float]:
    return [sum(line.out().values()) for _ in range(steps)]


def test_what_takes_a_time_between_two_steps_comes_out_in_parts() -> None:
    line = Line(2.25, 1.0)
    line.put(Group(0, 100), 100)
    assert outs(line, 4) == pytest.approx([0, 75, 25, 0])


def test_what_takes_less_than_a_step_comes_out_with_the_next() -> None:
    line = Line(0.5, 1.0)
    line.put(Group(0, 100), 100)
    assert outs(line, 2) == pytest.approx([100, 0])


def test_a_line_knows_how_much_is_in_it() -> None:
    line = Line(3.0, 1.0)
    line.put(Group(0, 100), 60)
    before = line.inside
    outs(line, 3)
    assert (before, line.inside) == (60, 0)


def finished(functions: Functions, seconds: int) -> list[tuple[int, float]]:
    """When which request was done, by its images."""
    return [
        (second, group.images)
        for second in range(1, seconds + 1)
        for group, _, is_done in functions.work(1.0)
        if is_done
    ]


def test_a_request_that_comes_first_keeps_its_function_until_it_is_done() -> None:
    functions = Functions(2)
    for images, seconds in ((1, 5.0), (2, 5.0), (3, 1.0)):
        functions.put(Group(0, images), seconds)
    assert finished(functions, 7) == [(5, 1), (5, 2), (6, 3)]


def test_requests_that_came_together_are_worked_on_side_by_side() -> None:
    functions = Functions(4)
    functions.put(Group(0, 1, requests=8), 1.0)
    assert finished(functions, 3) == [(2, 1)]


def test_functions_are_full_while_somebody_waits() -> None:
    functions, fulls = Functions(1), []
    for _ in range(2):
        functions.put(Group(0, 1), 1.0)
    for _ in range(2):
        list(functions.work(1.0))
        fulls.append(functions.is_full)
    assert fulls == [True, False]


def test_what_is_too_little_is_shared_alike() -> None:
    large, small = Group(0, 900), Group(0, 100)
    parts = {large: 900.0, small: 100.0}
    assert alike(parts, 500, 1_000) == {large: 450, small: 50}
    assert parts == {large: 450, small: 50}


def test_no_request_takes_more_than_one_may() -> None:
    large, small = Group(0, 900), Group(0, 100)
    assert alike({large: 900.0, small: 100.0}, 500, 200) == {large: 200, small: 100}


def test_what_came_first_goes_first() -> None:
    early, late = Group(0, 900), Group(1, 100)
    assert first({early: 900.0, late: 100.0}, 950) == {early: 900, late: 50}
