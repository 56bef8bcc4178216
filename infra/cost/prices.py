"""List prices of a region, from a file of their own, with their date and where they are from."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("prices")
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """In US dollars."""

    region: str
    date: str
    source: str
    table: dict[str, dict[str, float]]

    def of(self, service: str, name: str) -> float:
        """As the file has it. Raises KeyError."""
        return self.table[service][name]

    def each(self, service: str, name: str) -> float:
        """One of what is priced by the million."""
        return self.of(service, f"million_{name}") / MILLION


def regions() -> list[str]:
    """Those that there are files of; the first is the one that goals are set in."""
    return sorted((file.stem for file in FOLDER.glob("*.toml")), key=lambda region: (region != "us-east-1", region))


def prices(region: str) -> Prices:
    """Raises FileNotFoundError."""
    found: dict[str, Any] = tomllib.loads((FOLDER / f"{region}.toml").read_text())
    told = {name: found.pop(name) for name in ("region", "date", "source")}
    return Prices(**told, table=found)
