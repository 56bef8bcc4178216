"""The codec alone, without I/O, in one process: `python -m infra.bench.codec FOLDER`. Prints CPU seconds as JSON."""

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from functions.compress.codec import compress
from functions.core.options import ImageOptions

ROUNDS = 2


def spent(work: Callable[[bytes], object], contents: Iterable[bytes]) -> float:
    """CPU seconds of the whole process."""
    began = time.process_time()
    for content in contents:
        work(content)
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    files = sorted(Path(sys.argv[1]).iterdir())
    contents = [file.read_bytes() for file in files]
    jpegs = [content for file, content in zip(files, contents, strict=True) if file.suffix == ".jpg"]
    options = ImageOptions()
    compress(contents[0], options)  # what is loaded for the first image
    every = min(spent(lambda content: compress(content, options), contents) for _ in range(ROUNDS))
    only = min(spent(lambda content: compress(content, options), jpegs) for _ in range(ROUNDS))
    told = {"cpu_ms_per_image": 1_000 * every / len(contents), "jpeg_cpu_ms_per_image": 1_000 * only / len(jpegs)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
