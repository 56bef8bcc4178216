"""A batch of the worker in a process of its own: prints by how many bytes it grew, and how each image ended."""

import struct
import sys
import threading
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from functions.compress.codec import compress, probe
from functions.compress.worker import Budget, CompressImages, Delivered, Politeness, Steps
from functions.core.messages import CompressTask
from functions.core.model import Result
from functions.core.network.fetched import Fetched
from functions.core.options import ImageOptions, Options
from tests.fakes import REQUEST_ID, Chunks, NoBuckets, Objects, Origins, Queue, Requests, a_request, renditions_of
from tests.images import encoded, photo, png_chunk

PAIRS = 6  # a bomb and a large picture each
KIBIBYTE = 1 << 10  # in which Linux counts
STATUS = Path("/proc/self/status")


@cache
def bomb() -> bytes:
    """A PNG of a few hundred kB, and of 57 megapixels."""
    width, height = 9_500, 6_000
    packing = zlib.compressobj(1)
    pixels = b"".join([*(packing.compress(bytes(1 + 3 * width)) for _ in range(height)), packing.flush()])
    header = png_chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


@cache
def large() -> bytes:
    """A JPEG of 6 megapixels, made of a small one: what it takes to make it is not to be measured."""
    return encoded(photo(300, 200).resize((3_000, 2_000)), "JPEG", quality=60)


def worker(memory: int, requests: Requests, chunks: Chunks, origins: Origins) -> CompressImages:
    """With as many slots as threads, so that the budget alone keeps them apart."""
    needed: Callable[[bytes, ImageOptions], int] = lambda source, options: probe(source, options).decoded_bytes  # noqa: E731
    queue: Queue[CompressTask] = Queue()
    return CompressImages(
        steps=Steps(
            fetcher=origins,
            buckets=NoBuckets(),
            memory_needed=needed,
            compress=compress,
            compress_all=renditions_of(compress),
            pictures=Objects(),
            encoded=Budget(memory),
            decoded=Budget(memory),
            memory=memory,
            origins=Politeness(25, lambda: 0.0),
            codec_slots=threading.BoundedSemaphore(2 * PAIRS),
        ),
        requests=requests,
        results=chunks,
        queue=queue,
        alone=queue,
        first_wait=1,
        log=_raised,
    )


def _raised(_message: str, error: Exception) -> None:
    raise error


def ended(result: Result) -> str:
    return result.code or result.status


def peak() -> int:
    """Bytes of this process at the most so far. Not by getrusage, which counts what its parent had when it forked."""
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * KIBIBYTE


def main(memory: int) -> None:
    requests = Requests()
    requests.add(a_request())
    chunks = Chunks(requests)
    contents = [bomb(), large()] * PAIRS
    urls = [f"https://x/{n}" for n in range(len(contents))]
    answers: Any = {url: Fetched(content) for url, content in zip(urls, contents, strict=True)}
    tasks = [CompressTask(REQUEST_ID, 0, n, url, Options()) for n, url in enumerate(urls)]
    batch = [Delivered(task.url, task.url, 1, is_alone=False, task=task) for task in tasks]
    made = worker(memory, requests, chunks, Origins(answers))
    before = peak()
    left = made.run(batch, lambda: 900.0)
    grown = peak() - before
    sys.stdout.write(" ".join([str(grown), *left, *map(ended, chunks.results(REQUEST_ID, 0))]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
