"""Each way to compress the same images: what it costs, and how many bytes come out."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.requests import RequestTable
from functions.core.messages import CompressTask
from functions.core.model import RequestStatus, Source, new_request
from functions.core.options import Format, ImageOptions, Options
from infra.bench.measuring import MEBIBYTE, Cost, costing, run
from infra.local.stack import LocalStack

CORES = 2  # processes of those that have one for each core
BATCH = 25  # messages an invocation, as the template says
POLL = 1  # second; each look at the status is work for the stack
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Bench:
    """Where things are. `tools` is the environment of img2dataset, `node` a folder in which sharp is installed."""

    folder: Path  # of this run
    tools: Path
    node: Path
    stack: LocalStack
    threads: int  # of img2dataset

    def place(self) -> Path:
        """An empty folder."""
        return new_folder(self.folder)


@dataclass(frozen=True)
class Measured:
    """One run."""

    images: int
    cost: Cost
    bytes_out: int

    def figures(self) -> dict[str, float]:
        """By the names of results.json."""
        return {
            "images_per_second": self.images / self.cost.seconds,
            "cpu_ms_per_image": 1_000 * self.cost.cpu / self.images,
            "peak_rss_mb": self.cost.peak_rss / MEBIBYTE,
            "bytes_out": self.bytes_out,
        }


Contender = Callable[[Bench, Sequence[str]], Measured]


def _url_file(place: Path, urls: Sequence[str], name: str = "urls.txt") -> Path:
    file = place / name
    file.write_text("\n".join(urls) + "\n")
    return file


def _written(place: Path, wanted: int) -> int:
    sizes = [file.stat().st_size for file in place.rglob("*.jpg")]
    if len(sizes) != wanted:
        raise RuntimeError(f"{len(sizes)} of {wanted} images came out")
    return sum(sizes)


def img2dataset(bench: Bench, urls: Sequence[str]) -> Measured:
    """From PyPI: encode quality 50, no resize, one process a core."""
    place = bench.place()
    command = [
        str(bench.tools / "bin/img2dataset"),
        f"--url_list={_url_file(place, urls)}",
        f"--output_folder={place / 'made'}",
        "--resize_mode=no",
        "--encode_format=jpg",
        "--encode_quality=50",
        f"--processes_count={CORES}",
        f"--thread_count={bench.threads}",
        f"--number_sample_per_shard={max(1, min(1_000, len(urls) // CORES))}",
        "--enable_wandb=False",
        "--timeout=30",
    ]
    cost = run(command, {"NO_ALBUMENTATIONS_UPDATE": "1"})
    return Measured(len(urls), cost, _written(place, len(urls)))


def sharp(bench: Bench, urls: Sequence[str]) -> Measured:
    """From npm: libvips, 16 images in flight."""
    place = bench.place()
    node = str(Path(sys.executable).with_name("node"))
    command = ["env", f"--chdir={bench.node}", node, str(HERE / "sharp.mjs"), str(_url_file(place, urls)), str(place)]
    return Measured(len(urls), run(command), _written(place, len(urls)))


def sequential(bench: Bench, urls: Sequence[str]) -> Measured:
    """requests and Pillow, one image after another, in a process for each core."""
    place = bench.place()
    shares = [urls[core::CORES] for core in range(CORES)]
    commands = []
    for core, share in enumerate(shares):
        (place / str(core)).mkdir()
        urls_of = _url_file(place, share, f"urls-{core}.txt")
        commands.append([sys.executable, "-m", "infra.bench.sequential", str(urls_of), str(place / str(core))])
    return Measured(len(urls), _together(commands), _written(place, len(urls)))


def worker(bench: Bench, urls: Sequence[str], format_: Format = Format.KEEP) -> Measured:
    """Our compress function on SQS events against the embedded engine, in a process for each core."""
    options = Options(image=ImageOptions(format=format_))
    request_id = _open_request(bench.stack, options)
    place, commands = bench.place(), []
    for core in range(CORES):
        numbers = range(core, len(urls), CORES)
        batches = [numbers[first : first + BATCH] for first in range(0, len(numbers), BATCH)]
        records = [[_record(request_id, n, urls[n], options) for n in batch] for batch in batches]
        events = [json.dumps({"Records": each}) for each in records]
        file = _url_file(place, events, f"events-{core}.jsonl")
        commands.append([sys.executable, "-m", "infra.bench.worker", str(file)])
    cost = _together(commands, _environment(bench.stack))
    return Measured(len(urls), cost, _bytes_of(bench.stack, request_id, len(urls)))


def stack(bench: Bench, urls: Sequence[str], format_: Format = Format.KEEP) -> Measured:
    """The whole embedded stack, from the upload to the output CSV."""
    running = bench.stack
    csv = "\n".join(["Product Name,Image URLs", *(f"P{n},{url}" for n, url in enumerate(urls)), ""])
    with costing([running.engine.process.pid]) as cost:
        answer = requests.post(
            f"{running.url}/upload", {"format": format_.value}, files={"file": ("bench.csv", csv)}, timeout=60
        )
        answer.raise_for_status()
        request_id = answer.json()["request_id"]
        while (state := _status(running, request_id))["status"] in {"pending", "processing"}:
            time.sleep(POLL)
        requests.get(f"{running.url}/download/{request_id}", timeout=60).raise_for_status()
    if (state["status"], state["failed_images"]) != ("completed", 0):
        raise RuntimeError(f"the request {state['status']} with {state['failed_images']} failed images")
    return Measured(len(urls), cost, _bytes_of(running, request_id, len(urls)))


CONTENDERS: Mapping[str, Contender] = {
    "worker": worker,
    "worker_jpeg": partial(worker, format_=Format.JPEG),
    "img2dataset": img2dataset,
    "stack_jpeg": partial(stack, format_=Format.JPEG),
    "stack": stack,
    "sharp": sharp,
    "sequential": sequential,
}


def _together(commands: Sequence[Sequence[str]], environment: Mapping[str, str] | None = None) -> Cost:
    """Several at once, as one: until the last has ended, with the CPU and memory of all."""
    with ThreadPoolExecutor(len(commands)) as threads:
        costs = list(threads.map(lambda command: run(command, environment), commands))
    total = Cost([], max(cost.seconds for cost in costs), sum(cost.cpu for cost in costs))
    total.peak_rss = sum(cost.peak_rss for cost in costs)
    return total


def _open_request(running: LocalStack, options: Options) -> str:
    """A request that runs, and that nothing else works on."""
    table = RequestTable(Dynamo(running.stack.client("dynamodb"), running.stack.outputs["TableName"]))
    request_id, now = str(uuid4()), time.time()
    request = new_request(request_id, "local", Source.API, "bench.csv", options, now=now, lifetime=86_400)
    table.create(request, now + 86_400)
    table.start(request_id, images=0, rows=0, row_errors=0, now=now)
    found = table.find(request_id)
    if found is None or found.status is not RequestStatus.PROCESSING:
        raise RuntimeError("the request of the worker is not open")
    return request_id


def _record(request_id: str, n: int, url: str, options: Options) -> dict[str, Any]:
    return {
        "messageId": str(n),
        "receiptHandle": str(n),
        "body": CompressTask(request_id, n // 200, n, url, options).to_body(),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:compress",
    }


def _environment(running: LocalStack) -> dict[str, str]:
    """That of the deployed function."""
    found = running.stack.client("lambda").get_function_configuration(FunctionName="imagepress-compress")
    variables: dict[str, str] = found["Environment"]["Variables"]
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    return variables | keys | {"AWS_ENDPOINT_URL": running.engine.url, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024"}


def _bytes_of(running: LocalStack, request_id: str, wanted: int) -> int:
    """Of all pictures of a request."""
    pages = (
        running.stack.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=running.stack.outputs["ResultsBucket"], Prefix=f"images/{request_id}/")
    )
    sizes = [each["Size"] for page in pages for each in page.get("Contents", [])]
    if len(sizes) != wanted:
        raise RuntimeError(f"{len(sizes)} of {wanted} pictures came out")
    return sum(sizes)


def _status(running: LocalStack, request_id: str) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{running.url}/status/{request_id}?limit=1", timeout=60).json()
    return found


def new_folder(folder: Path) -> Path:
    """An empty one in `folder`."""
    made = folder / uuid4().hex
    made.mkdir(parents=True)
    return made


@contextmanager
def emptied(folder: Path) -> Iterator[None]:
    """Forget in the end what the runs have written, and no sooner.

    Where many files were removed within minutes, ext4 is slow to make others: it passes over their inodes.
    """
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def printed(command: Sequence[str]) -> dict[str, Any]:
    """The JSON that a command prints."""
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found
