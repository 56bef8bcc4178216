"""docs/operations.md shows what the model finds."""

import json
import re
from itertools import chain
from pathlib import Path

import pytest

from infra.cost.prices import prices
from infra.simulate import __main__ as command
from infra.simulate.__main__ import plans
from infra.simulate.demand import Demand
from infra.simulate.deployment import Deployed
from infra.simulate.limits import MORE_A_MINUTE, PACE, STARTS_WITH
from infra.simulate.report import defaults_table, figures, found_table, limits_table, text
from infra.simulate.search import DIGESTED, plan

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operations.md").read_text()
AT = prices("us-east-1")
MOST_BYTES = 60_000


def test_the_tables_of_the_page_are_what_the_model_finds() -> None:
    """All four days are played once, here."""
    found = plans()
    lines = [*defaults_table(found), *found_table(found, AT), *limits_table(found)]
    missing = [line for line in lines if line not in PAGE.splitlines()]
    assert not missing, "\n".join(["make simulate finds other figures:", *missing])
    hundred, thousand = found[2:]
    order = ", ".join(limit.name for limit in hundred.moved)
    assert order == "workers, PUTs of a new bucket, writes of a new table, functions of the account"
    assert (thousand.found.stacks, thousand.found.deployment) == (10, hundred.found.deployment)
    assert f"{thousand.found.stacks * thousand.found.deployment.account:,} functions together" in PAGE
    waited = round(hundred.found.trace.held_back[PACE], -5)
    assert f"{waited:,.0f} images wait\n  for them" in PAGE
    more = hundred.found.dollars_a_day(AT) - hundred.default.dollars_a_day(AT)
    assert f"but for ${more:.2f} at 100 million" in PAGE


def test_the_figures_in_the_text_are_those_of_the_model() -> None:
    of = Deployed.of_template()
    assert f"takes {of.batch_seconds:.2f} s, so {of.workers} workers do {of.images_a_second:.0f} images" in PAGE
    assert f"{of.most_workers:,} are there after {(of.most_workers - STARTS_WITH) / MORE_A_MINUTE:.1f} minutes" in PAGE
    assert f"within {DIGESTED // 60} minutes" in PAGE


@pytest.mark.parametrize("name", ["backlog", "times", "limits"])
def test_the_plots_are_small_and_shown(name: str) -> None:
    file = ROOT / "docs" / "images" / f"simulate-{name}.png"
    assert file.stat().st_size < MOST_BYTES
    assert f"](images/{file.name})" in PAGE


def test_what_is_drawn_is_json_that_any_program_reads() -> None:
    found = figures([plan(Demand(1e6), Deployed.of_template())], AT)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    (scale,) = found["scales"]
    assert len(scale["raised_outcome"]["minutes"]) == len(scale["raised_outcome"]["backlog"])


def test_one_s_own_day_is_played_told_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    monkeypatch.setattr("sys.argv", ["simulate", "--millions", "2.5"])
    command.main()
    assert "2.5 million images a day, 289 a second in the burst" in capsys.readouterr().out
    kept = json.loads((tmp_path / "simulate.json").read_text())
    assert [scale["images_a_day"] for scale in kept["scales"]] == [2_500_000]


def test_the_text_names_each_limit_with_its_document() -> None:
    found = [plan(Demand(count), Deployed.of_template()) for count in (1e6, 1e7)]
    lines = "\n".join(text(found, AT))
    assert "so: nothing is needed" in lines
    assert re.search(r"workers \(50 at a time\) held back .*: `CompressConcurrency`. template.yaml", lines)
    assert all(limit.document in lines for limit in chain.from_iterable(each.default.met for each in found))
