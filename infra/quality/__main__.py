"""`make quality`: what our codec makes beside what people use: bytes, SSIMULACRA2 and CPU, and a sheet to look at."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image

from infra.quality import tools
from infra.quality.scoring import scores
from infra.quality.sheet import Cell, sheet
from infra.quality.sources import Source, sources
from infra.quality.summary import Measured, as_json, calibration, figures, largest_drop, told

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".bench"
KEPT_SCORES = FOLDER / "scores"  # a file for each pair of pictures: a run that is repeated only encodes
SHOWN = (  # on the sheet, from left to right
    *("ours keep@30", "ours keep@50", "ours keep@80", "pngquant 0-50", "ours webp@50", "ours avif@50"),
    *("sharp jpeg@50", "sharp webp@50"),
)
Made = tuple[Measured, bytes]  # the figures, and the file that they are of


def main() -> None:
    """Measure, tell, and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, default=ROOT.parent / "shared" / "photos")
    parser.add_argument("--only", default="", help="kinds of sources that begin so")
    wanted = parser.parse_args()
    KEPT_SCORES.mkdir(parents=True, exist_ok=True)
    if tools.missing():
        sys.stdout.write(f"left out, since it is not installed: {', '.join(tools.missing())}\n")
    chosen = [source for source in sources(wanted.photos) if source.kind.startswith(wanted.only)]
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        by_source = list(workers.map(made_of, chosen))
    measured = [one for made in by_source for one, _content in made]
    _keep(measured)
    _sheet(chosen, by_source).save(FOLDER / "quality.png")
    sys.stdout.writelines(f"{line}\n" for line in _lines(measured))


def made_of(source: Source) -> list[Made]:
    """What every tool makes of the source, with its figures."""
    fitting = [tool for tool in tools.tools() if source.kind.endswith(tool.kinds)]
    return [_measured(source, tool.name, tools.run(tool, source)) for tool in fitting]


def _measured(source: Source, tool: str, made: tools.Made) -> Made:
    share = len(made.content) / len(source.file)
    found = _scores(source, made.content)
    return Measured(source.kind, source.name, tool, share, len(made.content), found, made.cpu), made.content


def _scores(source: Source, content: bytes) -> dict[str, float]:
    """Kept by the hash of both."""
    kept = KEPT_SCORES / f"{sha256(source.file + content).hexdigest()[:32]}.json"
    if kept.exists():
        found: dict[str, float] = json.loads(kept.read_text())
        return found
    found = scores(_ground(source, content), Image.open(BytesIO(content)))
    kept.write_text(json.dumps(found))
    return found


def _ground(source: Source, content: bytes) -> Image.Image:
    """The source; over white where a JPEG was made of transparency."""
    if source.picture.mode != "RGBA" or not content.startswith(b"\xff\xd8"):
        return source.picture
    white = Image.new("RGBA", source.picture.size, "white")
    return Image.alpha_composite(white, source.picture).convert("RGB")


def _keep(measured: list[Measured]) -> None:
    found = {
        "figures": figures(measured),
        "calibration": calibration(measured),
        "largest_drop_of_png": largest_drop(measured),
        "pictures": as_json(measured),
    }
    (FOLDER / "quality.json").write_text(json.dumps(found, indent=1))


def _lines(measured: list[Measured]) -> Iterator[str]:
    yield from told(figures(measured))
    yield "\nDifference of a picture's score from its JPEG's, at the same quality:"
    for name, off in calibration(measured).items():
        yield f"  {name:10} median {off['median']:5.1f}, from {off['least']:.1f} to {off['most']:.1f}"
    yield f"PNG: the largest drop of a score with more quality is {largest_drop(measured):.1f}"


def _sheet(chosen: list[Source], by_source: list[list[Made]]) -> Image.Image:
    """The first source of each kind. Without a folder of photographs, all are drawn and can be shown to anybody."""
    rows: dict[str, list[Cell]] = {}
    for source, made in zip(chosen, by_source, strict=True):
        if source.kind not in rows:
            first = Cell(source.picture, (source.kind, f"{len(source.file) // 1024} kB"))
            cells = {one.tool: _cell(one, content) for one, content in made}
            rows[source.kind] = [first, *(cells[name] for name in SHOWN if name in cells)]
    return sheet(rows)


def _cell(one: Measured, content: bytes) -> Cell:
    return Cell(Image.open(BytesIO(content)), (one.tool, f"{one.bytes / 1024:.0f} kB, score {one.score:.0f}"))


if __name__ == "__main__":
    main()
