"""Calls, CPU and memory against the size of a request: `python plot_linear.py JSON PNG`, in the bench's environment."""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl  # type: ignore[import-not-found]  # of another environment

mpl.use("agg")
from matplotlib import pyplot as plt

DRAWN: dict[str, dict[str, tuple[str, ...]]] = {
    "calls of AWS an image,\nof all functions together": {"the whole pipeline": ("pipeline", "calls_per_image")},
    "CPU an image, ms,\nof one process, its start included": {
        "ingest": ("ingest", "cpu_ms_per_image"),
        "finalize": ("finalize", "cpu_ms_per_image"),
    },
    "peak memory of the process, MB:\na digest or a key of each image is held": {
        "ingest (has 1,024)": ("ingest", "peak_mb"),
        "finalize (has 1,024)": ("finalize", "peak_mb"),
    },
    "calls of AWS for one answer of the api": {
        "status while it runs": ("answers", "running", "aws_calls"),
        "status, images from everywhere": ("answers", "images from everywhere", "aws_calls"),
        "download": ("answers", "download", "aws_calls"),
    },
}


def main() -> None:
    """Draw."""
    found = json.loads(Path(sys.argv[1]).read_text())
    figure, places = plt.subplots(1, len(DRAWN), figsize=(17, 4), dpi=120)
    for axes, (title, lines) in zip(places, DRAWN.items(), strict=True):
        for label, (part, *names) in lines.items():
            sizes = sorted(map(int, found[part]))
            axes.plot(sizes, [_figure(found[part][str(size)], names) for size in sizes], marker="o", label=label)
        axes.set_title(title, fontsize=10)
        axes.set(xscale="log", xlabel="images in a request", xlim=(70, 1_500_000), ylim=(0, 1.4 * axes.dataLim.y1))
        axes.grid(alpha=0.3)
        axes.legend()
    figure.tight_layout()
    figure.savefig(sys.argv[2])


def _figure(found: Any, names: list[str]) -> float:
    for name in names:
        found = found[name]
    return float(found)


if __name__ == "__main__":
    main()
