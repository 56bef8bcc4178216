"""A sheet of crops at full size: what was given, and what each tool made of it, with its score and bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

CROP = 200  # pixels of each square, one to one
CAPTION = 34  # pixels below it
GROUND = "#9a9a9a"  # on which alpha shows


@dataclass(frozen=True, slots=True)
class Cell:
    """A picture and the lines that stand below it."""

    picture: Image.Image
    lines: Sequence[str]


def sheet(rows: Mapping[str, Sequence[Cell]]) -> Image.Image:
    """A row for each source, its name before it; the same part of each picture, below its middle: there are shadows."""
    across = max(map(len, rows.values()))
    made = Image.new("RGB", (across * (CROP + 4), len(rows) * (CROP + CAPTION)), "white")
    pen = ImageDraw.Draw(made)
    for row, cells in enumerate(rows.values()):
        for column, cell in enumerate(cells):
            place = column * (CROP + 4), row * (CROP + CAPTION)
            made.paste(_cropped(cell.picture), place)
            text = "\n".join(cell.lines)
            pen.multiline_text(
                (place[0] + 2, place[1] + CROP + 3), text, "black", ImageFont.load_default(12), spacing=2
            )
    return made


def _cropped(picture: Image.Image) -> Image.Image:
    left, top = (picture.width - CROP) // 2, min(picture.height - CROP, int(picture.height * 0.62))
    crop = picture.convert("RGBA").crop((left, top, left + CROP, top + CROP))
    return Image.alpha_composite(Image.new("RGBA", crop.size, GROUND), crop).convert("RGB")
