"""Draws the pictures of a request before and after side by side, into one PNG that a person looks at."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

COLUMNS = 4  # pairs in a line
EDGE = 220  # pixels of the square that holds a picture
GAP = 12  # pixels
CAPTION = 44  # pixels below a pair: its name, and what was saved
PAPER, INK, QUIET = "#fafaf7", "#18181b", "#57575f"


@dataclass(frozen=True)
class Pair:
    """A picture before and after: two files, as bytes."""

    name: str
    before: bytes
    after: bytes


def write_sheet(pairs: Iterable[Pair], file: Path) -> None:
    """All pairs in lines of COLUMNS, each with its name and its bytes. Nothing is written without pairs."""
    shown = list(pairs)
    if not shown:
        return
    width, height = 2 * EDGE + 2 * GAP, EDGE + CAPTION + GAP
    columns = min(COLUMNS, len(shown))
    lines = -(-len(shown) // columns)
    sheet = Image.new("RGB", (columns * width + GAP, lines * height + GAP), PAPER)
    for number, pair in enumerate(shown):
        left, top = GAP + number % columns * width, GAP + number // columns * height
        _place(sheet, pair.before, left, top)
        _place(sheet, pair.after, left + EDGE, top)
        _write_caption(sheet, pair, left, top + EDGE)
    sheet.save(file, optimize=True)


def _place(sheet: Image.Image, content: bytes, left: int, top: int) -> None:
    """The whole picture, upright, in the middle of its square."""
    with Image.open(BytesIO(content)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    picture = ImageOps.contain(upright, (EDGE, EDGE), Image.Resampling.LANCZOS)
    sheet.paste(picture, (left + (EDGE - picture.width) // 2, top + (EDGE - picture.height) // 2), picture)


def _write_caption(sheet: Image.Image, pair: Pair, left: int, top: int) -> None:
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    share = 100 * (len(pair.before) - len(pair.after)) / len(pair.before)
    draw.text((left, top + 4), pair.name[:48], INK, font)
    draw.text((left, top + 22), f"{len(pair.before):,} -> {len(pair.after):,} bytes, {share:.0f} % saved", QUIET, font)
