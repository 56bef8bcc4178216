"""How many pictures a worker works on at a time."""

import os

import pytest

from functions.compress.wiring import codec_slots


@pytest.mark.parametrize(("memory", "slots"), [(512, 1), (1_024, 1), (1_769, 1), (3_008, 2), (3_538, 2), (10_240, 6)])
def test_a_picture_for_each_core_that_the_memory_buys(memory: int, slots: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert codec_slots(memory) == slots


def test_no_more_than_the_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert codec_slots(10_240) == 2
