"""Every hostile and odd image ends as a right picture or with a code, within the memory that was promised for it."""

import json
import os
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from functions.core.errors import ImageCode
from tests.hostile import images_bombs, images_broken, images_odd, images_rare
from tests.hostile.images import Cases, Shown

MEBIBYTE = 1 << 20
SLACK = 16 * MEBIBYTE  # what a library is loaded with at its first use, and what the allocator rounds up
REFUSED_COPIES = 2  # of a file that is refused before anything is promised
SECONDS = 20  # far beyond the worst that is measured: only what hangs is caught
AT_LEAST_CLEAR = 40  # alpha, of 255, below which a colour is not seen
GROUPS: dict[str, tuple[str, Cases]] = {
    f"{module.__name__.rsplit('_')[-1]} {table}".lower(): (f"{module.__name__} {table}", getattr(module, table))
    for module, tables in (
        (images_bombs, ("PIXELS", "BALLAST")),
        (images_odd, ("JPEGS", "PNGS", "VARIETY", "OTHERS", "PROFILES", "ANIMATIONS")),
        (images_rare, ("HONEST", "BOMBS", "DAMAGED")),
        (images_broken, ("CUT", "FLIPPED", "DISGUISED", "LYING")),
    )
    for table in tables
}


@cache
def outcomes(group: str) -> dict[str, dict[str, Any]]:
    return outcomes_of(GROUPS[group][0])


def outcomes_of(table: str) -> dict[str, dict[str, Any]]:
    """By name; what killed the process has none, and what would have followed neither."""
    command = [sys.executable, "-m", "tests.hostile.images_worker", *table.split()]
    environment = os.environ | {"MALLOC_TRIM_THRESHOLD_": "0", "MALLOC_MMAP_THRESHOLD_": "1048576"}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=600)
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    ended = {line["name"]: line for line in told if "name" in line}
    killed = [line["begun"] for line in told if "begun" in line and line["begun"] not in ended]
    assert ran.returncode == 0, f"{killed} ended the process with {ran.returncode}: {ran.stderr[-2000:]}"
    return ended


def complaint(expected: Any, outcome: dict[str, Any]) -> str | None:
    if outcome["error"]:
        return str(outcome["error"])
    if outcome["code"]:
        fits = expected is None or (not isinstance(expected, Shown) and ImageCode(outcome["code"]) in expected)
        return None if fits else f"{outcome['code']} is not what was expected"
    if outcome["bytes_out"] > outcome["bytes_in"] and not outcome["may_grow"]:
        return "it has grown"
    if expected is None:
        return None
    return miscoloured(expected, outcome) if isinstance(expected, Shown) else "it was not refused"


def miscoloured(expected: Shown, outcome: dict[str, Any]) -> str | None:
    shape = (tuple(outcome["size"]), outcome["frames"])
    if shape != (expected.size, expected.frames):
        return f"size and frames are {shape}"
    for wanted, found in zip(expected.colours or (), outcome["colours"], strict=False):
        if wanted[3] < AT_LEAST_CLEAR and found[3] < AT_LEAST_CLEAR:
            continue
        if max(abs(a - b) for a, b in zip(wanted, found, strict=True)) > expected.tolerance:
            return f"colours are {outcome['colours']}"
    return None


@pytest.mark.parametrize("group", GROUPS)
def test_each_becomes_the_picture_that_it_is_or_is_refused_with_its_code(group: str) -> None:
    ended = outcomes(group)
    complaints = {name: complaint(case.expected, ended[name]) for name, case in GROUPS[group][1].items()}
    assert {name: said for name, said in complaints.items() if said} == {}


@pytest.mark.parametrize("group", GROUPS)
def test_none_takes_more_memory_than_was_promised_for_it(group: str) -> None:
    def allowed(outcome: dict[str, Any]) -> int:
        return int(outcome["promised"] or outcome["bytes_in"] * REFUSED_COPIES) + SLACK

    over = {
        name: f"{outcome['peak'] // MEBIBYTE} MiB of {allowed(outcome) // MEBIBYTE}"
        for name, outcome in outcomes(group).items()
        if outcome["peak"] > allowed(outcome)
    }
    assert over == {}


@pytest.mark.parametrize("group", GROUPS)
def test_none_takes_more_time_than_there_is(group: str) -> None:
    assert {name: said["seconds"] for name, said in outcomes(group).items() if said["seconds"] > SECONDS} == {}


def test_what_kills_its_process_is_told_by_its_name() -> None:
    with pytest.raises(AssertionError, match="'deadly'"):
        outcomes_of("tests.hostile.images_broken KILLING")
