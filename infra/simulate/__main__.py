"""`make simulate`: 1 to 1,000 million images a day with a burst of ten times the mean; times, backlog, dollars, limits.

Written into .bench/simulate.json, and drawn beside it where the benchmark's environment is there.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.cost.prices import MILLION, prices
from infra.simulate.demand import Demand
from infra.simulate.deployment import Deployed
from infra.simulate.report import figures, text
from infra.simulate.search import Plan, plan

FOLDER = Path(__file__).parents[2] / ".bench"
MILLIONS = (1, 10, 100, 1_000)


def plans(millions: Sequence[float] = MILLIONS) -> list[Plan]:
    """One for each."""
    return [plan(Demand(count * MILLION), Deployed.of_template()) for count in millions]


def main() -> None:
    """Play, tell, keep and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=float, nargs="+", default=MILLIONS, help="images a day; one or more days")
    parser.add_argument("--region", default="us-east-1", help="whose prices are taken")
    parser.add_argument("--plots", type=Path, default=FOLDER, help="folder of the plots")
    wanted = parser.parse_args()
    found, at = plans(wanted.millions), prices(wanted.region)
    sys.stdout.writelines(f"{line}\n" for line in text(found, at))
    FOLDER.mkdir(exist_ok=True)
    kept = FOLDER / "simulate.json"
    kept.write_text(json.dumps(figures(found, at), indent=2))
    python = FOLDER / "tools/bin/python"
    if python.exists():
        script = str(Path(__file__).with_name("plot.py"))
        subprocess.run([str(python), script, str(kept), str(wanted.plots)], check=True)


if __name__ == "__main__":
    main()
