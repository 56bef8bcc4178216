"""The largest pictures that are taken stay within the memory that was promised for them."""

from typing import Any

import pytest

from tests.hostile.images_large import LARGE
from tests.hostile.test_images import MEBIBYTE, SLACK, complaint, outcomes_of

SECONDS = 60  # far beyond the worst that is measured


@pytest.fixture(scope="module")
def ended() -> dict[str, dict[str, Any]]:
    return outcomes_of("tests.hostile.images_large LARGE")


def test_each_becomes_a_picture(ended: dict[str, dict[str, Any]]) -> None:
    complaints = {name: complaint(case.expected, ended[name]) for name, case in LARGE.items()}
    assert {name: said for name, said in complaints.items() if said} == {}


def test_none_takes_more_memory_than_was_promised_for_it(ended: dict[str, dict[str, Any]]) -> None:
    over = {
        name: f"{said['peak'] // MEBIBYTE} MiB of {said['promised'] // MEBIBYTE}"
        for name, said in ended.items()
        if said["peak"] > said["promised"] + SLACK
    }
    assert over == {}


def test_none_takes_more_time_than_there_is(ended: dict[str, dict[str, Any]]) -> None:
    assert {name: said["seconds"] for name, said in ended.items() if said["seconds"] > SECONDS} == {}
