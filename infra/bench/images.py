"""The images of the benchmark: photographs where there are some, the project's drawn pictures elsewhere.

Mostly JPEG from 100 kB to 4 MB, some PNG with alpha, WebP and GIF. The same files for every contender.
"""

import random
from collections.abc import Iterator
from io import BytesIO
from itertools import cycle
from pathlib import Path

from PIL import Image, ImageDraw

from infra.local.pictures import write_pictures

COUNT = 100  # distinct files; a larger request asks for them again, under other URLs
SEED = 7
KINDS = ("jpeg",) * 16 + ("png", "webp", "gif", "png")  # of twenty
WIDTHS = (900, 1_200, 1_600, 2_000, 2_400, 3_000, 4_000)  # pixels
QUALITIES = (80, 85, 90, 92, 95)
SIZES = range(100_000, 4_000_001)  # bytes


def image_files(folder: Path, photos: Path) -> list[Path]:
    """The files, made if they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = sorted(folder.glob("*.*"))
    if len(kept) >= COUNT:
        return kept
    for path, content in _made(_sources(folder, photos)):
        (folder / path).write_bytes(content)
    return sorted(folder.glob("*.*"))


def _sources(folder: Path, photos: Path) -> list[Path]:
    if photos.is_dir():
        return sorted(file for file in photos.iterdir() if file.suffix in {".jpg", ".png", ".webp"})
    return [path for path in write_pictures(folder.parent / "drawn") if path.suffix != ".gif"]


def _made(sources: list[Path]) -> Iterator[tuple[str, bytes]]:
    chance = random.Random(SEED)  # noqa: S311 - the same pictures each time, not a secret
    numbers = iter(range(COUNT))
    number = next(numbers)
    for source, kind in zip(cycle(sources), cycle(KINDS), strict=False):
        with Image.open(source) as opened:
            picture = _cropped(opened.convert("RGB"), chance)
        content = _encoded(picture, kind, chance)
        if len(content) in SIZES:
            yield f"{number:04d}.{'jpg' if kind == 'jpeg' else kind}", content
            try:
                number = next(numbers)
            except StopIteration:
                return


def _cropped(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A part of it at a width of its own, so that no two files are alike."""
    width = chance.choice(WIDTHS)
    share = chance.uniform(0.7, 1)
    left, top = (int(edge * chance.uniform(0, 1 - share)) for edge in picture.size)
    box = (left, top, left + int(picture.width * share), top + int(picture.height * share))
    height = round(width * (box[3] - box[1]) / (box[2] - box[0]))
    return picture.resize((width, height), Image.Resampling.LANCZOS, box)


def _encoded(picture: Image.Image, kind: str, chance: random.Random) -> bytes:
    file = BytesIO()
    if kind == "png":
        smaller = picture.resize((picture.width // 2, picture.height // 2))
        smaller.putalpha(_oval(smaller.size))
        smaller.save(file, "png")
    elif kind == "gif":
        picture.resize((picture.width // 2, picture.height // 2)).quantize(256).save(file, "gif")
    elif kind == "webp":
        picture.save(file, "webp", quality=chance.choice(QUALITIES))
    else:
        picture.save(file, "jpeg", quality=chance.choice(QUALITIES))
    return file.getvalue()


def _oval(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, *size), fill=255)
    return mask
