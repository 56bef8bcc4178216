"""Calls, CPU and memory against the size of a request: `python plot_linear.py JSON PNG`, in the bench's environment."""

import json
import sys
from pathlib import Path

import matplotlib as mpl  # type: ignore[import-not-found]  # of another environment

mpl.use("agg")
from matplotlib import pyplot as plt

DRAWN = {
    "calls an image": [("pipeline", "calls_per_image")],
    "CPU ms an image": [("ingest", "cpu_ms_per_image"), ("finalize", "cpu_ms_per_image")],
    "peak MB": [("ingest", "peak_mb"), ("finalize", "peak_mb")],
}


def main() -> None:
    """Draw."""
    found = json.loads(Path(sys.argv[1]).read_text())
    figure, places = plt.subplots(1, len(DRAWN), figsize=(13, 4), dpi=120)
    for axes, (title, lines) in zip(places, DRAWN.items(), strict=True):
        for part, figure_name in lines:
            sizes = sorted(map(int, found[part]))
            axes.plot(sizes, [found[part][str(size)][figure_name] for size in sizes], marker="o", label=part)
        axes.set(xscale="log", xlabel="images in a request", title=title, ylim=(0, None))
        axes.grid(alpha=0.3)
        axes.legend()
    figure.tight_layout()
    figure.savefig(sys.argv[2])


if __name__ == "__main__":
    main()
