"""What a picture is made into: palettes that do not show, one meaning of `quality`, `auto`, `effort`."""

from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

from functions.compress.codec import compress
from functions.compress.codec.promise import encoder_quality
from functions.core.options import Effort, Format, ImageOptions
from infra.local import pictures
from infra.quality import sources
from tests.images import animation, decoded, difference, encoded, photo


def made(source: bytes, **options: Any) -> Image.Image:
    return decoded(compress(source, ImageOptions(**options)).content)


@cache
def shadow() -> Image.Image:
    """What shops cut out: a photograph with soft edges over the blurred grey shadow of an ellipse."""
    size = (320, 320)
    dark, mask = Image.new("L", size, 0), Image.new("L", size, 0)
    ImageDraw.Draw(dark).ellipse((30, 190, 290, 310), fill=160)
    ImageDraw.Draw(mask).ellipse((50, 20, 270, 240), fill=255)
    grey = Image.merge("RGBA", [Image.new("L", size, 40)] * 3 + [dark.filter(ImageFilter.GaussianBlur(22))])
    cut = photo(*size).convert("RGBA")
    cut.putalpha(mask.filter(ImageFilter.GaussianBlur(2)))
    return Image.alpha_composite(grey, cut)


@cache
def drawing() -> Image.Image:
    """A page: flat surfaces, thin lines, text, a gradient over a band."""
    page = Image.new("RGB", (320, 240), "white")
    draw = ImageDraw.Draw(page)
    for x in range(320):
        draw.line((x, 0, x, 40), fill=(x // 2, 90, 255 - x // 2))
    for row in range(6):
        draw.text((10, 50 + 30 * row), "Oak chair, 19.99, in stock, add to basket", fill="black")
        draw.rounded_rectangle((250, 50 + 30 * row, 310, 70 + 30 * row), 6, outline="navy", fill=(230, 240, 255))
    return page


# Palettes


@pytest.mark.parametrize("quality", [30, 50, 80])
def test_a_soft_shadow_has_no_rings(quality: int) -> None:
    """Seen with a palette without dithering: the shadow in five rings, alpha wrong by up to 60 of 255."""
    shown = made(encoded(shadow(), "PNG"), quality=quality).convert("RGBA")
    alpha, given = shown.getchannel("A"), shadow().getchannel("A")
    off = ImageChops.difference(*(channel.filter(ImageFilter.BoxBlur(3)) for channel in (alpha, given)))
    (_least, most) = off.getextrema()
    assert isinstance(most, float | int)
    assert most <= 16  # a level that eyes do not see in a shadow


@pytest.mark.parametrize("quality", [15, 40, 50, 60, 85])
@pytest.mark.parametrize("effort", Effort)
def test_no_patch_of_a_palette_has_another_colour(quality: int, effort: Effort) -> None:
    """Seen with a quicker quantiser: dark clothes with a flat grey hole."""
    shown, given = made(encoded(photo(320, 240), "PNG"), quality=quality, effort=effort).convert("RGB"), photo(320, 240)
    extrema = ImageChops.difference(shown.reduce(8), given.reduce(8)).convert("RGB").getextrema()
    assert max(most for _least, most in extrema) <= 24  # type: ignore[misc]  # pairs, of a picture in RGB


def test_a_drawing_stays_crisp() -> None:
    shown = made(encoded(drawing(), "PNG"), quality=50).convert("RGB")
    text = (10, 50, 240, 230)
    assert difference(shown.crop(text), drawing().crop(text)) < 3


@pytest.mark.parametrize("quality", [1, 10, 30, 50])
def test_a_bar_of_a_page_keeps_its_colour_however_little_quality_is_asked_for(quality: int) -> None:
    """Seen at quality 30: an olive bar came out brown."""
    page = sources.page(1)
    shown = made(encoded(page, "PNG"), quality=quality).convert("RGB")
    extrema = ImageChops.difference(shown.reduce(8), page.reduce(8)).getextrema()
    assert max(most for _least, most in extrema) <= 10  # type: ignore[misc]  # pairs, of a picture in RGB


@pytest.mark.parametrize("source", [shadow, drawing, lambda: photo(320, 240)])
def test_more_quality_of_a_png_is_nearer_to_the_source(source: Any) -> None:
    picture = source()
    ground = Image.new("RGBA", picture.size, "white")

    def error(quality: int) -> float:
        shown = [Image.alpha_composite(ground, p.convert("RGBA")).convert("RGB") for p in (picture, at(quality))]
        return sum(ImageStat.Stat(ImageChops.difference(*shown)).rms)

    def at(quality: int) -> Image.Image:
        return made(encoded(picture, "PNG"), quality=quality)

    errors = [error(quality) for quality in (10, 30, 50, 70, 85, 95, 100)]
    assert all(finer <= coarser * 1.02 for coarser, finer in pairwise(errors)), errors
    assert errors[-1] == 0


def test_where_a_palette_cannot_look_as_promised_all_colours_are_kept() -> None:
    assert made(encoded(photo(320, 240), "TIFF"), format=Format.PNG, quality=92).mode == "RGB"
    assert made(encoded(photo(320, 240), "TIFF"), format=Format.PNG, quality=80).mode == "P"


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_large_png_is_made_the_coarse_way_and_is_right(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.compress.codec.encoders.png.CAREFUL_PIXELS", 1_000)
    monkeypatch.setattr("functions.compress.codec.encoders.png._SAMPLE_PIXELS", 20_000)
    picture = shadow() if mode == "RGBA" else photo(320, 240)
    shown = made(encoded(picture, "TIFF"), format=Format.PNG, quality=50)
    assert shown.mode == ("RGBA" if mode == "RGBA" else "P")
    assert difference(shown.convert(mode), picture) < 5


# One meaning of quality


@pytest.mark.parametrize("kind", ["webp", "webp with alpha", "avif", "png", "png with alpha", "small jpeg"])
def test_no_encoder_is_told_less_for_more(kind: str) -> None:
    coarse = [encoder_quality(kind, quality) for quality in range(1, 90)]
    fine = [encoder_quality(kind, quality) for quality in range(90, 101)]
    for told in (coarse, fine):
        assert told == sorted(told)
        assert {1 <= quality <= 100 for quality in told} == {True}


@pytest.mark.parametrize(
    ("kind", "quality", "told"), [("webp", 50, 59), ("avif", 50, 48), ("webp", 25, 24), ("avif", 90, 84)]
)
def test_between_its_points_a_curve_is_straight(kind: str, quality: int, told: int) -> None:
    assert encoder_quality(kind, quality) == told


def saturated() -> Image.Image:
    """Red on blue in stripes of one pixel, which half the resolution of colours makes purple."""
    stripes = Image.new("RGB", (160, 120), "blue")
    draw = ImageDraw.Draw(stripes)
    for x in range(0, 160, 2):
        draw.line((x, 0, x, 120), fill="red")
    return stripes


@pytest.mark.parametrize("kind", [Format.JPEG, Format.AVIF])
def test_from_90_on_colours_keep_their_resolution(kind: Format) -> None:
    source = encoded(saturated(), "BMP")
    fine, coarse = (made(source, format=kind, quality=quality).convert("RGB") for quality in (90, 89))
    assert difference(fine, saturated()) < 12
    assert difference(coarse, saturated()) > 40


# auto


@pytest.mark.parametrize(
    ("formats", "found"),
    [
        ((), "avif"),
        ((Format.WEBP, Format.JPEG), "webp"),
        ((Format.JPEG,), "jpeg"),
        ((Format.PNG, Format.JPEG), "jpeg"),
        ((Format.PNG,), "png"),
    ],
)
def test_auto_takes_the_smallest_of_what_it_may(formats: tuple[Format, ...], found: str) -> None:
    source = encoded(photo(320, 240), "BMP")
    assert compress(source, ImageOptions(format=Format.AUTO, formats=formats)).format == found


@pytest.mark.parametrize(("formats", "found"), [((), "avif"), ((Format.JPEG, Format.WEBP), "webp")])
def test_auto_keeps_alpha(formats: tuple[Format, ...], found: str) -> None:
    compressed = compress(encoded(shadow(), "PNG"), ImageOptions(format=Format.AUTO, formats=formats))
    assert compressed.format == found
    assert difference(decoded(compressed.content).convert("RGBA"), shadow()) < 6


def test_auto_makes_alpha_white_where_it_may_take_nothing_but_jpeg() -> None:
    shown = made(encoded(shadow(), "PNG"), format=Format.AUTO, formats=(Format.JPEG,))
    assert shown.format == "JPEG"
    assert min(value for value in shown.convert("L").crop((0, 0, 8, 8)).tobytes()) > 250


def test_auto_makes_of_a_drawing_what_is_smaller() -> None:
    source = encoded(drawing(), "BMP")
    sizes = {
        kind: len(compress(source, ImageOptions(format=kind)).content)
        for kind in (Format.PNG, Format.AVIF, Format.AUTO)
    }
    assert sizes[Format.AUTO] == min(sizes.values())


@pytest.mark.parametrize(
    ("formats", "found", "frames"),
    [((), "webp", 4), ((Format.AVIF,), "avif", 4), ((Format.JPEG, Format.PNG), "png", 4), ((Format.JPEG,), "jpeg", 1)],
)
def test_auto_keeps_an_animation(formats: tuple[Format, ...], found: str, frames: int) -> None:
    compressed = compress(animation("GIF"), ImageOptions(format=Format.AUTO, formats=formats))
    shown = decoded(compressed.content)
    if not compressed.original_kept:
        assert compressed.format == found
    assert getattr(shown, "n_frames", 1) == (4 if compressed.original_kept else frames)


def test_auto_leaves_what_is_smaller_already() -> None:
    small = compress(encoded(photo(320, 240), "BMP"), ImageOptions(format=Format.AVIF, quality=20)).content
    again = compress(small, ImageOptions(format=Format.AUTO, quality=80))
    assert (again.format, again.original_kept) == ("avif", True)


# effort


@pytest.mark.parametrize("kind", [Format.JPEG, Format.WEBP, Format.AVIF])
def test_small_has_fewer_bytes_of_the_same_look(kind: Format) -> None:
    picture = decoded(pictures.draw("house-plant-1.jpg")).convert("RGB").reduce(2)
    source = encoded(picture, "PNG", compress_level=1)
    fast, small = (compress(source, ImageOptions(format=kind, effort=effort)).content for effort in Effort)
    assert len(small) < len(fast)
    fast_error, small_error = (difference(decoded(content).convert("RGB"), picture) for content in (fast, small))
    assert small_error < 1.2 * fast_error


def test_a_small_jpeg_is_progressive() -> None:
    shown = made(encoded(photo(320, 240), "BMP"), format=Format.JPEG, effort=Effort.SMALL)
    assert "progressive" in shown.info
