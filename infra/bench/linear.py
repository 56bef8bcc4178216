"""Calls, CPU and memory of requests of 100 to 1,000,000 images: `python -m infra.bench.linear`.

The calls are those of the whole pipeline over models of AWS. Memory and CPU are those of ingest and of finalize over
worlds that keep nothing, so that what is measured is theirs. Then what it takes the api to answer about requests of
these sizes. Written into .bench/linear.json and .bench/linear.png.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".bench"
SIZES = (100, 1_000, 10_000, 100_000)
ANSWERED = SIZES[1:]  # smaller ones fill no page
PROGRAMS = {"ingest": "tests.integration.million_rows", "finalize": "tests.integration.million_results"}


def main() -> None:
    """Measure, tell, keep and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--largest", type=int, default=1_000_000, help="images of the largest request; the pipeline takes 100,000"
    )
    wanted = parser.parse_args()
    larger = [size for size in [wanted.largest] if size > SIZES[-1]]
    sizes = [*SIZES, *larger]
    found: dict[str, Any] = {name: {str(size): _rows(PROGRAMS[name], size) for size in sizes} for name in PROGRAMS}
    found["pipeline"] = {str(size): _pipeline(size) for size in SIZES}
    found["answers"] = {str(size): _answers(size) for size in [*ANSWERED, *larger]}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "linear.json").write_text(json.dumps(found, indent=2))
    _print(found)
    python = FOLDER / "tools/bin/python"
    if python.exists():
        script = str(Path(__file__).with_name("plot_linear.py"))
        subprocess.run([str(python), script, str(FOLDER / "linear.json"), str(FOLDER / "linear.png")], check=True)


def _rows(program: str, size: int) -> dict[str, float]:
    """CPU in milliseconds an image, and the memory of the whole process in MB."""
    said, cpu = _run(program, size)
    return {"cpu_ms_per_image": 1_000 * cpu / size, "peak_mb": float(said.split()[-1])}


def _pipeline(size: int) -> dict[str, float]:
    said, cpu = _run("tests.faults.simulator.ledger", size)
    ledger: dict[str, Any] = json.loads(said)
    calls = {name: sum(made.values()) for name, made in ledger["calls"].items()}
    each = {f"{name}_calls_per_image": made / size for name, made in calls.items()}
    return {"calls_per_image": sum(calls.values()) / size, "cpu_ms_per_image": 1_000 * cpu / size, **each}


def _answers(size: int) -> dict[str, dict[str, float]]:
    """Of the api, by the kind of call: milliseconds in all and of CPU, calls of AWS, bytes."""
    said, _ = _run("tests.integration.million_status", size)
    answers: dict[str, dict[str, float]] = json.loads(said)
    return answers


def _run(program: str, size: int) -> tuple[str, float]:
    """What it said, and its CPU seconds."""
    command = [sys.executable, "-m", program, str(size)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{program} {size} ended with {process.returncode}")
    return said, used.ru_utime + used.ru_stime


def _print(found: dict[str, Any]) -> None:
    for size, of in found["pipeline"].items():
        print(f"{int(size):>9,} images: {of['calls_per_image']:.3f} calls an image")
    for name in PROGRAMS:
        for size, of in found[name].items():
            print(f"{name:9}{int(size):>9,} rows: {of['cpu_ms_per_image']:.3f} ms CPU an image, {of['peak_mb']:.0f} MB")
    for size, answers in found["answers"].items():
        for name, of in answers.items():
            took = f"{of['ms']:.0f} ms ({of['cpu_ms']:.0f} of CPU), {of['aws_calls']} calls of AWS"
            print(f"{name:24}{int(size):>9,} images: {took}")


if __name__ == "__main__":
    main()
