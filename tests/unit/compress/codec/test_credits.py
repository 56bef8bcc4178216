"""`keep_metadata=copyright`: whose a picture is goes with it, where it was taken does not."""

import struct
from typing import Any

import pytest
from PIL import Image

from functions.compress.codec import compress
from functions.compress.codec.formats.credits import MAX_CHARACTERS, Credits, credits_of, exif, with_credits, xmp
from functions.core.options import Format, ImageOptions, KeptMetadata
from tests.images import animation, cut_out, decoded, encoded, orientation_exif, photo

ANN = Credits("Ann Müller & Söhne", "© 2026 Ann <Müller>", "https://creativecommons.org/licenses/by/4.0/")
KEPT = ImageOptions(keep_metadata=KeptMetadata.COPYRIGHT)
PLACE, CAMERA = 0x8825, 0x0110
FROM_BRIDGE = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
   xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Model="EOS 5D" xmpRights:WebStatement="https://shop.example/licence">
  <dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>
  <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">All rights reserved</rdf:li></rdf:Alt></dc:rights>
 </rdf:Description></rdf:RDF></x:xmpmeta>"""


def camera_exif() -> Image.Exif:
    found = Image.Exif()
    found[0x013B], found[0x8298], found[CAMERA] = "Ann", "(c) Ann", "EOS 5D"
    found.get_ifd(PLACE)[1] = "N"
    return found


def iptc(**texts: str) -> bytes:
    sets = {"creator": 80, "notice": 116}
    block = b"".join(
        struct.pack(">BBBH", 0x1C, 2, sets[name], len(text.encode())) + text.encode() for name, text in texts.items()
    )
    return b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">L", len(block)) + block


def with_segment(jpeg: bytes, marker: int, payload: bytes) -> bytes:
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload + jpeg[2:]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (lambda: encoded(photo(), "JPEG", exif=camera_exif()), Credits("Ann", "(c) Ann")),
        (lambda: encoded(photo(), "PNG", exif=camera_exif()), Credits("Ann", "(c) Ann")),
        (lambda: encoded(photo(), "WEBP", exif=camera_exif()), Credits("Ann", "(c) Ann")),
        (lambda: encoded(photo(), "AVIF", exif=camera_exif()), Credits("Ann", "(c) Ann")),
        (lambda: encoded(photo(), "TIFF", tiffinfo={0x013B: "Ann", 0x8298: "(c) Ann"}), Credits("Ann", "(c) Ann")),
        (
            lambda: with_segment(encoded(photo(), "JPEG"), 0xED, iptc(creator="Jörg", notice="© Jörg")),
            Credits("Jörg", "© Jörg"),
        ),
        (
            lambda: encoded(photo(), "WEBP", xmp=FROM_BRIDGE),
            Credits("Ann; Bob", "All rights reserved", "https://shop.example/licence"),
        ),
        (
            lambda: encoded(photo(), "JPEG", xmp=FROM_BRIDGE, exif=camera_exif()),
            Credits("Ann; Bob", "All rights reserved", "https://shop.example/licence"),
        ),
        (lambda: encoded(photo(), "JPEG"), Credits()),
    ],
)
def test_credits_are_found_where_programs_write_them(source: Any, found: Credits) -> None:
    assert credits_of(source()) == found


@pytest.mark.parametrize("kind", [Format.JPEG, Format.PNG, Format.WEBP, Format.AVIF, Format.AUTO])
@pytest.mark.parametrize("quality", [50, 95])
def test_credits_go_with_the_picture_in_every_format(kind: Format, quality: int) -> None:
    source = with_credits(encoded(photo(320, 240), "JPEG", quality=99), "jpeg", (320, 240), ANN)
    made = compress(source, ImageOptions(quality, kind, keep_metadata=KeptMetadata.COPYRIGHT))
    shown = decoded(made.content)
    assert shown.size == (320, 240)
    assert shown.getexif().get(0x8298), "read by Pillow"
    assert credits_of(made.content) == ANN


@pytest.mark.parametrize("kind", [Format.PNG, Format.WEBP])
def test_credits_go_with_transparency(kind: Format) -> None:
    source = with_credits(encoded(cut_out(), "PNG"), "png", (120, 80), ANN)
    made = compress(source, ImageOptions(40, kind, 60, keep_metadata=KeptMetadata.COPYRIGHT))
    alpha = decoded(made.content).convert("RGBA").getchannel("A").tobytes()
    assert credits_of(made.content) == ANN
    assert (min(alpha) < 20, max(alpha) > 230) == (True, True)


def test_credits_go_with_an_animation() -> None:
    made = compress(
        animation("WEBP", xmp=xmp(ANN)), ImageOptions(40, max_width=30, keep_metadata=KeptMetadata.COPYRIGHT)
    )
    assert credits_of(made.content) == ANN
    assert getattr(decoded(made.content), "n_frames", 1) == 4


def test_place_and_camera_never_stay() -> None:
    source = encoded(photo(320, 240), "JPEG", quality=95, exif=camera_exif(), xmp=FROM_BRIDGE)
    made = compress(source, KEPT)
    found = decoded(made.content).getexif()
    assert (found.get(0x013B), found.get(CAMERA), found.get_ifd(PLACE)) == ("Ann; Bob", None, {})
    assert b"EOS" not in made.content


def test_without_the_option_nothing_stays() -> None:
    source = with_credits(encoded(photo(320, 240), "JPEG", quality=95), "jpeg", (320, 240), ANN)
    assert credits_of(compress(source, ImageOptions()).content) == Credits()


def test_an_original_that_is_kept_keeps_its_credits_and_loses_the_rest() -> None:
    small = compress(encoded(photo(320, 240), "PNG"), ImageOptions(20, Format.JPEG)).content
    source = with_segment(
        encoded(decoded(small), "JPEG", quality=20, exif=camera_exif()), 0xED, iptc(creator="Ann") * 20
    )
    made = compress(source, ImageOptions(100, keep_metadata=KeptMetadata.COPYRIGHT))
    assert made.original_kept
    assert len(made.content) <= len(source)
    assert credits_of(made.content).creator == "Ann"
    assert b"EOS" not in made.content


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_file_that_keeps_an_orientation_has_it_still(orientation: int) -> None:
    plain = encoded(photo(), "JPEG", **({"exif": orientation_exif(6)} if orientation == 6 else {}))
    made = with_credits(plain, "jpeg", (120, 80), ANN)
    assert decoded(made).getexif().get(0x0112, 1) == orientation
    assert credits_of(made) == ANN


@pytest.mark.parametrize(
    "packet",
    [
        b"<x:xmpmeta",
        b"<x:xmpmeta></x:xmpmeta>",
        FROM_BRIDGE.replace(b"<rdf:RDF", b"<!DOCTYPE a [<!ENTITY b 'c'>]><rdf:RDF"),
        FROM_BRIDGE[:300] + b"</x:xmpmeta>",
        b"\x00\xff" * 50,
        b"8BIM\x04\x04",
        b"8BIM\x04\x04\x00\x00\xff\xff\xff\xff\x1c\x02",
        b"Exif\x00\x00II*\x00\xff\xff\xff\xff",
        b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff",
    ],
)
def test_damaged_metadata_is_like_none(packet: bytes) -> None:
    assert credits_of(b"\xff\xd8" + packet) == Credits()


def test_texts_have_a_limit_and_no_control_characters() -> None:
    long = Credits("a\x07b" * MAX_CHARACTERS, "x" * 10 * MAX_CHARACTERS)
    found = credits_of(encoded(photo(), "JPEG", exif=b"Exif\x00\x00" + exif(long)))
    assert found == Credits("ab" * (MAX_CHARACTERS // 2), "x" * MAX_CHARACTERS)


def test_a_large_file_of_beginnings_is_looked_through_once() -> None:
    """A search that began anew at each of them would take hours."""
    assert credits_of(b"\xff\xd8" + b"<x:xmpmeta " * 2_000_000) == Credits()
