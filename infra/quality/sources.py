"""The pictures that are compared: photographs, products on white, cut-outs with a soft shadow, drawings of pages."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from infra.local.pictures import draw

EDGE = 640  # pixels of each square
SHADOW_BLUR = 22  # pixels
PHOTOGRAPHS, PRODUCTS, CUT_OUTS, DRAWINGS = 8, 6, 6, 4  # of each kind
DRAWN = ("house-plant-1.jpg", "running-shoe-1.jpg", "desk-lamp-1.jpg", "gift-box-1.jpg", "basketball-1.jpg")
WORDS = ["lorem", "ipsum", "dolor", "sit", "amet", "price", "lamp", "vase", "chair", "table", "19.99", "EUR", "new"]


@dataclass(frozen=True, slots=True)
class Source:
    """A picture in RGB or RGBA, and the file that it comes in."""

    kind: str
    name: str
    picture: Image.Image
    file: bytes


def sources(photos: Path) -> list[Source]:
    """The same each time for the same folder; without one, drawn pictures stand for photographs."""
    squares = dict(_squares(photos))
    names = sorted(squares)
    kinds = {
        "photograph-jpeg": [(name, squares[name]) for name in names[:PHOTOGRAPHS]],
        "photograph-png": [(name, squares[name]) for name in names[PHOTOGRAPHS:][:4] or names[:4]],
        "product-png": [(name, on_white(squares[name])) for name in names[-PRODUCTS:]],
        "cutout-png": [(name, cut_out(squares[name])) for name in names[:: max(1, len(names) // CUT_OUTS)][:CUT_OUTS]],
        "graphic-png": [(f"page {seed}", page(seed)) for seed in range(1, DRAWINGS + 1)],
    }
    return [Source(kind, *pair, _file(kind, pair[1])) for kind, pairs in kinds.items() for pair in pairs]


def _squares(photos: Path) -> Iterator[tuple[str, Image.Image]]:
    """Drawn ones first: "0-" sorts before the names of photographs."""
    for number, name in enumerate(DRAWN):
        yield f"0-{number} {name}", square(Image.open(BytesIO(draw(name))))
    for file in sorted(photos.iterdir()) if photos.is_dir() else ():
        if file.suffix in {".jpg", ".png", ".webp"}:
            yield f"photo {file.name}", square(Image.open(file))


def square(picture: Image.Image) -> Image.Image:
    """The middle, as large as can be, made EDGE wide; without a profile, so that all tools mean the same colours."""
    width, height = picture.size
    edge = min(width, height)
    left, top = (width - edge) // 2, (height - edge) // 2
    middle = picture.convert("RGB").crop((left, top, left + edge, top + edge))
    made = middle.resize((EDGE, EDGE), Image.Resampling.LANCZOS)
    made.info = {}
    return made


def cut_out(photograph: Image.Image) -> Image.Image:
    """A photograph cut out by an ellipse with soft edges, over the blurred grey shadow of another."""
    shadow, shape = Image.new("L", (EDGE, EDGE), 0), Image.new("L", (EDGE, EDGE), 0)
    ImageDraw.Draw(shadow).ellipse(_part(0.15, 0.6, 0.9, 0.95), fill=160)
    ImageDraw.Draw(shape).ellipse(_part(0.1, 0.08, 0.85, 0.85), fill=255)
    below = Image.new("RGBA", (EDGE, EDGE), (40, 40, 40, 0))
    below.putalpha(shadow.filter(ImageFilter.GaussianBlur(SHADOW_BLUR)))
    above = photograph.convert("RGBA")
    above.putalpha(shape.filter(ImageFilter.GaussianBlur(2)))
    return Image.alpha_composite(below, above)


def on_white(photograph: Image.Image) -> Image.Image:
    """The same on a white ground: a product as marketplaces ask for it."""
    white = Image.new("RGBA", (EDGE, EDGE), "white")
    return Image.alpha_composite(white, cut_out(photograph)).convert("RGB")


def _part(*shares: float) -> tuple[float, ...]:
    return tuple(EDGE * share for share in shares)


def page(seed: int) -> Image.Image:
    """A page of a shop: a gradient with a title, and below it text, buttons, bars and circles by chance."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    picture = Image.new("RGB", (EDGE, EDGE), "white")
    pen = ImageDraw.Draw(picture)
    _title(pen, chance, seed)
    parts = (_text, _text, _text, _buttons, _bars, _circles)
    y = 110
    while y < EDGE - 80:
        y = chance.choice(parts)(pen, chance, y)
        pen.line((20, y, EDGE - 20, y), fill="#dddddd")
        y += 10
    return picture


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(30, 230), chance.randrange(30, 230), chance.randrange(30, 230)


def _title(pen: ImageDraw.ImageDraw, chance: random.Random, seed: int) -> None:
    top, bottom = _colour(chance), _colour(chance)
    for y in range(90):
        share = y / 90
        pen.line((0, y, EDGE, y), fill=tuple(round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True)))
    pen.text((20, 20), f"Shop number {seed}", font=ImageFont.load_default(36), fill="white")


def _text(pen: ImageDraw.ImageDraw, chance: random.Random, y: int) -> int:
    size = chance.choice((11, 13, 16))
    for _ in range(chance.randrange(2, 5)):
        line = " ".join(chance.choice(WORDS) for _ in range(12))
        pen.text((20, y), line, font=ImageFont.load_default(size), fill=chance.choice(("black", "#333333", "#0645ad")))
        y += size + 6
    return y


def _buttons(pen: ImageDraw.ImageDraw, chance: random.Random, y: int) -> int:
    pen.rounded_rectangle((20, y, 160, y + 36), 8, fill=_colour(chance))
    pen.text((40, y + 10), "Buy now", font=ImageFont.load_default(14), fill="white")
    pen.rounded_rectangle((180, y, 320, y + 36), 8, outline=_colour(chance), width=2)
    return y + 50


def _bars(pen: ImageDraw.ImageDraw, chance: random.Random, y: int) -> int:
    for bar in range(8):
        height = chance.randrange(10, 70)
        pen.rectangle((30 + bar * 60, y + 75 - height, 70 + bar * 60, y + 75), fill=_colour(chance))
    return y + 90


def _circles(pen: ImageDraw.ImageDraw, chance: random.Random, y: int) -> int:
    for circle in range(6):
        pen.ellipse((20 + circle * 90, y, 80 + circle * 90, y + 60), fill=_colour(chance), outline="black")
    return y + 75


def _file(kind: str, picture: Image.Image) -> bytes:
    file = BytesIO()
    if kind.endswith("jpeg"):
        picture.save(file, "JPEG", quality=95)
    else:
        picture.save(file, "PNG", compress_level=9)
    return file.getvalue()
