"""JPEG 2000: decoded by Pillow, looked at first, because few bytes of it may announce much."""

import struct
from typing import Any

import pytest
from PIL import Image

from functions.compress.codec import compress, probe
from functions.compress.codec.formats import jpeg2000
from functions.core.errors import ImageCode, PermanentError
from functions.core.options import ImageOptions
from tests.images import cut_out, decoded, difference, encoded, photo, rgb_profile

KEEP = ImageOptions()
NEAR = 4.0  # levels of 255


def jp2(picture: Image.Image | None = None, **told: Any) -> bytes:
    return encoded(picture or photo(), "JPEG2000", **told)


def code_of(source: bytes) -> ImageCode:
    with pytest.raises(PermanentError) as caught:
        compress(source, KEEP)
    return caught.value.code


@pytest.mark.parametrize("is_raw", [False, True])
def test_it_becomes_a_jpeg(is_raw: bool) -> None:
    compressed = compress(jp2(no_jp2=is_raw), ImageOptions(quality=90))
    assert (compressed.format, difference(decoded(compressed.content), photo()) < NEAR) == ("jpeg", True)


def test_one_with_alpha_becomes_a_png() -> None:
    assert compress(jp2(cut_out()), KEEP).format == "png"


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "YCbCr"])
@pytest.mark.parametrize("told", [{}, {"irreversible": True}, {"tile_size": (50, 50), "offset": (3, 5)}])
def test_its_colours_are_right_however_it_is_coded(mode: str, told: dict[str, Any]) -> None:
    source = jp2(photo().convert(mode), **told)
    shown = photo().convert("L") if mode in ("L", "LA") else photo()
    assert difference(decoded(compress(source, ImageOptions(quality=95)).content), shown) < NEAR


def test_its_profile_is_applied() -> None:
    source, profile = jp2(Image.new("RGB", (64, 64), (100, 200, 100))), rgb_profile("Adobe RGB (1998)")
    at = source.index(b"colr") - 4
    told = struct.pack(">L4s3B", 11 + len(profile), b"colr", 2, 0, 0) + profile
    header = source.index(b"jp2h") - 4
    longer = struct.pack(">L", int.from_bytes(source[header : header + 4], "big") + len(told) - 15)
    wide = source[:header] + longer + source[header + 4 : at] + told + source[at + 15 :]
    pixel = decoded(compress(wide, ImageOptions(quality=95)).content).getpixel((32, 32))
    assert isinstance(pixel, tuple)
    assert pixel[0] < 60, "the same numbers are a stronger green in Adobe RGB"


def test_it_is_never_returned_even_if_it_is_smaller() -> None:
    source = jp2(irreversible=True, quality_layers=[90])
    compressed = compress(source, ImageOptions(quality=100))
    assert (compressed.format, compressed.original_kept, len(compressed.content) > len(source)) == ("jpeg", False, True)


def test_a_probe_tells_its_size() -> None:
    probed = probe(jp2())
    assert (probed.format, probed.width, probed.height, probed.frames) == ("jpeg2000", 120, 80, 1)


def sized(width: int, height: int, source: bytes | None = None) -> bytes:
    """A stream that says to be so large; what is around it says the truth."""
    made = bytearray(source or jp2())
    at = made.index(b"\xff\x4f\xff\x51") + 8
    made[at : at + 24] = struct.pack(">6L", width, height, 0, 0, width, height)  # one tile
    return bytes(made)


@pytest.mark.parametrize("is_raw", [False, True])
def test_too_many_pixels_are_refused_by_the_stream_itself(is_raw: bool) -> None:
    assert code_of(sized(60_000, 60_000, jp2(no_jp2=is_raw))) is ImageCode.TOO_MANY_PIXELS


def test_more_components_than_a_picture_has_are_not_supported() -> None:
    source = bytearray(jp2())
    at = source.index(b"\xff\x4f\xff\x51") + 40
    source[at : at + 2] = struct.pack(">H", 16_384)
    assert code_of(bytes(source)) is ImageCode.UNSUPPORTED_FORMAT


HEAVY: dict[str, dict[str, Any]] = {
    "tiles": {"tile_size": (8, 8)},
    "code-blocks": {"codeblock_size": (4, 4)},
    "precincts": {"precinct_size": (32, 32), "codeblock_size": (16, 16)},
}


@pytest.mark.parametrize("name", HEAVY)
def test_what_would_take_more_memory_than_its_pixels_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        jpeg2000.pixels(jp2(**HEAVY[name]))


def test_so_are_too_many_layers() -> None:
    source = bytearray(jp2())
    at = source.index(b"\xff\x52") + 6
    source[at : at + 2] = b"\xff\xff"
    with pytest.raises(ValueError, match="layers"):
        jpeg2000.pixels(bytes(source))


def test_what_a_tile_says_of_its_coding_is_looked_at_as_well() -> None:
    source = jp2(no_jp2=True)
    coding = source.index(b"\xff\x52")
    segment = bytearray(source[coding : coding + 2 + int.from_bytes(source[coding + 2 : coding + 4], "big")])
    segment[10:12] = b"\0\0"  # code-blocks of 4 x 4
    part = source.index(b"\xff\x90")
    longer = int.from_bytes(source[part + 6 : part + 10], "big") + len(segment)
    tile = source[part : part + 6] + longer.to_bytes(4, "big") + source[part + 10 : part + 12]
    with pytest.raises(ValueError, match="code-blocks"):
        jpeg2000.pixels(source[:part] + tile + bytes(segment) + source[part + 12 :])


def test_a_file_without_its_stream_is_corrupt() -> None:
    assert code_of(b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(99)) is ImageCode.CORRUPT
