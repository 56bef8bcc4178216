"""The codec on photographs from real cameras, where they are at hand; else on the project's own pictures."""

import os
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from functions.compress.codec import Compressed, compress
from functions.core.options import ImageOptions
from infra.local.pictures import CATALOGUE, draw
from tests.images import decoded, difference, encoded

FOLDER = Path(os.environ.get("IMAGEPRESS_PHOTOS", Path(__file__).parents[3] / "shared" / "photos"))
FILES = sorted(path for path in FOLDER.glob("*.*") if path.suffix in {".jpg", ".png", ".webp"})
NAMES = [path.name for path in FILES] or [name for product in CATALOGUE for name in product.pictures]
METADATA = {"exif", "icc_profile", "xmp", "comment", "photoshop", "flashpix"}
MARGIN = 3.0  # levels of 255 beyond plain Pillow's loss: conversions between profiles, palettes of 256 colours
EDGE = 300  # pixels; differences are measured at this size


@cache
def source(name: str) -> bytes:
    return (FOLDER / name).read_bytes() if FILES else draw(name)


@cache
def result(name: str) -> Compressed:
    return compress(source(name), ImageOptions())


def shown(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    ImageOps.exif_transpose(picture, in_place=True)
    return picture


def on_grey(picture: Image.Image) -> Image.Image:
    """Small, and what is transparent in one grey."""
    picture = picture.convert("RGBA").resize((EDGE, EDGE), Image.Resampling.BOX)
    return Image.alpha_composite(Image.new("RGBA", picture.size, "grey"), picture)


@pytest.mark.parametrize("name", NAMES)
def test_the_output_has_fewer_bytes_than_the_source(name: str) -> None:
    assert len(result(name).content) <= len(source(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_output_is_as_large_as_the_source_is_shown(name: str) -> None:
    assert decoded(result(name).content).size == shown(source(name)).size == (result(name).width, result(name).height)


@pytest.mark.parametrize("name", NAMES)
def test_the_output_has_no_metadata(name: str) -> None:
    assert not METADATA & decoded(result(name).content).info.keys()


@pytest.mark.parametrize("name", NAMES)
def test_the_output_looks_like_the_source(name: str) -> None:
    original = shown(source(name))
    plain = decoded(encoded(original.convert("RGB"), "JPEG", quality=50)) if original.mode != "RGBA" else original
    allowed = difference(on_grey(plain), on_grey(original)) + MARGIN
    assert difference(on_grey(decoded(result(name).content)), on_grey(original)) <= allowed


@pytest.mark.parametrize("name", NAMES)
def test_a_preview_fits_into_its_box(name: str) -> None:
    preview = decoded(compress(source(name), ImageOptions(max_width=200, max_height=200)).content)
    assert max(preview.size) == 200
