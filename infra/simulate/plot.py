"""Draws what `make simulate` found: `python plot.py JSON FOLDER`, in the benchmark's environment."""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl  # type: ignore[import-not-found]  # of another environment

mpl.use("agg")
from matplotlib import pyplot as plt

KINDS = {"defaults": ("defaults_outcome", "#d9822b"), "raised": ("raised_outcome", "#2b6cb0")}
WAITS = {"small_most": ("100 images, 95 of 100", "o"), "large_median": ("largest request, median", "s")}
MILLION = 1_000_000
SEEN = 10_800  # seconds after a burst that are played


def main() -> None:
    """Draw."""
    found = json.loads(Path(sys.argv[1]).read_text())
    folder = Path(sys.argv[2])
    for name, draw in (("backlog", _backlog), ("times", _times), ("limits", _limits)):
        figure = draw(found)
        figure.savefig(folder / f"simulate-{name}.png")


def _backlog(found: dict[str, Any]) -> Any:
    figure, places = plt.subplots(1, len(found["scales"]), figsize=(12, 3.2), dpi=72, layout="tight", squeeze=False)
    for axes, scale in zip(places[0], found["scales"], strict=True):
        axes.axvspan(0, 60, color="#eeeeee")
        for kind, (outcome, color) in KINDS.items():
            of = scale[outcome]
            axes.plot(of["minutes"], [each / MILLION for each in of["backlog"]], color=color, label=kind)
        axes.set_title(f"{scale['images_a_day'] / MILLION:,g} million images a day", fontsize=10)
        axes.set(xlabel="minutes from the burst's start", ylim=(0, None), xlim=(-10, None))
        axes.grid(alpha=0.3)
    places[0][0].set_ylabel("images that wait, millions")
    places[0][-1].legend(loc="upper left")
    return figure


def _times(found: dict[str, Any]) -> Any:
    """A request whose end was not seen stands at the top, without a line."""
    figure, axes = plt.subplots(figsize=(8, 4), dpi=80, layout="constrained")
    for kind, (outcome, color) in KINDS.items():
        for name, (label, marker) in WAITS.items():
            ended = [(scale["images_a_day"], scale[outcome][name]) for scale in found["scales"]]
            days = [day for day, seconds in ended if seconds]
            seconds = [seconds for _, seconds in ended if seconds]
            line = "--" if name == "large_median" else "-"
            axes.plot(days, seconds, line, color=color, marker=marker, label=f"{label}; {kind}")
            late = [day for day, seconds in ended if not seconds]
            axes.plot(late, [SEEN] * len(late), "^", color=color, markersize=9)
    axes.axhline(SEEN, color="#888888", linewidth=0.8)
    axes.text(0.01, 1.2 * SEEN, "over 3 h", fontsize=9, color="#555555", transform=axes.get_yaxis_transform())
    axes.set(xscale="log", yscale="log", xlabel="images a day", ylabel="seconds to the end", ylim=(1, 60_000))
    axes.grid(alpha=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2, fontsize=9)
    return figure


def _limits(found: dict[str, Any]) -> Any:
    figure, axes = plt.subplots(figsize=(10, 4.6), dpi=80, layout="tight")
    names = sorted(found["ceilings"]["defaults"], key=lambda name: -float(found["ceilings"]["defaults"][name]))
    for shift, (kind, (_, color)) in zip((0.2, -0.2), KINDS.items(), strict=True):
        paces = [found["ceilings"][kind][name] for name in names]
        axes.barh([place + shift for place in range(len(names))], paces, height=0.38, color=color, label=kind)
    for scale in found["scales"]:
        axes.axvline(scale["peak"], color="#444444", linestyle=":")
        axes.text(scale["peak"], len(names) - 0.4, f" burst of {scale['images_a_day'] / MILLION:,g} M", fontsize=8)
    axes.set(xscale="log", xlabel="images a second that the limit lets through, of one stack", xlim=(50, 1_000_000))
    axes.set_yticks(range(len(names)), names, fontsize=9)
    axes.grid(alpha=0.3, axis="x")
    axes.legend(loc="lower right")
    return figure


if __name__ == "__main__":
    main()
