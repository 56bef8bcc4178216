"""`make bench`: our worker and our stack beside their peers, over the same images from the same origin, in one run."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image

from infra.bench.cold import cold_starts
from infra.bench.contenders import CONTENDERS, Bench, emptied, new_folder, printed
from infra.bench.images import image_files
from infra.bench.latency import latencies
from infra.local.stack import local_stack

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".bench"
MAKERS = ("ours", "img2dataset")  # of the JPEGs that are scored
THREADS = (16, 32, 64)  # of img2dataset; the best one is taken
TRIAL = 100  # images, to find it
SCORED, SCORED_PIXELS = 12, 3_000_000  # JPEGs that are scored, and how large they are at the most: 4 s each


def main() -> None:
    """Measure, tell, and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="200,2000", help="images in a request")
    parser.add_argument("--runs", type=int, default=3, help="of each; the median counts")
    parser.add_argument("--only", default=",".join(CONTENDERS))
    parser.add_argument("--kind", default="", help="of the images, as their names end: jpg, png, webp or gif")
    wanted = parser.parse_args()
    photos = Path(os.environ.get("IMAGEPRESS_PHOTOS", ROOT.parent / "shared" / "photos"))
    files = [file for file in image_files(FOLDER / "images", photos) if file.name.endswith(wanted.kind)]
    names, sizes = wanted.only.split(","), [int(size) for size in wanted.sizes.split(",")]
    with _origin() as origin, emptied(FOLDER / "runs"):
        urls = [f"{origin}/{files[n % len(files)].name}?n={n}" for n in range(max(sizes))]
        results = _measured(names, sizes, urls, wanted.runs)
        photographs = [file for file in files if file.suffix == ".jpg"]
        results["latency"] = latencies([f"{origin}/{photographs[n % len(photographs)].name}?n={n}" for n in range(100)])
        results["scores"] = _scores(origin, photographs)
    results["cold_start"] = cold_starts()
    results["images"] = {"files": len(files), "mean_bytes": sum(file.stat().st_size for file in files) / len(files)}
    (FOLDER / f"results{wanted.kind and '-' + wanted.kind}.json").write_text(json.dumps(results, indent=2))
    _print(results, sizes)
    if set(names) == set(CONTENDERS) and not wanted.kind:
        plot = [str(FOLDER / "tools/bin/python"), str(Path(__file__).with_name("plot.py"))]
        subprocess.run([*plot, str(FOLDER / "results.json"), str(FOLDER / "throughput.png")], check=True)


@contextmanager
def _origin() -> Iterator[str]:
    command = [sys.executable, "-m", "infra.bench.origin", str(FOLDER / "images")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield (process.stdout.readline() if process.stdout else "").strip()
    finally:
        process.terminate()
        process.wait()


def _measured(names: list[str], sizes: list[int], urls: list[str], runs: int) -> dict[str, Any]:
    """Each contender at each size, in turns, so that what the machine does meanwhile happens to all of them."""
    found: dict[str, dict[str, list[dict[str, float]]]] = {name: {str(size): [] for size in sizes} for name in names}
    codecs: list[dict[str, float]] = []
    threads = _best_threads(urls) if "img2dataset" in names else THREADS[0]
    for number in range(runs):
        for size in sizes:
            for name in names:
                found[name][str(size)].append(_once(name, urls[:size], threads))
                told = found[name][str(size)][-1]
                _say(f"run {number + 1}: {name} {size:,}: {told['images_per_second']:.1f} images a second")
        codecs.append(_codec())
    medians = {name: {size: _medians(each) for size, each in by_size.items()} for name, by_size in found.items()}
    return medians | {"codec": _medians(codecs)}


def _once(name: str, urls: list[str], threads: int) -> dict[str, float]:
    """On a stack of its own, so that nobody pays for what others left in it."""
    place = new_folder(FOLDER / "runs")
    with local_stack(place / "state", 0) as running:
        bench = Bench(place, FOLDER / "tools", FOLDER / "node", running, threads)
        return CONTENDERS[name](bench, urls).figures()


def _best_threads(urls: list[str]) -> int:
    pace = {count: _once("img2dataset", urls[:TRIAL], count)["images_per_second"] for count in THREADS}
    return max(pace, key=lambda count: pace[count])


def _medians(runs: list[dict[str, float]]) -> dict[str, Any]:
    return {key: median(run[key] for run in runs) for key in runs[0]} | {"runs": len(runs)}


def _scores(origin: str, photographs: list[Path]) -> dict[str, Any]:
    """How good our JPEGs are, and how large, beside img2dataset's of the same quality number."""
    scored = [file for file in photographs if _pixels(file) <= SCORED_PIXELS][:SCORED]
    place = new_folder(FOLDER / "runs")
    with local_stack(place / "state", 0) as running:
        bench = Bench(place, FOLDER / "tools", FOLDER / "node", running, THREADS[0])
        CONTENDERS["img2dataset"](bench, [f"{origin}/{file.name}" for file in scored])
    command = [str(FOLDER / "quality/bin/python"), "-m", "infra.bench.scores", str(FOLDER / "images"), str(place)]
    return printed(command)


def _pixels(file: Path) -> int:
    with Image.open(file) as opened:
        return opened.width * opened.height


def _codec() -> dict[str, float]:
    images = str(FOLDER / "images")
    ours = printed([sys.executable, "-m", "infra.bench.codec", images])
    turbo = printed([str(FOLDER / "tools/bin/python"), str(Path(__file__).with_name("turbo.py")), images])
    return ours | turbo


def _print(results: dict[str, Any], sizes: list[int]) -> None:
    _say(f"\n{'':14}" + "".join(f"{size:>10,}: images/s  CPU ms/image  peak MB   MB out" for size in sizes))
    for name in (name for name in CONTENDERS if name in results):
        cells = [results[name][str(size)] for size in sizes]
        _say(f"{name:14}" + "".join(_row(each) for each in cells))
    _say("codec         " + ", ".join(f"{name} {value:.1f}" for name, value in results["codec"].items()))
    scored = results["scores"]
    told = ", ".join(f"{name} {scored[name]['score']:.1f} in {scored[name]['bytes']:,.0f} bytes" for name in MAKERS)
    _say(f"SSIMULACRA2 of {scored['pictures']} JPEGs: {told}")
    for state, by_size in results["latency"].items():
        for size, steps in by_size.items():
            parts = ", ".join(f"{step} {seconds:.2f}" for step, seconds in steps.items())
            _say(f"{state}, {size:>3} images, seconds: {parts}")
    starts = ", ".join(f"{name} {of['together']:.0f}" for name, of in results["cold_start"].items())
    _say(f"cold start, CPU ms: {starts}")


def _row(cell: dict[str, float]) -> str:
    return (
        f"{cell['images_per_second']:20.1f}  {cell['cpu_ms_per_image']:12.1f}  {cell['peak_rss_mb']:7.0f}"
        f"  {cell['bytes_out'] / 1e6:7.1f}"
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
