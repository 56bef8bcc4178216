"""`make cost`: dollars for a million images of 300 kB from origins that take a second, by region and memory."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra.cost.bill import Ledger, Setting, bill, floor, idle_month, kept_a_month, renditions_bill
from infra.cost.measuring import BYTES, codec_cpu_by_options, image_cpu, places
from infra.cost.prices import Prices, prices, regions
from infra.cost.worker import Work, batch_seconds

ROOT = Path(__file__).parents[2]
TOLD = ROOT / ".bench" / "cost.json"
MEMORIES = (512, 768, 1_024, 1_769, 3_008)  # MB
CONNECTIONS = (4, 6, 8, 9, 13, 25)
USUAL = Setting(1_024)
GOAL = 8.00  # dollars, at the usual setting in us-east-1


def main() -> int:
    """1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpu-ms", type=float, help="of an image, on a whole core; measured where it is left out")
    parser.add_argument("--origin-seconds", type=float, default=1.0)
    parser.add_argument(
        "--connections", type=int, default=13, help="to one origin at a time, the template's by default"
    )
    parser.add_argument("--renditions", type=int, default=1, help="of each image, out of one download")
    wanted = parser.parse_args()
    spent = {"given": wanted.cpu_ms / 1_000} if wanted.cpu_ms is not None else image_cpu(*places(ROOT))
    work = Work(sum(spent.values()), wanted.origin_seconds, connections=wanted.connections)
    by_options = {} if wanted.cpu_ms is not None else codec_cpu_by_options(*places(ROOT))
    ledger = Ledger.kept()
    found = {region: _priced(ledger, work, prices(region)) for region in regions()}
    for region, of in found.items():
        of["by_options"] = _by_options(ledger, work, spent, by_options, prices(region))
        if wanted.renditions > 1:
            of["renditions"] = renditions_bill(ledger, work, USUAL, prices(region), wanted.renditions)
    TOLD.parent.mkdir(exist_ok=True)
    TOLD.write_text(json.dumps({"cpu": spent, "regions": found}, indent=2))
    sys.stdout.writelines(f"{line}\n" for line in _told(work, spent, found))
    return int(found["us-east-1"]["by_memory"][str(USUAL.memory)] >= GOAL)


def _priced(ledger: Ledger, work: Work, at: Prices) -> dict[str, Any]:
    def total(setting: Setting, connections: int = work.connections) -> float:
        each = Work(work.cpu, work.origin_seconds, work.batch, connections)
        return sum(bill(ledger, each, setting, at).values())

    by_memory = {str(memory): total(Setting(memory)) for memory in MEMORIES}
    return {
        "prices": f"{at.source}, {at.date}",
        "split": bill(ledger, work, USUAL, at),
        "by_memory": by_memory,
        "by_memory_x86_64": {str(memory): total(Setting(memory, "x86_64")) for memory in MEMORIES},
        "by_connections": {str(connections): total(USUAL, connections) for connections in CONNECTIONS},
        "cheapest": int(min(by_memory, key=lambda memory: by_memory[memory])),
        "floor": floor(work, USUAL, at),
        "kept_a_month": kept_a_month(at, BYTES),
        "idle_month": idle_month(at),
    }


def _by_options(
    ledger: Ledger, work: Work, spent: dict[str, float], by_options: dict[str, float], at: Prices
) -> dict[str, float]:
    """Dollars at the usual setting, by what is asked for of the codec."""
    rest = work.cpu - spent.get("codec", 0)
    works = {name: replace(work, cpu=rest + codec) for name, codec in by_options.items()}
    return {name: sum(bill(ledger, each, USUAL, at).values()) for name, each in works.items()}


def _told(work: Work, spent: dict[str, float], found: dict[str, dict[str, Any]]) -> Iterator[str]:
    parts = ", ".join(f"{name} {seconds * 1_000:.1f}" for name, seconds in spent.items())
    yield f"CPU of an image, in ms on a whole core: {parts}. A batch of {work.batch} from one origin that takes"
    yield f"{work.origin_seconds:g} s, {work.connections} connections at a time, keeps the worker for"
    yield ", ".join(f"{batch_seconds(memory, work):.2f} s at {memory:,} MB" for memory in MEMORIES) + "."
    for region, of in found.items():
        yield f"\n{region} ({of['prices']}), dollars for a million images at {USUAL.memory:,} MB on arm64:"
        yield from (f"  {name:28}{dollars:8.3f}" for name, dollars in of["split"].items())
        yield f"  {'together':28}{sum(of['split'].values()):8.3f}   the floor is {of['floor']:.2f}"
        yield _row("by memory, arm64", of["by_memory"], "MB")
        yield _row("by memory, x86_64", of["by_memory_x86_64"], "MB")
        yield _row("by connections to an origin", of["by_connections"], "")
        yield from (f"  with {name:23}{dollars:8.2f}" for name, dollars in of["by_options"].items())
        yield from (f"  {name:28}{dollars:8.2f}" for name, dollars in of.get("renditions", {}).items())
        kept = ", ".join(f"{name} {dollars:.2f}" for name, dollars in of["kept_a_month"].items())
        yield f"  each month that they are kept: {kept}; of a stack that is idle: {of['idle_month']:.2f}"
        yield f"  the cheapest memory is {of['cheapest']:,} MB"


def _row(name: str, by_key: dict[str, float], unit: str) -> str:
    cells = (f"{dollars:.2f} at {key} {unit}".rstrip() for key, dollars in by_key.items())
    return f"  {name:28}" + ", ".join(cells)


if __name__ == "__main__":
    sys.exit(main())
