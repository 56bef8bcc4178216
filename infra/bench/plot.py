"""Images a second against the size of a request: `python plot.py RESULTS PNG`, in the benchmark's environment."""

import json
import sys
from pathlib import Path

import matplotlib as mpl  # type: ignore[import-not-found]  # of another environment

mpl.use("agg")
from matplotlib import pyplot as plt

CONTENDERS = ("worker", "worker_jpeg", "stack", "stack_jpeg", "img2dataset", "sharp", "sequential")


def main() -> None:
    """Draw."""
    results = json.loads(Path(sys.argv[1]).read_text())
    figure, axes = plt.subplots(figsize=(8, 5), dpi=120)
    for name in CONTENDERS:
        sizes = sorted(map(int, results[name]))
        axes.plot(sizes, [results[name][str(size)]["images_per_second"] for size in sizes], marker="o", label=name)
    axes.set(xscale="log", xlabel="images in a request", ylabel="images a second", ylim=(0, None))
    axes.minorticks_off()
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(sys.argv[2])


if __name__ == "__main__":
    main()
