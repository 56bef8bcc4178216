"""`make release` lets nothing through that would make a release somebody regrets."""

from dataclasses import replace
from datetime import date

import pytest

from functions.core import __version__
from infra.release import CHANGELOG, HEADING, Candidate
from tests.releases.freeze import FOLDER

GOOD = """# Changelog

## [Unreleased]

## [1.1.0] - 2026-12-01

### Added

- A thing.

## [1.0.0] - 2026-11-27

- The first.
"""
READY = Candidate("1.1.0", date(2026, 12, 1), GOOD, frozenset({"v1.0.0"}), frozenset({"1.0.0", "1.1.0"}), ())


def test_what_is_committed_dated_today_and_not_tagged_is_ready() -> None:
    assert list(READY.problems()) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"version": "1.1"}, "1.1 is no version such as 1.2.3"),
        ({"tags": frozenset({"v1.1.0"})}, "the tag v1.1.0 is there already"),
        ({"frozen": frozenset({"1.0.0"})}, "say `python -m tests.releases.freeze 1.1.0`, and commit it"),
        ({"uncommitted": ("README.md",)}, "README.md is not committed"),
        ({"today": date(2026, 12, 2)}, "CHANGELOG.md dates 1.1.0 2026-12-01, and today is 2026-12-02"),
        ({"changelog": GOOD.replace("1.1.0", "1.0.9")}, "CHANGELOG.md has no heading `## [1.1.0] - 2026-12-01`"),
        ({"changelog": GOOD.replace("- A thing.\n", "")}, "CHANGELOG.md does not say what 1.1.0 changes"),
        ({"changelog": GOOD.replace("[Unreleased]\n", "[Unreleased]\n\n- More.\n")}, "has entries under Unreleased"),
    ],
)
def test_what_is_not_ready_is_told(change: dict[str, object], problem: str) -> None:
    found = list(replace(READY, **change).problems())  # type: ignore[arg-type]
    assert any(problem in each for each in found), found


def test_the_version_is_in_the_changelog_and_frozen() -> None:
    versions = [entry["version"] for entry in HEADING.finditer(CHANGELOG.read_text())]
    assert __version__ in versions
    assert versions[0] == "Unreleased"
    assert {f"{version}.json" for version in versions[1:]} == {path.name for path in FOLDER.glob("*.json")}
