"""The demo's product pictures: drawn, not downloaded, and the same on every machine."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from infra.local import products
from infra.local.studio import GRAIN, Studio

_ORIENTATION, _ROTATED = 0x0112, 6  # EXIF: to be turned clockwise by a quarter


@dataclass(frozen=True)
class Shot:
    """One picture: what is in it, in which colours, how large, and what kind of file it is."""

    product: Callable[[Studio, str], None]
    tint: str
    backdrop: str
    size: tuple[int, int]
    encode: Callable[[Studio], bytes]


@dataclass(frozen=True)
class Product:
    """A row of the sample catalogue: a name and the file names of its pictures."""

    name: str
    pictures: tuple[str, ...]


def draw(name: str, edge: int | None = None, grain: int = GRAIN) -> bytes:
    """The picture file of this name, one of CATALOGUE's; with `edge` a smaller one. The same bytes each time."""
    shot = _SHOTS[name]
    scale = edge / max(shot.size) if edge else 1
    studio = Studio((round(shot.size[0] * scale), round(shot.size[1] * scale)), shot.backdrop)
    shot.product(studio, shot.tint)
    studio.grain(name, grain)
    return shot.encode(studio)


def write_pictures(folder: Path) -> list[Path]:
    """Every picture of CATALOGUE as a file; those already there stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for product in CATALOGUE for name in product.pictures]
    for path in paths:
        if not path.exists():
            path.write_bytes(draw(path.name))
    return paths


def _saved(picture: Image.Image, kind: str, **parameters: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **parameters)
    return file.getvalue()


def _photo(studio: Studio) -> bytes:
    return _saved(studio.picture, "JPEG", quality=92, subsampling="4:2:0")


def _sideways(studio: Studio) -> bytes:
    """As a phone stores what it took upright."""
    exif = Image.Exif()
    exif[_ORIENTATION] = _ROTATED
    return _saved(studio.picture.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=92, exif=exif)


def _for_print(studio: Studio) -> bytes:
    return _saved(studio.picture.convert("CMYK"), "JPEG", quality=90)


def _cut_out(studio: Studio) -> bytes:
    studio.picture.putalpha(studio.cut_out)
    return _saved(studio.picture, "PNG", compress_level=1)


def _modern(studio: Studio) -> bytes:
    return _saved(studio.picture, "WEBP", quality=90, method=0)


def _turntable(studio: Studio) -> bytes:
    """An animated GIF: the lamps go round."""
    small = studio.picture.resize((320, 320), Image.Resampling.BOX)
    lamps = Image.radial_gradient("L").point([max(0, 150 - level) for level in range(256)])
    frames = []
    for x in (-200, -120, -40, 40, 120, 200):
        frame = small.copy()
        frame.paste("white", (x, -60), mask=lamps.resize((400, 400)))
        frames.append(frame.quantize(128, method=Image.Quantize.FASTOCTREE))
    return _saved(frames[0], "GIF", save_all=True, append_images=frames[1:] + frames[-2:0:-1], duration=120, loop=0)


_SHOTS = {
    "water-bottle-1.jpg": Shot(products.bottle, "#2f7f86", "#d9dcdf", (1600, 1600), _photo),
    "water-bottle-2.jpg": Shot(products.bottle, "#c65b3a", "#e8dfd3", (1200, 1600), _sideways),
    "stoneware-mug-1.jpg": Shot(products.mug, "#7d8f86", "#e6e1d8", (1600, 1200), _photo),
    "stoneware-mug-2.jpg": Shot(products.mug, "#b9694b", "#d7d3cb", (1600, 1200), _photo),
    "running-shoe-1.jpg": Shot(products.shoe, "#d8462f", "#dfe3e8", (1800, 1200), _photo),
    "running-shoe-2.webp": Shot(products.shoe, "#2f5fc4", "#e9e6e1", (1200, 900), _modern),
    "gift-box-1.jpg": Shot(products.gift, "#8e2f45", "#e7dcd8", (1400, 1400), _photo),
    "desk-lamp-1.jpg": Shot(products.lamp, "#d9a531", "#c9cfd6", (1200, 1600), _photo),
    "vase-1.jpg": Shot(products.vase, "#4a6fa5", "#ece6dc", (1200, 1500), _sideways),
    "headphones-1.png": Shot(products.headphones, "#7a5c46", "#e3e3e3", (1000, 1000), _cut_out),
    "headphones-2.gif": Shot(products.headphones, "#4c6b57", "#d9dde0", (640, 640), _turntable),
    "wall-clock-1.jpg": Shot(products.clock, "#3d4a55", "#dcd5ca", (2400, 2400), _for_print),
    "scented-candle-1.jpg": Shot(products.candle, "#c9a58a", "#d3cbc4", (1400, 1400), _photo),
    "notebook-1.png": Shot(products.notebook, "#28564a", "#e4e0da", (900, 1100), _cut_out),
    "basketball-1.jpg": Shot(products.ball, "#d0662b", "#d5dbe0", (1500, 1500), _photo),
    "house-plant-1.jpg": Shot(products.plant, "#c77b58", "#e4e8e2", (1400, 1600), _photo),
}

CATALOGUE: tuple[Product, ...] = (
    Product("Steel water bottle", ("water-bottle-1.jpg", "water-bottle-2.jpg")),
    Product("Stoneware mug", ("stoneware-mug-1.jpg", "stoneware-mug-2.jpg")),
    Product("Running shoe", ("running-shoe-1.jpg", "running-shoe-2.webp")),
    Product("Gift box with ribbon", ("gift-box-1.jpg",)),
    Product("Desk lamp", ("desk-lamp-1.jpg",)),
    Product("Ceramic vase", ("vase-1.jpg",)),
    Product("Headphones", ("headphones-1.png", "headphones-2.gif")),
    Product("Wall clock", ("wall-clock-1.jpg",)),
    Product("Scented candle", ("scented-candle-1.jpg",)),
    Product("Hard-cover notebook", ("notebook-1.png",)),
    Product("Basketball", ("basketball-1.jpg",)),
    Product("House plant", ("house-plant-1.jpg",)),
)
