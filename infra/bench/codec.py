"""The codec alone, without I/O, in one process: `python -m infra.bench.codec FOLDER`. Prints CPU seconds as JSON."""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from functions.compress.codec import compress
from functions.core.options import ImageOptions

ROUNDS = 2


def spent(contents: Iterable[bytes]) -> float:
    """CPU seconds of the whole process."""
    began = time.process_time()
    for content in contents:
        compress(content, ImageOptions())
    return time.process_time() - began


def main() -> None:
    """Measure each kind of image, and print."""
    by_kind: defaultdict[str, list[bytes]] = defaultdict(list)
    for file in sorted(Path(sys.argv[1]).iterdir()):
        by_kind[file.suffix.lstrip(".")].append(file.read_bytes())
    for contents in by_kind.values():
        spent(contents[:1])  # what is loaded for the first image
    seconds = {kind: min(spent(contents) for _ in range(ROUNDS)) for kind, contents in by_kind.items()}
    told = {"cpu_ms_per_image": 1_000 * sum(seconds.values()) / sum(map(len, by_kind.values()))}
    told |= {f"{kind}_cpu_ms_per_image": 1_000 * seconds[kind] / len(by_kind[kind]) for kind in sorted(by_kind)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
