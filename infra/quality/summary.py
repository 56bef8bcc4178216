"""From each picture's bytes, score and CPU to the figures by kind and tool."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

CALIBRATED = ("webp", "avif", "png")
PROMISED = (30, 50, 75, 90)  # qualities
PICTURES = (
    "photograph-png",
    "product-png",
    "cutout-png",
)  # no JPEG is so large that the rule "never more bytes" counts


@dataclass(frozen=True, slots=True)
class Measured:
    """One picture by one tool. `share` is bytes by bytes of the source; `scores` are by ground; CPU is in seconds."""

    kind: str
    source: str
    tool: str
    share: float
    bytes: int
    scores: Mapping[str, float]
    cpu: float

    @property
    def score(self) -> float:
        """The worst over all grounds."""
        return min(self.scores.values())


def figures(measured: Iterable[Measured]) -> dict[str, dict[str, dict[str, float]]]:
    """Kind of source → tool → bytes (mean share of the source), score (median, worst), CPU in ms (median)."""
    by_place: defaultdict[tuple[str, str], list[Measured]] = defaultdict(list)
    for one in measured:
        by_place[one.kind, one.tool].append(one)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for (kind, tool), ones in by_place.items():
        found.setdefault(kind, {})[tool] = {
            "bytes": sum(one.share for one in ones) / len(ones),
            "score_median": median(one.score for one in ones),
            "score_worst": min(one.score for one in ones),
            "cpu_ms": 1_000 * median(one.cpu for one in ones),
        }
    return found


def calibration(measured: Iterable[Measured]) -> dict[str, dict[str, float]]:
    """`format@quality` → how far a picture's score over white is from its JPEG's: median, least and most of all."""
    white = {(one.kind, one.source, one.tool): one.scores["white"] for one in measured}
    found = {}
    for kind in CALIBRATED:
        for quality in PROMISED:
            off = [
                score - white[place[0], place[1], f"ours jpeg@{quality}"]
                for place, score in white.items()
                if place[2] == f"ours {kind}@{quality}" and place[0] in PICTURES
            ]
            if off:
                found[f"{kind}@{quality}"] = {"median": median(off), "least": min(off), "most": max(off)}
    return found


def largest_drop(measured: Iterable[Measured], kind: str = "png") -> float:
    """By how much a score falls, at the worst, where more quality is asked for."""
    curves: defaultdict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for one in measured:
        name, _, quality = one.tool.partition("@")
        if name == f"ours {kind}" and one.kind.endswith("png"):
            curves[one.kind, one.source].append((int(quality), one.score))
    drops = [0.0]
    for curve in curves.values():
        best = float("-inf")
        for _quality, score in sorted(curve):
            drops.append(best - score)
            best = max(best, score)
    return max(drops)


def told(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Iterable[str]:
    """The figures as the rows of tables in Markdown, one for each kind of source."""
    for kind, by_tool in found.items():
        yield f"\n**{kind}**\n\n| tool | bytes | score | worst | CPU ms |\n|---|---|---|---|---|"
        for tool, told in by_tool.items():
            cells = (
                f"{told['bytes']:.3f} | {told['score_median']:.0f} | {told['score_worst']:.0f} | {told['cpu_ms']:.0f}"
            )
            yield f"| {tool} | {cells} |"


def as_json(measured: Iterable[Measured]) -> list[dict[str, Any]]:
    """Each picture, to look one up."""
    return [asdict(one) for one in measured]
