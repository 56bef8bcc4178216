import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image, ImageOps

from functions.compress.codec import MAX_SOURCE_BYTES, compress, probe
from functions.core.errors import ImageCode, PermanentError
from functions.core.options import Format, ImageOptions
from tests.hostile.images import grey_tiff
from tests.images import (
    SMALL,
    animation,
    cmyk_profile_of_greys,
    cut_out,
    decoded,
    difference,
    durations,
    encoded,
    frames,
    grey_profile,
    orientation_exif,
    photo,
    png_header,
    rgb_profile,
    turned,
)  # fmt: skip

KEEP = ImageOptions()
NEAR = 4.0  # levels of 255; what lossy formats do to these images at most
LOOSE = 10.0  # what they do to sharp red squares, and palettes to transparency; another frame is 20 away


def to(kind: str, **options: Any) -> ImageOptions:
    return ImageOptions(format=Format(kind), **options)


def code_of(source: bytes, options: ImageOptions = KEEP) -> ImageCode:
    with pytest.raises(PermanentError) as caught:
        compress(source, options)
    return caught.value.code


# Formats


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_the_format_is_kept(kind: str) -> None:
    source = encoded(photo(), kind.upper(), **({"lossless": True} if kind == "webp" else {"quality": 98}))
    compressed = compress(source, KEEP)
    assert (compressed.format, compressed.original_kept) == (kind, False)


@pytest.mark.parametrize(
    ("kind", "extension", "media_type", "found"),
    [
        ("jpeg", ".jpg", "image/jpeg", "JPEG"),
        ("png", ".png", "image/png", "PNG"),
        ("webp", ".webp", "image/webp", "WEBP"),
        ("avif", ".avif", "image/avif", "AVIF"),
    ],
)
def test_a_format_that_is_asked_for_is_made(kind: str, extension: str, media_type: str, found: str) -> None:
    compressed = compress(encoded(photo(), "BMP"), to(kind))
    named = (compressed.extension, compressed.media_type, decoded(compressed.content).format)
    assert named == (extension, media_type, found)


@pytest.mark.parametrize("kind", ["BMP", "TIFF"])
def test_bmp_and_tiff_become_jpeg(kind: str) -> None:
    assert compress(encoded(photo(), kind), KEEP).format == "jpeg"


def test_a_tiff_with_transparency_becomes_png() -> None:
    assert compress(encoded(cut_out(), "TIFF"), KEEP).format == "png"


def test_a_tiff_whose_transparency_is_unused_becomes_jpeg() -> None:
    assert compress(encoded(photo().convert("RGBA"), "TIFF"), KEEP).format == "jpeg"


def test_a_tiff_is_its_first_page() -> None:
    first, *rest = frames()
    source = encoded(first, "TIFF", save_all=True, append_images=rest)
    assert difference(decoded(compress(source, KEEP).content), first) < LOOSE


def test_a_scan_of_two_tones_becomes_png_where_jpeg_would_be_larger() -> None:
    dots = photo(300, 200).convert("1")
    assert compress(encoded(dots, "TIFF"), KEEP).format == "png"


def test_an_mpo_is_its_first_jpeg() -> None:
    left, *right = frames(2, (120, 80))
    compressed = compress(encoded(left, "MPO", save_all=True, append_images=right, quality=95), KEEP)
    assert difference(decoded(compressed.content), left) < LOOSE


# The right way up


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_orientation_is_applied(orientation: int) -> None:
    source = turned(photo(), orientation, quality=95)
    upright = ImageOps.exif_transpose(decoded(source))
    assert difference(decoded(compress(source, KEEP).content), upright) < NEAR


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_an_invalid_orientation_is_ignored(orientation: int) -> None:
    assert decoded(compress(turned(photo(), orientation, quality=95), KEEP).content).size == (120, 80)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")  # what Pillow says of it
def test_damaged_exif_is_ignored() -> None:
    source = encoded(photo(), "JPEG", quality=95, exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert decoded(compress(source, KEEP).content).size == (120, 80)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_orientation_is_applied_in_other_formats(kind: str) -> None:
    source = encoded(photo(), kind, exif=orientation_exif(6), **({"lossless": True} if kind == "WEBP" else {}))
    assert decoded(compress(source, KEEP).content).size == (80, 120)


def test_the_size_is_that_of_the_upright_image() -> None:
    compressed = compress(turned(photo(), 6, quality=95), KEEP)
    assert (compressed.width, compressed.height) == (80, 120)


# Colours


def test_cmyk_becomes_rgb() -> None:
    source = encoded(photo().convert("CMYK"), "JPEG", quality=95)
    assert difference(decoded(compress(source, KEEP).content), photo()) < NEAR


def test_the_inks_of_a_tiff_are_not_inverted() -> None:
    source = encoded(photo().convert("CMYK"), "TIFF")
    assert difference(decoded(compress(source, KEEP).content), photo()) < NEAR


def test_cmyk_is_converted_by_its_profile() -> None:
    red = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    source = encoded(red, "TIFF", icc_profile=cmyk_profile_of_greys())
    pixel = decoded(compress(source, KEEP).content).convert("RGB").getpixel((32, 32))
    assert isinstance(pixel, tuple)
    assert max(pixel) - min(pixel) < 8, "the profile makes all inks grey"


def sixteen_bits() -> Image.Image:
    ramp = Image.linear_gradient("L").resize((90, 60)).tobytes()
    return Image.frombytes("I;16", (90, 60), b"".join(bytes((value // 3, value)) for value in ramp))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_clipped(kind: str) -> None:
    compressed = compress(encoded(sixteen_bits(), kind), KEEP)
    assert difference(decoded(compressed.content), Image.linear_gradient("L").resize((90, 60))) < NEAR


@pytest.mark.parametrize(("mode", "scale"), [("F", 1 / 255), ("F", 1), ("F", 300), ("I", 1), ("I", 256)])
def test_deep_grey_is_scaled_to_what_it_holds(mode: str, scale: float) -> None:
    ramp = Image.linear_gradient("L").resize((90, 60))
    deep = ramp.convert(mode).point(lambda value: value * scale)
    assert difference(decoded(compress(encoded(deep, "TIFF"), KEEP).content), ramp) < NEAR


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_few_tones_survive_as_png(mode: str) -> None:
    picture = photo().convert(mode)
    compressed = compress(encoded(picture, "TIFF"), to("png"))
    assert difference(decoded(compressed.content), picture) == 0


def test_grey_stays_grey() -> None:
    assert decoded(compress(encoded(photo().convert("L"), "JPEG", quality=95), KEEP).content).mode == "L"


def sixteen_bit_tiff(photometric: int) -> bytes:
    """A whole TIFF of one pixel: three samples of 16 bits, whatever they mean."""
    bits = struct.pack("<3H", 16, 16, 16)
    entries = ((256, 1), (257, 1), (258, None), (259, 1), (262, photometric), (273, 140), (277, 3), (278, 1), (279, 6))
    at = 8 + 2 + 12 * len(entries) + 4
    directory = b"".join(
        struct.pack("<HHLL", tag, 3, 3 if value is None else 1, at if value is None else value)
        for tag, value in entries
    )
    head = b"II*\0" + struct.pack("<LH", 8, len(entries)) + directory + bytes(4) + bits
    return head.ljust(140, b"\0") + struct.pack("<3H", 30_000, 200, 400)


def test_a_tiff_of_rgb_in_16_bits_comes_in() -> None:
    assert compress(sixteen_bit_tiff(photometric=2), ImageOptions()).width == 1


@pytest.mark.parametrize("photometric", [8, 9])
def test_a_good_tiff_of_pixels_that_nothing_reads_is_not_corrupt(photometric: int) -> None:
    """CIELAB in 16 bits, with signed and with unsigned colours."""
    with pytest.raises(PermanentError) as caught:
        compress(sixteen_bit_tiff(photometric), ImageOptions())
    assert (caught.value.code, caught.value.detail) == (ImageCode.UNSUPPORTED_FORMAT, "tiff of unusual pixels")


@pytest.mark.parametrize(
    ("lab", "rgb"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((100, 0, 0), (255, 255, 255)),
        ((53.59, 0, 0), (128, 128, 128)),
        ((54.29, 80.81, 69.89), (255, 0, 0)),
        ((29.57, 68.30, -112.03), (0, 0, 255)),
        ((60.32, 98.25, -60.84), (255, 0, 255)),
    ],
)
def test_cielab_is_converted_as_under_d50(lab: tuple[float, float, float], rgb: tuple[int, int, int]) -> None:
    """The numbers are those of sRGB's colours, adapted by Bradford's matrix."""
    stored = bytes((round(lab[0] * 2.55), round(lab[1]) + 128, round(lab[2]) + 128))  # in a file without the 128
    source = encoded(Image.frombytes("LAB", (1, 1), bytes((stored[0], stored[1] ^ 128, stored[2] ^ 128))), "TIFF")
    pixel = decoded(compress(source, to("png")).content).convert("RGB").getpixel((0, 0))
    assert isinstance(pixel, tuple)
    assert max(abs(a - b) for a, b in zip(pixel, rgb, strict=True)) <= 2


def test_a_wide_gamut_is_converted_to_srgb() -> None:
    green = Image.new("RGB", (64, 64), (100, 200, 100))
    source = encoded(green, "BMP"), encoded(green, "TIFF", icc_profile=rgb_profile("Adobe RGB (1998)"))
    plain, wide = (decoded(compress(file, KEEP).content).getpixel((32, 32)) for file in source)
    assert isinstance(plain, tuple)
    assert isinstance(wide, tuple)
    assert wide[0] < plain[0] - 40, "the same numbers are a stronger green in Adobe RGB"


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_colours_that_are_converted_at_the_smaller_size_are_the_same(mode: str) -> None:
    profile = {"RGB": rgb_profile("Adobe RGB (1998)"), "L": grey_profile(1.0), "CMYK": cmyk_profile_of_greys()}[mode]
    source, exact = encoded(photo().convert(mode), "TIFF", icc_profile=profile), to("png", quality=100)
    at_first, at_last = (
        decoded(compress(file, to("png", quality=100, max_width=60)).content)
        for file in (source, compress(source, exact).content)
    )
    assert difference(at_first, at_last) < 1


def test_alpha_survives_the_conversion_of_colours() -> None:
    source = encoded(cut_out(), "PNG", icc_profile=rgb_profile("Adobe RGB (1998)"))
    alpha = decoded(compress(source, to("webp")).content).getchannel("A")
    assert difference(alpha, cut_out().getchannel("A")) < 1


def test_a_grey_profile_is_applied() -> None:
    grey = Image.new("L", (64, 64), 128)
    value = decoded(compress(encoded(grey, "TIFF", icc_profile=grey_profile(1.0)), KEEP).content).getpixel((32, 32))
    assert isinstance(value, int)
    assert 180 < value < 195, "half of the light is 188 in sRGB"


def test_a_profile_that_says_srgb_changes_nothing() -> None:
    source = encoded(photo(), "PNG", icc_profile=rgb_profile("sRGB IEC61966-2.1"))
    assert compress(source, to("webp")).content == compress(encoded(photo(), "PNG"), to("webp")).content


@pytest.mark.parametrize("profile", [b"broken", rgb_profile("cut")[:200], grey_profile(1.0), cmyk_profile_of_greys()])
def test_a_profile_that_is_broken_or_of_another_kind_is_ignored(profile: bytes) -> None:
    source = encoded(photo(), "TIFF", icc_profile=profile)
    assert difference(decoded(compress(source, KEEP).content), photo()) < NEAR


# Transparency


@pytest.mark.parametrize("kind", ["png", "webp", "avif"])
def test_transparency_stays(kind: str) -> None:
    alpha = decoded(compress(encoded(cut_out(), "TIFF"), to(kind)).content).convert("RGBA").getchannel("A")
    assert difference(alpha, cut_out().getchannel("A")) < LOOSE


def in_key() -> Image.Image:
    picture = Image.new("P", (120, 80), 3)
    picture.putpalette(bytes(range(12)))
    return picture


TRANSPARENT: dict[str, Callable[[], bytes]] = {
    "LA": lambda: encoded(cut_out().convert("LA"), "PNG"),
    "a palette with alpha": lambda: encoded(cut_out().quantize(64), "PNG"),
    "a palette with a key": lambda: encoded(in_key(), "PNG", transparency=3),
    "RGB with a key": lambda: encoded(Image.new("RGB", (120, 80), (1, 2, 3)), "PNG", transparency=(1, 2, 3)),
    "grey with a key": lambda: encoded(Image.new("L", (120, 80), 9), "PNG", transparency=9),
    "a GIF": lambda: encoded(in_key(), "GIF", transparency=3),
}


@pytest.mark.parametrize("name", TRANSPARENT)
def test_every_kind_of_transparency_is_understood(name: str) -> None:
    compressed = compress(TRANSPARENT[name](), to("webp"))
    pixel = decoded(compressed.content).convert("RGBA").getpixel((60, 0))
    assert isinstance(pixel, tuple)
    assert pixel[3] < 40


def test_what_is_transparent_becomes_white_in_a_jpeg() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    pixel = decoded(compress(encoded(clear, "TIFF"), to("jpeg")).content).convert("RGB").getpixel((32, 32))
    assert pixel == (255, 255, 255)


def test_a_smaller_image_has_no_dark_fringes() -> None:
    dot = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    dot.paste((255, 255, 255, 255), (50, 50, 150, 150))
    small = decoded(compress(encoded(dot, "TIFF"), to("png", max_width=30, quality=100)).content).convert("RGBA")
    shades = {pixel[0] for _count, pixel in small.getcolors(900) or [] if isinstance(pixel, tuple) and pixel[3] > 8}
    assert min(shades) > 240


# Size


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"max_width": 60}, (60, 40)),
        ({"max_height": 20}, (30, 20)),
        ({"max_width": 60, "max_height": 20}, (30, 20)),
        ({"max_width": 1}, (1, 1)),
        ({"max_width": 500}, (120, 80)),
        ({"max_width": 120, "max_height": 80}, (120, 80)),
    ],
)
def test_an_image_is_fitted_and_never_enlarged(options: dict[str, Any], size: tuple[int, int]) -> None:
    compressed = compress(encoded(photo(), "JPEG", quality=98), ImageOptions(**options))
    assert decoded(compressed.content).size == size == (compressed.width, compressed.height)


def test_the_limits_are_those_of_the_upright_image() -> None:
    assert compress(turned(photo(), 6, quality=95), ImageOptions(max_width=40)).height == 60


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("width", [50, 133, 400, 799])
def test_a_jpeg_that_is_decoded_at_a_smaller_size_looks_the_same(orientation: int, width: int) -> None:
    source = turned(photo(801, 603), orientation, quality=95)
    upright = ImageOps.exif_transpose(decoded(source))
    compressed = compress(source, ImageOptions(max_width=width, quality=95))
    whole = upright.resize((compressed.width, compressed.height), Image.Resampling.LANCZOS)
    assert difference(decoded(compressed.content), whole) < NEAR


def test_an_edge_that_webp_cannot_hold_is_shortened() -> None:
    compressed = compress(encoded(Image.new("L", (20_000, 20)), "TIFF"), to("webp"))
    assert (compressed.width, compressed.height) == (16_383, 16)


# Never more bytes


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("asked", Format)
def test_no_output_is_larger_than_its_source(name: str, asked: Format) -> None:
    source = SMALL[name]()
    assert len(compress(source, ImageOptions(format=asked, quality=95)).content) <= len(source)


def test_an_image_that_is_small_already_is_kept() -> None:
    source = encoded(photo(), "JPEG", quality=20, optimize=True)
    compressed = compress(source, KEEP)
    assert (compressed.content, compressed.original_kept) == (source, True)


def test_an_image_that_is_kept_loses_its_metadata() -> None:
    source = encoded(photo(), "JPEG", quality=20, optimize=True, comment=b"secret place")
    assert b"secret place" not in compress(source, KEEP).content


def test_an_image_whose_metadata_is_most_of_it_is_not_encoded_anew() -> None:
    source = encoded(photo(), "JPEG", quality=30, optimize=True, comment=bytes(60_000))
    assert compress(source, KEEP).original_kept


def test_a_larger_format_is_not_made_even_if_asked_for() -> None:
    source = encoded(photo(), "JPEG", quality=20)
    compressed = compress(source, to("png"))
    assert (compressed.format, compressed.extension, compressed.original_kept) == ("jpeg", ".jpg", True)


def test_a_lower_quality_turns_an_image_upright_where_the_one_asked_for_cannot() -> None:
    source = turned(photo(), 6, quality=45, optimize=True)
    compressed = compress(source, KEEP)
    assert (compressed.original_kept, decoded(compressed.content).size) == (False, (80, 120))


def test_an_image_that_is_kept_on_its_side_says_so() -> None:
    source = turned(photo(), 6, quality=5, optimize=True)
    compressed = compress(source, KEEP)
    assert compressed.original_kept
    assert (
        ImageOps.exif_transpose(decoded(compressed.content)).size == (compressed.width, compressed.height) == (80, 120)
    )


def test_an_image_that_is_kept_keeps_the_profile_that_it_needs() -> None:
    profile = rgb_profile("Adobe RGB (1998)")
    compressed = compress(encoded(photo(), "WEBP", quality=5, icc_profile=profile), ImageOptions(quality=100))
    assert (compressed.original_kept, decoded(compressed.content).info["icc_profile"]) == (True, profile)


def test_a_tiny_bmp_stays_a_bmp() -> None:
    assert compress(encoded(Image.new("RGB", (1, 1)), "BMP"), KEEP).format == "bmp"


# Quality


@pytest.mark.parametrize("kind", ["jpeg", "webp", "avif"])
def test_a_higher_quality_has_more_bytes(kind: str) -> None:
    source = encoded(photo(), "BMP")
    low, high = (len(compress(source, to(kind, quality=quality)).content) for quality in (20, 80))
    assert low < high


def test_a_png_of_many_colours_becomes_a_palette() -> None:
    compressed = decoded(compress(encoded(photo(), "PNG"), KEEP).content)
    assert (compressed.mode, difference(compressed, photo()) < LOOSE) == ("P", True)


def test_a_png_of_256_colours_stays_exact() -> None:
    few = photo().quantize(256).convert("RGB")
    compressed = decoded(compress(encoded(few, "PNG", compress_level=1), KEEP).content)
    assert difference(compressed, few) == 0


def test_neighbouring_colours_of_a_png_stay_apart() -> None:
    near = Image.new("RGB", (64, 64), (100, 100, 100))
    near.paste((101, 100, 100), (0, 0, 32, 32))
    near.paste((100, 101, 100), (32, 32, 64, 64))
    compressed = decoded(compress(encoded(near, "TIFF"), to("png")).content)
    assert difference(compressed, near) == 0


def test_a_png_of_full_quality_stays_exact() -> None:
    compressed = compress(encoded(photo(), "TIFF"), to("png", quality=100))
    assert difference(decoded(compressed.content), photo()) == 0


@pytest.mark.parametrize("kind", Format)
@pytest.mark.parametrize("name", ["jpeg", "palette png", "animated gif"])
def test_the_same_bytes_come_out_again(name: str, kind: Format) -> None:
    source = SMALL[name]()
    assert compress(source, ImageOptions(format=kind)) == compress(source, ImageOptions(format=kind))


def test_threads_do_not_disturb_each_other() -> None:
    tasks = [(SMALL[name](), ImageOptions(format=kind)) for name in SMALL for kind in (Format.KEEP, Format.WEBP)]
    alone = [compress(*task) for task in tasks]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda task: compress(*task), tasks * 3))
    assert together == alone * 3


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_metadata_is_dropped(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    source = encoded(photo(), "TIFF", exif=exif, icc_profile=rgb_profile("sRGB secret place"))
    info = decoded(compress(source, to(kind)).content).info.keys()
    assert not {"exif", "icc_profile", "xmp", "comment"} & info


# Animations


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_stays_one(kind: str) -> None:
    compressed = compress(animation(kind, loop=0), KEEP)
    assert durations(compressed.content) == [100, 200, 300, 400]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_smaller_animation_has_the_same_times(kind: str) -> None:
    compressed = compress(animation(kind, loop=0), ImageOptions(max_width=30))
    shown = (compressed.original_kept, decoded(compressed.content).size, durations(compressed.content))
    assert shown == (False, (30, 20), [100, 200, 300, 400])


@pytest.mark.parametrize("kind", ["webp", "avif"])
def test_an_animation_can_change_its_format(kind: str) -> None:
    compressed = compress(animation("GIF", loop=0), to(kind))
    assert (compressed.format, durations(compressed.content)) == (kind, [100, 200, 300, 400])


def test_a_frame_looks_like_the_one_that_it_was() -> None:
    compressed = decoded(compress(animation("GIF", loop=0), to("webp", quality=90)).content)
    compressed.seek(2)
    assert difference(compressed, frames()[2]) < LOOSE


@pytest.mark.parametrize(("kind", "loop", "plays"), [("GIF", None, 1), ("GIF", 0, 0), ("GIF", 2, 3), ("PNG", 2, 2)])
def test_it_is_played_as_often_as_before(kind: str, loop: int | None, plays: int) -> None:
    source = animation(kind) if loop is None else animation(kind, loop=loop)
    assert decoded(compress(source, to("webp")).content).info["loop"] == plays


def test_a_jpeg_of_an_animation_is_its_first_frame() -> None:
    compressed = compress(animation("PNG"), to("jpeg"))
    assert (compressed.format, difference(decoded(compressed.content), frames()[0]) < LOOSE) == ("jpeg", True)


def test_the_still_of_an_animated_png_is_no_frame() -> None:
    still, *moving = frames(3)
    source = encoded(still, "PNG", save_all=True, append_images=moving, duration=[50, 60], default_image=True)
    assert durations(compress(source, to("webp")).content) == [50, 60]


def test_an_animated_gif_is_not_encoded_anew_for_nothing() -> None:
    source = animation("GIF", loop=0)
    assert compress(source, KEEP).original_kept


# What cannot be compressed


@pytest.mark.parametrize(
    "source", [b"", b"<!DOCTYPE html><html></html>", b"Not Found", b'{"error": 404}', b"\x00" * 99]
)
def test_what_is_no_image_is_called_so(source: bytes) -> None:
    assert code_of(source) is ImageCode.NOT_AN_IMAGE


@pytest.mark.parametrize("source", [b"<svg xmlns='x'></svg>", b"8BPS\x00\x01", b"\xff\x0a\x00\x00\x00\x00"])
def test_another_image_format_is_called_unsupported(source: bytes) -> None:
    assert code_of(source) is ImageCode.UNSUPPORTED_FORMAT


RAW: dict[str, dict[int, tuple[int, list[int]]]] = {
    "dng": {50_706: (1, [1, 4, 0, 0])},
    "camera raw": {254: (4, [1]), 330: (4, [8])},
}


@pytest.mark.parametrize("name", RAW)
def test_a_cameras_raw_file_is_not_taken_for_its_thumbnail(name: str) -> None:
    with pytest.raises(PermanentError) as caught:
        compress(grey_tiff(8, 8, {273: (4, [8])} | RAW[name], bytes(64)), KEEP)
    assert (caught.value.code, caught.value.detail) == (ImageCode.UNSUPPORTED_FORMAT, name)


@pytest.mark.parametrize("name", SMALL)
def test_half_a_file_is_called_corrupt(name: str) -> None:
    source = SMALL[name]()
    assert code_of(source[: len(source) // 2]) is ImageCode.CORRUPT


@pytest.mark.parametrize("name", SMALL)
def test_the_beginning_of_a_file_is_called_corrupt(name: str) -> None:
    assert code_of(SMALL[name]()[:28]) is ImageCode.CORRUPT


def test_a_file_of_more_than_25_mib_is_too_large() -> None:
    assert code_of(encoded(photo(), "JPEG") + bytes(MAX_SOURCE_BYTES)) is ImageCode.TOO_LARGE


@pytest.mark.parametrize(("width", "height"), [(7072, 7072), (20_000, 20_000), (2_000_000_000, 1)])
def test_more_than_50_megapixels_are_refused_by_their_header(width: int, height: int) -> None:
    assert code_of(png_header(width, height)) is ImageCode.TOO_MANY_PIXELS


def test_a_webp_of_more_than_50_megapixels_is_refused_by_its_header() -> None:
    source = bytearray(encoded(cut_out(), "WEBP", exif=orientation_exif(1)))
    source[24:30] = (16_382).to_bytes(3, "little") * 2
    assert code_of(bytes(source)) is ImageCode.TOO_MANY_PIXELS


def test_the_frames_of_an_animation_count_together() -> None:
    source = bytearray(animation("GIF"))
    source[6:10] = (5001).to_bytes(2, "little") * 2  # the canvas: 25 megapixels, four times
    assert code_of(bytes(source)) is ImageCode.TOO_MANY_PIXELS


# Before decoding


@pytest.mark.parametrize(
    ("name", "kind", "count"), [("jpeg", "jpeg", 1), ("animated gif", "gif", 2), ("animated webp", "webp", 2)]
)
def test_a_probe_tells_what_a_file_is(name: str, kind: str, count: int) -> None:
    probed = probe(SMALL[name]())
    assert (probed.format, probed.frames) == (kind, count)


def test_a_probe_estimates_more_memory_than_the_pixels_take() -> None:
    assert probe(encoded(photo(1000, 1000), "JPEG"), KEEP).decoded_bytes > 4_000_000


@pytest.mark.parametrize("kind", ["png", "webp", "avif"])
def test_no_options_are_estimated_like_the_most_expensive(kind: str) -> None:
    source = encoded(photo(), "JPEG")
    assert probe(source).decoded_bytes >= probe(source, to(kind)).decoded_bytes


def test_only_the_decoders_that_are_needed_are_loaded() -> None:
    program = "import sys, functions.compress.codec; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.split()
    assert not {"PIL.ImageCms", "PIL.PsdImagePlugin", "PIL.MpoImagePlugin", "numpy"} & set(loaded)
