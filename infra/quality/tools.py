"""What makes the pictures: our codec with its options, and what people use. Each tells its bytes and its CPU."""

import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import oxipng
from PIL import Image

from functions.compress.codec import compress
from functions.core.options import Effort, Format, ImageOptions
from infra.quality.sources import Source

ROOT = Path(__file__).parents[2]
QUALITIES = (30, 50, 75, 80, 90)
OTHERS = (30, 50, 80)  # qualities of other tools, whose numbers mean other things

Make = Callable[[Source], bytes]


@dataclass(frozen=True, slots=True)
class Tool:
    """`kinds` are the ends of the kinds of sources that it is tried with; "" for all."""

    name: str
    make: Make
    kinds: str = ""
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A file and the CPU that it took, in seconds: of an external command with its start."""

    content: bytes
    cpu: float


def run(tool: Tool, source: Source) -> Made:
    """What the tool makes of the source."""
    began = _cpu()
    content = tool.make(source)
    return Made(content, _cpu() - began)


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def tools() -> Iterator[Tool]:
    """Those that are there."""
    yield from _ours()
    yield from _pillow()
    yield from _opencv()
    yield Tool("oxipng level 2", lambda source: oxipng.optimize_from_memory(source.file, level=2), "png")
    yield from _commands()


def missing() -> list[str]:
    """The commands that are not on the PATH, in Debian's packages pngquant, webp and libavif-bin."""
    return [name for name in ("pngquant", "cwebp", "avifenc", "node") if not shutil.which(name)]


def _ours() -> Iterator[Tool]:
    for quality in QUALITIES:
        for kind in (Format.KEEP, Format.JPEG, Format.WEBP, Format.AVIF, Format.PNG, Format.AUTO):
            yield _codec(f"ours {kind}@{quality}", ImageOptions(quality, kind))
    for kind in (Format.JPEG, Format.WEBP, Format.AVIF, Format.PNG, Format.AUTO):
        yield _codec(f"ours {kind} small@50", ImageOptions(50, kind, effort=Effort.SMALL))
    yield _codec("ours png@100", ImageOptions(100, Format.PNG))


def _codec(name: str, options: ImageOptions) -> Tool:
    return Tool(name, lambda source: compress(source.file, options).content, is_ours=True)


def _pillow() -> Iterator[Tool]:
    for quality in OTHERS:
        for kind in ("jpeg", "webp", "avif"):
            yield Tool(f"Pillow {kind}@{quality}", partial(_saved, kind, quality))


def _saved(kind: str, quality: int, source: Source) -> bytes:
    file = BytesIO()
    _shown(source, kind).save(file, kind, quality=quality)
    return file.getvalue()


def _shown(source: Source, kind: str) -> Image.Image:
    if kind != "jpeg" or source.picture.mode != "RGBA":
        return source.picture
    white = Image.new("RGBA", source.picture.size, "white")
    return Image.alpha_composite(white, source.picture).convert("RGB")


def _opencv() -> Iterator[Tool]:
    """The encoder of img2dataset."""
    for quality in OTHERS:
        yield Tool(f"OpenCV jpeg@{quality}", partial(_by_opencv, quality))


def _by_opencv(quality: int, source: Source) -> bytes:
    import cv2  # type: ignore[import-not-found]  # noqa: PLC0415 - it is where `make quality` runs, and not where tests do

    blue_first = np.ascontiguousarray(np.asarray(_shown(source, "jpeg"))[:, :, ::-1])
    _is_done, made = cv2.imencode(".jpg", blue_first, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return bytes(made)


def _commands() -> Iterator[Tool]:
    if shutil.which("pngquant"):
        for quality in (50, 80, 95):
            yield _piped(f"pngquant 0-{quality}", ["pngquant", "--quality", f"0-{quality}", "-"])
    for quality in OTHERS:
        if shutil.which("cwebp"):
            yield _filed(f"cwebp@{quality}", ["cwebp", "-quiet", "-q", str(quality), "IN", "-o", "OUT"], ".webp")
        if shutil.which("avifenc"):
            yield _filed(f"avifenc@{quality}", ["avifenc", *_avif(quality), "IN", "OUT"], ".avif")
        if shutil.which("node"):
            for kind in ("jpeg", "webp", "avif", "png"):
                script = ["node", str(ROOT / "infra/quality/sharp.mjs"), kind, str(quality), "IN", "OUT"]
                yield _filed(f"sharp {kind}@{quality}", script, f".{kind}")


def _avif(quality: int) -> list[str]:
    """avifenc's quantiser, from 63 (worst) to 0."""
    level = str(round((100 - quality) * 63 / 100))
    return ["--min", level, "--max", level, "--speed", "6", "--jobs", "1"]


def _piped(name: str, command: list[str]) -> Tool:
    def make(source: Source) -> bytes:
        return subprocess.run(command, input=source.file, stdout=subprocess.PIPE, check=True).stdout

    return Tool(name, make, "png")


def _filed(name: str, command: list[str], ending: str) -> Tool:
    def make(source: Source) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            given, made = Path(folder) / "in.png", Path(folder) / f"out{ending}"
            given.write_bytes(source.file) if source.kind.endswith("png") else source.picture.save(given)
            places = {"IN": str(given), "OUT": str(made)}
            subprocess.run(
                [places.get(word, word) for word in command], check=True, stdout=subprocess.DEVNULL, cwd=ROOT
            )
            return made.read_bytes()

    return Tool(name, make)
