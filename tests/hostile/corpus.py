"""The URLs of urls.toml, and some that are too long to be written down, each with its verdict."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("urls.toml").read_text(encoding="utf-8"))
NAMES: dict[str, list[str]] = _FILE["names"]
LONGEST = ".".join(["a" * 63] * 3 + ["b" * 61])  # the longest name that there can be: 253 characters
LABEL = f"{'a' * 63}.example"
NAMES |= {LONGEST: NAMES["cdn.example"], LABEL: NAMES["cdn.example"]}


@dataclass(frozen=True)
class Case:
    """A URL, the trick that it plays, and a code or, with connections allowed, `address:port`."""

    url: str
    verdict: str
    trick: str

    @property
    def is_accepted(self) -> bool:
        return ":" in self.verdict

    def __str__(self) -> str:
        return f"{self.trick}: {self.url[:60]!r}"


def _written() -> Iterator[Case]:
    for trick, verdicts in _FILE["trick"].items():
        for verdict, found in verdicts.items():
            targets = found if verdict == "connects" else {verdict: found} if verdict != "why" else {}
            yield from (Case(url, target, trick) for target, urls in targets.items() for url in urls)


def _long() -> Iterator[Case]:
    public, refused = "93.184.215.14:80", "invalid_url"
    for url, verdict in [
        (f"http://{LONGEST}/", public),
        (f"http://{LABEL}/", public),
        (f"http://cdn.example/{'a' * 8_000}", public),
        (f"http://cdn.example/?{'a' * 60_000}", public),
        (f"http://a{LONGEST}/", refused),
        (f"http://a{LABEL}/", refused),
        (f"http://{'a.' * 200}example/", refused),
        (f"http://{'a' * 100_000}.example/", refused),
        (f"http://{'a.' * 100_000}example/", refused),
        (f"http://{'ü' * 64}.example/", refused),
        (f"http://{'ü' * 10_000}.example/", refused),
        (f"http://{'1' * 5_000}/", refused),
        (f"http://0x{'0' * 100_000}7f000001/", refused),
        (f"http://{'0' * 5_000}@cdn.example/", refused),
        (f"http://cdn.example:{'0' * 100_000}80/", public),
        (f"http://cdn.example:{'8' * 100_000}/", refused),
        (f"http://[{'0:' * 10_000}]/", refused),
        (f"http://[{'f' * 10_000}::1]/", refused),
        (f"http://[::1%25{'a' * 10_000}]/", refused),
        (f"{'h' * 100_000}://cdn.example/", refused),
    ]:
        yield Case(url, verdict, "long")


CASES = [*_written(), *_long()]
