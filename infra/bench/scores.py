"""SSIMULACRA2 and bytes of our JPEGs beside img2dataset's, in the environment of `make quality`.

`python -m infra.bench.scores IMAGES MADE` takes from MADE what img2dataset made of some of the IMAGES, with the JSON
that it writes beside each. Prints JSON: means over those pictures.
"""

import json
import sys
from io import BytesIO
from pathlib import Path
from statistics import mean
from urllib.parse import urlsplit

from PIL import Image

from functions.compress.codec import compress
from functions.core.options import Format, ImageOptions
from infra.quality.scoring import scores

OURS = ImageOptions(format=Format.JPEG)


def main() -> None:
    """Score, and print."""
    images, made = map(Path, sys.argv[1:])
    pairs = {}
    for told in made.rglob("*.json"):
        url = json.loads(told.read_text()).get("url")
        if url:
            pairs[images / Path(urlsplit(url).path).name] = told.with_suffix(".jpg").read_bytes()
    found: dict[str, list[tuple[float, int]]] = {"ours": [], "img2dataset": []}
    for file, theirs in sorted(pairs.items()):
        source = Image.open(file).convert("RGB")
        for name, content in (("ours", compress(file.read_bytes(), OURS).content), ("img2dataset", theirs)):
            score = scores(source, Image.open(BytesIO(content)))["white"]
            found[name].append((score, len(content)))
    told_of = {
        name: {"score": mean(score for score, _ in each), "bytes": mean(size for _, size in each)}
        for name, each in found.items()
    }
    sys.stdout.write(json.dumps(told_of | {"pictures": len(pairs)}))


if __name__ == "__main__":
    main()
