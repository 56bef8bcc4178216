"""Compresses one group of hostile images in a process of its own and tells, line by line, what came of each.

A line without a successor names the input that killed the process. Memory is what the process had at its most, beyond
what it had before the image.
"""

import importlib
import json
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from functions.compress.codec import Compressed, compress, compress_all, probe
from functions.compress.codec.recipe import UNSHOWN_FORMATS
from functions.core.errors import PermanentError
from functions.core.options import ImageOptions
from tests.hostile.images import Case, Cases
from tests.images import decoded

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESETS_THE_PEAK = "5"
_ADDRESS_SPACE = 8 << 30  # bytes; a bomb ends in an exception, and not with the machine


@dataclass(frozen=True)
class Outcome:
    """What came of a case: a code, an error that is none of the project's, or a picture."""

    name: str
    bytes_in: int
    code: str | None = None
    error: str | None = None
    kind: str | None = None
    size: tuple[int, int] = (0, 0)
    colours: tuple[tuple[int, ...], ...] = ()
    frames: int = 0
    bytes_out: int = 0
    seconds: float = 0.0
    promised: int = 0
    may_grow: bool = False
    peak: int = 0


def _memory(line: str) -> int:
    if not _STATUS.exists():
        return 0
    found = next(text for text in _STATUS.read_text().splitlines() if text.startswith(line))
    return int(found.split()[1]) * 1024


def made_of(source: bytes, options: ImageOptions) -> Compressed:
    """The picture; of renditions the last one, after all were made."""
    return compress_all(source, options)[-1].picture if options.renditions else compress(source, options)


def tried(name: str, case: Case) -> Outcome:
    source, promised, may_grow = case.source(), 0, False
    known: dict[str, Any] = {}
    made: Compressed | None = None
    if _RESET.exists():
        _RESET.write_text(_RESETS_THE_PEAK)
    before, begun = _memory("VmRSS"), time.perf_counter()
    try:
        probed = probe(source, case.options)
        promised = probed.decoded_bytes
        may_grow = probed.format in UNSHOWN_FORMATS or bool(case.options.renditions)
        made = made_of(source, case.options)
    except PermanentError as error:
        known = {"code": str(error.code)}
    except Exception as error:  # noqa: BLE001 - exactly this is looked for
        known = {"error": f"{type(error).__name__}: {error}"}
    seconds, peak = time.perf_counter() - begun, _memory("VmHWM") - before
    if made:
        known = _of(made)
    told = {"seconds": seconds, "promised": promised, "peak": peak, "may_grow": may_grow}
    return Outcome(name, len(source), **(told | known))


def _of(result: Compressed) -> dict[str, Any]:
    try:
        picture = decoded(result.content)
        frames, told = getattr(picture, "n_frames", 1), (result.width, result.height)
        shown = ImageOps.exif_transpose(picture)
    except Exception as error:  # noqa: BLE001 - an output that cannot be opened is what is looked for
        return {"error": f"the output cannot be opened: {error}"}
    if shown.size != told:
        return {"error": f"the output is {shown.size} and said to be {told}"}
    known = {"kind": result.format, "size": shown.size, "colours": _colours(shown)}
    return known | {"frames": frames, "bytes_out": len(result.content)}


def _colours(picture: Image.Image) -> tuple[tuple[int, ...], ...]:
    """At the middle of each quadrant, in RGBA."""
    if picture.mode.startswith("I;16"):
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    width, height = picture.size
    middles = [(width * x // 4, height * y // 4) for y in (1, 3) for x in (1, 3)]
    pixels = [picture.crop((x, y, x + 1, y + 1)).convert("RGBA").getpixel((0, 0)) for x, y in middles]
    return tuple(pixel for pixel in pixels if isinstance(pixel, tuple))


def _tell(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(module: str, table: str) -> None:
    """Each case of a table: a line when it begins, a line when it has ended."""
    warnings.simplefilter("ignore")  # as deployed, where they are only printed
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not everywhere

        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    cases: Cases = getattr(importlib.import_module(module), table)
    for name, case in cases.items():
        _tell({"begun": name})
        _tell(asdict(tried(name, case)))


if __name__ == "__main__":
    main(*sys.argv[1:])
