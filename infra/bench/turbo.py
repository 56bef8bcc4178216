"""libjpeg-turbo alone over the JPEGs, in the benchmark's own environment: `python turbo.py FOLDER`. Prints JSON."""

import json
import sys
import time
from pathlib import Path

import simplejpeg  # type: ignore[import-not-found]  # of another environment

ROUNDS = 2


def main() -> None:
    """Measure and print."""
    contents = [file.read_bytes() for file in sorted(Path(sys.argv[1]).glob("*.jpg"))]
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for content in contents:
            pixels = simplejpeg.decode_jpeg(content, fastdct=False, fastupsample=False)
            simplejpeg.encode_jpeg(pixels, quality=50, colorsubsampling="420")
        best = min(best, time.process_time() - began)
    sys.stdout.write(json.dumps({"turbo_jpg_cpu_ms_per_image": 1_000 * best / len(contents)}))


if __name__ == "__main__":
    main()
