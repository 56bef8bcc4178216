import zlib
from typing import Any

import pytest
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

from functions.compress.codec.formats import gif
from functions.compress.codec.formats.metadata import without_metadata
from tests.images import (
    ORIENTATION,
    SMALL,
    animation,
    cut_out,
    decoded,
    durations,
    encoded,
    kind_of,
    orientation_exif,
    photo,
    png_chunk,
    rgb_profile,
)  # fmt: skip

XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a>secret place</a></x:xmpmeta>"


def exif() -> Image.Exif:
    blocks = Image.Exif()
    blocks[0x010E] = "secret place"
    return blocks


def text() -> PngInfo:
    notes = PngInfo()
    notes.add_text("Comment", "secret place")
    notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return notes


TELLTALE: dict[str, dict[str, Any]] = {
    "jpeg": {"exif": exif(), "xmp": XMP, "comment": b"secret place", "icc_profile": rgb_profile("sRGB secret place")},
    "png": {"exif": exif(), "pnginfo": text()},
    "webp": {"exif": exif(), "xmp": XMP},
    "avif": {"exif": exif(), "xmp": XMP},
    "gif": {"comment": b"secret place"},
}


def telling(kind: str) -> bytes:
    return encoded(photo(40, 30), kind.upper(), **TELLTALE[kind])


@pytest.mark.parametrize("kind", TELLTALE)
def test_the_secrets_were_there_before(kind: str) -> None:
    assert b"secret place" in telling(kind)


@pytest.mark.parametrize("kind", TELLTALE)
def test_no_word_of_the_metadata_stays(kind: str) -> None:
    assert b"secret place" not in without_metadata(telling(kind), kind)


@pytest.mark.parametrize("kind", TELLTALE)
def test_the_pixels_stay_as_they_are(kind: str) -> None:
    source = telling(kind)
    stripped = decoded(without_metadata(source, kind))
    assert ImageChops.difference(stripped.convert("RGB"), decoded(source).convert("RGB")).getbbox() is None


@pytest.mark.parametrize("kind", TELLTALE)
def test_a_decoder_finds_no_metadata_either(kind: str) -> None:
    stripped = decoded(without_metadata(telling(kind), kind))
    assert not {"exif", "xmp", "comment", "icc_profile", "Comment", "XML:com.adobe.xmp"} & stripped.info.keys()


@pytest.mark.parametrize("name", SMALL)
def test_no_file_gets_longer(name: str) -> None:
    source = SMALL[name]()
    assert len(without_metadata(source, kind_of(name))) <= len(source)


@pytest.mark.parametrize("name", SMALL)
def test_a_file_without_metadata_stays_as_it_is(name: str) -> None:
    once = without_metadata(SMALL[name](), kind_of(name))
    assert without_metadata(once, kind_of(name)) == once


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_an_orientation_stays_if_it_is_needed(kind: str) -> None:
    blocks = exif()
    blocks[ORIENTATION] = 6
    source = encoded(photo(40, 30), kind.upper(), exif=blocks)
    kept = dict(decoded(without_metadata(source, kind, 6)).getexif())
    assert kept == {ORIENTATION: 6}


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_a_wide_gamut_profile_stays(kind: str) -> None:
    profile = rgb_profile("Adobe RGB (1998)")
    source = encoded(photo(40, 30), kind.upper(), icc_profile=profile, exif=exif())
    assert decoded(without_metadata(source, kind)).info["icc_profile"] == profile


def test_a_profile_in_several_segments_stays_whole() -> None:
    profile = rgb_profile("Adobe RGB (1998)") + bytes(100_000)
    source = encoded(photo(40, 30), "JPEG", icc_profile=profile)
    assert decoded(without_metadata(source, "jpeg")).info["icc_profile"] == profile


def test_the_mark_that_tells_how_cmyk_is_stored_stays() -> None:
    source = encoded(photo(40, 30).convert("CMYK"), "JPEG", comment=b"secret place")
    assert decoded(without_metadata(source, "jpeg")).info["adobe_transform"] == decoded(source).info["adobe_transform"]


def test_what_stands_behind_a_jpeg_is_cut_off() -> None:
    assert without_metadata(encoded(photo(40, 30), "JPEG") + b"secret place", "jpeg").endswith(b"\xff\xd9")


def test_every_scan_of_a_progressive_jpeg_stays() -> None:
    source = encoded(photo(40, 30), "JPEG", progressive=True, comment=b"secret place")
    stripped = decoded(without_metadata(source, "jpeg"))
    assert ImageChops.difference(stripped, decoded(source)).getbbox() is None


def test_restart_markers_do_not_end_a_scan() -> None:
    source = encoded(photo(40, 30), "JPEG", restart_marker_blocks=1, comment=b"secret place")
    stripped = decoded(without_metadata(source, "jpeg"))
    assert ImageChops.difference(stripped, decoded(source)).getbbox() is None


def test_the_chunks_that_say_what_a_png_s_numbers_mean_stay() -> None:
    source = encoded(photo(40, 30), "PNG")
    gamma = png_chunk(b"gAMA", (45_455).to_bytes(4, "big"))
    source = source[:33] + gamma + png_chunk(b"tIME", bytes(7)) + source[33:]
    stripped = without_metadata(source, "png")
    assert (gamma in stripped, b"tIME" in stripped) == (True, False)


def test_a_png_profile_that_is_a_bomb_does_not_explode() -> None:
    bomb = png_chunk(b"iCCP", b"name\x00\x00" + zlib.compress(bytes(50_000_000), 9))
    source = encoded(photo(40, 30), "PNG")
    assert b"iCCP" not in without_metadata(source[:33] + bomb + source[33:], "png")


def test_the_header_of_a_webp_no_longer_announces_what_went() -> None:
    source = encoded(cut_out(40, 30), "WEBP", exif=exif(), xmp=XMP)
    flags = without_metadata(source, "webp")[20]
    assert flags == 0x10, "alpha alone"


def test_an_animated_gif_keeps_its_times_and_its_loop() -> None:
    stripped = without_metadata(animation("GIF", loop=3, comment=b"secret place"), "gif")
    assert (durations(stripped), decoded(stripped).info["loop"]) == ([100, 200, 300, 400], 3)


def test_an_animated_webp_keeps_its_times_and_its_loop() -> None:
    stripped = without_metadata(animation("WEBP", loop=3, exif=exif()), "webp")
    assert (durations(stripped), decoded(stripped).info["loop"]) == ([100, 200, 300, 400], 3)


@pytest.mark.parametrize("name", SMALL)
def test_what_cannot_be_parsed_comes_back_as_it_was(name: str) -> None:
    kind, broken = kind_of(name), SMALL[name]()[:40]
    assert len(without_metadata(broken, kind)) <= len(broken)


def test_a_gif_is_measured_without_being_decoded() -> None:
    assert gif.extent(animation("GIF")) == gif.Extent(frames=4, width=60, height=40)


def test_a_frame_outside_of_a_gif_s_canvas_counts() -> None:
    source = bytearray(encoded(photo(24, 16).quantize(32), "GIF"))
    at = source.index(b"\x2c\x00\x00\x00\x00")
    source[at + 1 : at + 3] = (40_000).to_bytes(2, "little")
    assert gif.extent(bytes(source)).width == 40_024


def test_the_smallest_exif_is_read_back() -> None:
    blocks = decoded(without_metadata(encoded(photo(), "JPEG", exif=orientation_exif(8)), "jpeg", 8)).getexif()
    assert blocks[ORIENTATION] == 8
