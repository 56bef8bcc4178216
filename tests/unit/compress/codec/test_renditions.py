"""Renditions of a picture: their sizes, what is cut or filled, and that none spoils another."""

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw

from functions.compress.codec import Made, compress, compress_all, probe
from functions.compress.codec.placing import SMALLER, placement
from functions.core.options import Rendition, parse_options
from tests.images import encoded, photo


def made(source: bytes, renditions: str, **options: str) -> dict[str, Made]:
    image = parse_options({"renditions": renditions, **options}).image
    found = compress_all(source, image)
    assert [each.name for each in found] == [each.name for each in image.made()]
    return {each.name: each for each in found}


def opened(each: Made) -> Image.Image:
    return Image.open(io.BytesIO(each.picture.content))


@pytest.mark.parametrize(
    ("text", "size", "warning"),
    [
        ("a=400x400", (400, 300), None),
        ("a=400x", (400, 300), None),
        ("a=x150", (200, 150), None),
        ("a=4000x4000", (800, 600), None),
        ("a=1600x,enlarge", (1600, 1200), None),
        ("a=300x300,cover", (300, 300), None),
        ("a=300x100,cover", (300, 100), None),
        ("a=1200x1200,cover", (600, 600), SMALLER),
        ("a=1200x300,cover", (800, 200), SMALLER),
        ("a=1200x1200,cover,enlarge", (1200, 1200), None),
        ("a=300x,cover", (300, 225), None),
        ("a=400x400,pad", (400, 400), None),
        ("a=1000x1000,pad", (1000, 1000), None),
        ("a=1x1,cover", (1, 1), None),
        ("a=1x", (1, 1), None),
    ],
)
def test_a_picture_of_800_by_600_becomes(text: str, size: tuple[int, int], warning: str | None) -> None:
    (rendition,) = [Rendition.parse(text)]
    assert (placement((800, 600), rendition).canvas, placement((800, 600), rendition).warning) == (size, warning)
    found = made(encoded(photo(800, 600), "JPEG"), text)["a"]
    assert (found.picture.width, found.picture.height) == size == opened(found).size
    assert found.warning == warning


@pytest.mark.parametrize("text", ["a=5000x,enlarge", "a=5000x5000,cover,enlarge", "a=5000x5000,pad,enlarge"])
@pytest.mark.parametrize("size", [(10, 10_000), (10_000, 10), (1, 1)])
def test_a_narrow_picture_is_not_made_endless(text: str, size: tuple[int, int]) -> None:
    where = placement(size, Rendition.parse(text))
    for edges in (where.scaled, where.canvas, where.whole(size)):
        assert edges[0] * edges[1] <= 25_000_000
        assert max(edges) <= 16_383


def halves() -> Image.Image:
    """Red on the left, blue on the right, with a green stripe in the middle."""
    picture = Image.new("RGB", (900, 300), "red")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((450, 0, 899, 299), fill="blue")
    draw.rectangle((425, 0, 475, 299), fill="lime")
    return picture


def colour_at(picture: Image.Image, x: float, y: float) -> tuple[int, ...]:
    """To the nearest of black, white and the plain colours."""
    values: Any = picture.convert("RGBA").getpixel((int(x * picture.width), int(y * picture.height)))
    return tuple(round(value / 255) for value in values)


def test_cover_keeps_the_middle() -> None:
    found = opened(made(encoded(halves(), "PNG"), "a=100x100,cover,png")["a"])
    assert colour_at(found, 0.5, 0.5) == (0, 1, 0, 1)
    assert (colour_at(found, 0.05, 0.5), colour_at(found, 0.95, 0.5)) == ((1, 0, 0, 1), (0, 0, 1, 1))


@pytest.mark.parametrize(
    ("text", "corner"),
    [
        ("a=300x300,pad,png", (0, 0, 0, 0)),
        ("a=300x300,pad,webp", (0, 0, 0, 0)),
        ("a=300x300,pad,avif", (0, 0, 0, 0)),
        ("a=300x300,pad,jpeg", (1, 1, 1, 1)),
        ("a=300x300,pad,white,png", (1, 1, 1, 1)),
        ("a=300x300,pad,#ff0000,jpeg", (1, 0, 0, 1)),
        ("a=300x300,pad,black", (0, 0, 0, 1)),
    ],
)
def test_pad_fills_with_the_colour_or_with_nothing_where_the_format_can(text: str, corner: tuple[int, ...]) -> None:
    found = opened(made(encoded(halves(), "PNG"), text)["a"])
    assert colour_at(found, 0.02, 0.02) == colour_at(found, 0.98, 0.98) == corner
    assert colour_at(found, 0.5, 0.5) == (0, 1, 0, 1)


def test_what_is_transparent_shows_the_colour_of_the_canvas() -> None:
    cut_out = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    ImageDraw.Draw(cut_out).rectangle((50, 25, 150, 75), fill="blue")
    found = opened(made(encoded(cut_out, "PNG"), "a=200x200,pad,white,jpeg")["a"])
    assert (colour_at(found, 0.5, 0.5), colour_at(found, 0.1, 0.5)) == ((0, 0, 1, 1), (1, 1, 1, 1))


def test_a_picture_that_lies_on_its_side_is_turned_first() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = made(encoded(photo(800, 600), "JPEG", exif=exif), "a=300x,webp; b=100x200,cover,webp")
    assert [opened(each).size for each in found.values()] == [(300, 400), (100, 200)]


def test_one_rendition_alone_is_what_the_request_without_it_would_make() -> None:
    source = encoded(photo(800, 600), "JPEG")
    alone = compress(source, parse_options({"max_width": "300", "format": "webp"}).image)
    assert made(source, "a=300x,webp")["a"].picture.content == alone.content


def test_the_same_source_gives_the_same_bytes_whatever_else_is_asked_for_at_that_size() -> None:
    source = encoded(photo(800, 600), "JPEG")
    both = made(source, "large=800x,webp; small=100x,jpeg")
    assert made(source, "large=800x,webp; small=100x,jpeg") == both
    assert made(source, "large=800x,webp")["large"] == both["large"]


def test_a_rendition_as_large_as_the_source_is_never_larger_in_bytes() -> None:
    source = encoded(photo(640, 480), "JPEG", quality=20)
    assert len(made(source, "a=4000x,q100")["a"].picture.content) <= len(source)


def test_an_animation_stays_one_in_every_rendition_that_can_move() -> None:
    frames = [Image.new("RGB", (200, 100), colour) for colour in ("red", "lime", "blue")]
    source = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=80)
    found = made(source, "moving=100x100,pad,webp; still=100x,jpeg; same=50x")
    assert [getattr(opened(each), "n_frames", 1) for each in found.values()] == [3, 1, 3]
    assert [opened(each).size for each in found.values()] == [(100, 100), (100, 50), (50, 25)]


def test_memory_is_reserved_for_the_largest_canvas() -> None:
    source = encoded(photo(100, 100), "JPEG")
    plain = probe(source, parse_options({}).image).decoded_bytes
    canvas = probe(source, parse_options({"renditions": "a=4000x4000,pad,avif"}).image).decoded_bytes
    assert canvas > 4000 * 4000 * 30 > plain


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_every_kind_of_source_becomes_every_kind_of_rendition(kind: str) -> None:
    words = "j=50x50,cover,jpeg; p=50x50,pad,png; w=50x,webp; a=50x,avif; k=50x,keep; o=50x,auto"
    found = made(encoded(photo(120, 90), kind), words)
    assert [found[name].picture.format for name in "jpwa"] == ["jpeg", "png", "webp", "avif"]
    assert {each.picture.width for each in found.values()} == {50}
