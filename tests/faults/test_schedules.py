"""Whatever the order, the repetitions and the failures: each seed is another schedule, and comes to the same end."""

import os

import pytest

from tests.faults.simulator.rounds import play

QUICK = range(60)


@pytest.mark.parametrize("seed", QUICK)
def test_a_schedule_comes_to_rest_with_everything_told_and_counted_once(seed: int) -> None:
    played = play(seed)
    assert not played.broken, str(played)


def test_the_replay_of_a_seed_is_the_same_schedule() -> None:
    seed = int(os.environ.get("FAULT_SEED", "3"))
    played, again = play(seed), play(seed)
    assert not played.broken, str(played)
    assert (played.counts, played.steps) == (again.counts, again.steps)
