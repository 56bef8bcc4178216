"""The codec alone, without I/O, in one process: `python -m infra.bench.codec FOLDER`. Prints CPU seconds as JSON."""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from functions.compress.codec import compress
from functions.core.options import Format, ImageOptions

ROUNDS = 2
AS_USUAL = ImageOptions()
TO_JPEG = ImageOptions(format=Format.JPEG)


def spent(contents: Iterable[bytes], options: ImageOptions = AS_USUAL) -> float:
    """CPU seconds of the whole process."""
    began = time.process_time()
    for content in contents:
        compress(content, options)
    return time.process_time() - began


def main() -> None:
    """Measure each kind of image, and print."""
    by_kind: defaultdict[str, list[bytes]] = defaultdict(list)
    for file in sorted(Path(sys.argv[1]).iterdir()):
        by_kind[file.suffix.lstrip(".")].append(file.read_bytes())
    for contents in by_kind.values():
        spent(contents[:1])  # what is loaded for the first image
    seconds = {kind: min(spent(contents) for _ in range(ROUNDS)) for kind, contents in by_kind.items()}
    to_jpeg = min(spent(chain(*by_kind.values()), TO_JPEG) for _ in range(ROUNDS))
    told = {"cpu_ms_per_image": 1_000 * sum(seconds.values()) / sum(map(len, by_kind.values()))}
    told |= {"to_jpeg_cpu_ms_per_image": 1_000 * to_jpeg / sum(map(len, by_kind.values()))}
    told |= {f"{kind}_cpu_ms_per_image": 1_000 * seconds[kind] / len(by_kind[kind]) for kind in sorted(by_kind)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
