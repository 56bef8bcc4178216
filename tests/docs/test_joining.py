"""What greets a contributor holds: workflows call commands that exist, and pre-commit runs what `make lint` does."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # ships no annotations

from tests.docs.prose import ROOT
from tests.docs.test_pages import make_targets

FILES = sorted([ROOT / ".pre-commit-config.yaml", *(ROOT / ".github").rglob("*.yml")])
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text())
    return found


def commands(workflow: Path) -> list[str]:
    return [step["run"] for job in read(workflow)["jobs"].values() for step in job["steps"] if "run" in step]


def recipe(target: str) -> list[str]:
    """The commands of a make target."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found
    return [line.strip().replace("$(BIN)", ".venv/bin") for line in found[1].splitlines()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_can_be_read(file: Path) -> None:
    assert read(file)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.stem)
def test_a_workflow_names_make_targets_that_exist(workflow: Path) -> None:
    named = {target for command in commands(workflow) for target in re.findall(r"^make (\S+)", command, re.MULTILINE)}
    assert named <= make_targets()


def test_ci_is_the_same_as_on_any_machine() -> None:
    assert ".ci/run" in commands(ROOT / ".github" / "workflows" / "ci.yml")


def test_the_slow_parts_run_at_night() -> None:
    nightly = "\n".join(commands(ROOT / ".github" / "workflows" / "nightly.yml"))
    for command in ("make soak", "make mutate", "make system TARGET=localstack", "make sam-local-test"):
        assert command in nightly


def test_pre_commit_runs_what_make_lint_runs() -> None:
    (repository,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [hook["entry"] for hook in repository["hooks"]] == recipe("lint")


def test_dependabot_looks_at_every_locked_folder() -> None:
    found = re.search(r"^LOCKED := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found
    looked_at = next(each for each in read(ROOT / ".github" / "dependabot.yml")["updates"] if "directories" in each)
    assert sorted(looked_at["directories"]) == sorted(f"/{folder}" for folder in found[1].split())


def test_ci_calls_make_targets_that_exist() -> None:
    named = re.findall(r"^(?:\w+=\S+ )?make (\S+)", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert named
    assert set(named) <= make_targets()
