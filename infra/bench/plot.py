"""Images a second, a panel for each size of a request: `python plot.py RESULTS PNG`, in the benchmark's environment."""

import json
import sys
from pathlib import Path

import matplotlib as mpl  # type: ignore[import-not-found]  # of another environment

mpl.use("agg")
from matplotlib import pyplot as plt

OURS, OTHERS = "tab:blue", "tab:gray"
BARS = {  # from top to bottom
    "worker_jpeg": ("compress, as JPEG", OURS),
    "stack_jpeg": ("the stack, as JPEG", OURS),
    "img2dataset": ("img2dataset, as JPEG", OTHERS),
    "sharp": ("sharp, as JPEG", OTHERS),
    "sequential": ("sequential, as JPEG", OTHERS),
    "worker": ("compress, formats kept", OURS),
    "stack": ("the stack, formats kept", OURS),
}


def main() -> None:
    """Draw."""
    results = json.loads(Path(sys.argv[1]).read_text())
    sizes = sorted(map(int, results["worker"]))
    figure, panels = plt.subplots(
        1, len(sizes), figsize=(9, 3.2), dpi=110, sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    labels, colours = zip(*BARS.values(), strict=True)
    for axes, size in zip(panels[0], sizes, strict=True):
        bars = axes.barh(labels, [results[name][str(size)]["images_per_second"] for name in BARS], color=colours)
        axes.bar_label(bars, fmt="%.0f", padding=3)
        axes.set(title=f"{size:,} images", xlabel="images a second")
        axes.margins(x=0.12)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0][0].invert_yaxis()
    figure.savefig(sys.argv[2])


if __name__ == "__main__":
    main()
