"""HEIF, the pictures of phones: upright, in sRGB, their primary picture, and refused before they cost much."""

import subprocess
import sys
from io import BytesIO

import pytest

from functions.compress.codec import compress, probe, rare_formats
from functions.compress.codec.formats import boxes, heif
from functions.core.errors import ImageCode, PermanentError
from functions.core.options import Format, ImageOptions
from tests.heif import Item, box, coded, exif, file_of, grid, heic, imir, irot, ispe, nclx, tiled
from tests.hostile.images import BLUE, COLOURS, GREEN, RED, YELLOW, Colour
from tests.images import decoded, encoded

FINE = ImageOptions(quality=90)
MEBIBYTE = 1 << 20
NEAR = 6  # levels of 255


def shown(source: bytes, options: ImageOptions = FINE) -> tuple[Colour, ...]:
    """The colours of its quadrants, those of the test's picture as they are called there."""
    picture = decoded(compress(source, options).content).convert("RGBA")
    width, height = picture.size
    found = [picture.getpixel((width * x // 4, height * y // 4)) for y in (1, 3) for x in (1, 3)]
    return tuple(min(COLOURS, key=lambda named: _distance(named, each)) for each in found if _is_near(each))


def _is_near(found: object) -> bool:
    return any(_distance(named, found) <= NEAR for named in COLOURS)


def _distance(named: Colour, found: object) -> int:
    assert isinstance(found, tuple)
    return max(abs(a - int(b)) for a, b in zip(named[:3], found, strict=False))


def code_of(source: bytes) -> ImageCode:
    with pytest.raises(PermanentError) as caught:
        compress(source, FINE)
    return caught.value.code


# What becomes of it


@pytest.mark.parametrize("name", ["plain", "turned", "display-p3", "ten-bits", "third-of-four"])
def test_a_phones_picture_becomes_a_jpeg_upright_and_in_srgb(name: str) -> None:
    compressed = compress(heic(name), FINE)
    assert (compressed.format, compressed.width, compressed.height) == ("jpeg", 128, 64)
    assert shown(heic(name)) == COLOURS


def test_one_with_alpha_becomes_a_png() -> None:
    compressed = compress(heic("alpha"), FINE)
    pixel = decoded(compressed.content).convert("RGBA").getpixel((96, 48))
    assert isinstance(pixel, tuple)
    assert (compressed.format, abs(pixel[3] - 100) <= 2) == ("png", True)


def test_a_grey_one_stays_grey() -> None:
    assert decoded(compress(heic("grey"), FINE).content).mode == "L"


@pytest.mark.parametrize("size", [(128, 96), (127, 95), (128, 128)])
def test_the_tiles_of_a_grid_are_put_together_and_cut_off(size: tuple[int, int]) -> None:
    compressed = compress(tiled(size), FINE)
    assert (compressed.width, compressed.height, shown(tiled(size))) == (*size, COLOURS)


def test_it_can_be_made_smaller_and_of_another_format() -> None:
    compressed = compress(heic("turned"), ImageOptions(format=Format.WEBP, max_width=64))
    assert (compressed.format, compressed.width, compressed.height) == ("webp", 64, 32)


@pytest.mark.parametrize(
    ("turn", "colours"),
    [
        (irot(1), (GREEN, YELLOW, RED, BLUE)),
        (irot(2), (YELLOW, BLUE, GREEN, RED)),
        (irot(3), (BLUE, RED, YELLOW, GREEN)),
        (imir(1), (GREEN, RED, YELLOW, BLUE)),
    ],
)
def test_it_is_turned_as_its_properties_say(turn: bytes, colours: tuple[Colour, ...]) -> None:
    assert shown(file_of(coded("plain").having(turn))) == colours


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_what_exif_says_of_its_orientation_counts_for_nothing(orientation: int) -> None:
    assert shown(file_of(coded("plain"), exif(orientation))) == COLOURS


@pytest.mark.parametrize("primaries", [9, 12])
def test_wide_primaries_without_a_profile_are_converted(primaries: int) -> None:
    plain, wide = (
        decoded(compress(file_of(coded("tile-0").having(nclx(number))), FINE).content).getpixel((32, 32))
        for number in (1, primaries)
    )
    assert isinstance(plain, tuple)
    assert isinstance(wide, tuple)
    assert wide[0] > plain[0] + 10, "the same number is a stronger red"


def test_the_primary_picture_is_shown_wherever_it_stands() -> None:
    assert shown(file_of(coded("tile-0"), coded("plain"), coded("tile-1"), primary=2)) == COLOURS


# More bytes than came in


def test_it_is_never_returned_even_if_it_is_smaller() -> None:
    source = heic("photo")
    compressed = compress(source, ImageOptions(quality=100))
    assert (compressed.format, compressed.original_kept) == ("jpeg", False)
    assert len(compressed.content) > len(source)


def test_the_smallest_of_what_was_tried_is_returned() -> None:
    pixels = encoded(rare_formats.heif(BytesIO(heic("photo"))), "BMP")
    smallest = compress(pixels, ImageOptions(quality=60)).content
    assert compress(heic("photo"), ImageOptions(quality=100)).content == smallest, "it was tried with 100, 80 and 60"


# Before decoding


def test_a_probe_tells_what_it_is_without_decoding() -> None:
    probed = probe(heic("third-of-four"))
    assert (probed.format, probed.width, probed.height, probed.frames) == ("heif", 128, 64, 1)


@pytest.mark.parametrize("name", ["plain", "alpha", "ten-bits", "grey", "turned"])
def test_the_pixels_that_are_coded_are_found_in_its_own_headers(name: str) -> None:
    assert heif.most_pixels(heic(name)) == 128 * 64


def hiding(edge: int) -> bytes:
    """A picture whose set-up says it has an edge of so many pixels; the header's other fields are the real one's."""
    name, content = boxes.items(heic("plain")).properties[1][0]
    at = content.index(b"\x42\x01\x01")
    numbers = "".join(_exponential(number) for number in (0, 3)) + "0" + _exponential(edge) * 2
    bits = numbers + "1" * (-len(numbers) % 8)
    header = content[at : at + 17] + int(bits, 2).to_bytes(len(bits) // 8, "big")
    set_up = content[:22] + b"\1\x21\0\1" + len(header).to_bytes(2, "big") + header
    return file_of(coded("plain").having(box(name, set_up)))


def _exponential(number: int) -> str:
    return "0" * ((number + 1).bit_length() - 1) + f"{number + 1:b}"


@pytest.mark.parametrize(
    "source",
    [
        lambda: file_of(coded("plain").having(ispe(20_000, 20_000))),
        lambda: file_of(grid([2, 3, 4, 5], 2, 2, (20_000, 20_000)).having(ispe(128, 128)), *[coded("tile-0")] * 4),
        lambda: hiding(9000),
    ],
)
def test_too_many_pixels_are_refused_wherever_they_are_told(source: object) -> None:
    assert callable(source)
    assert code_of(source()) is ImageCode.TOO_MANY_PIXELS


def test_the_tiles_of_a_grid_count_together() -> None:
    tile = file_of(grid(range(2, 602), 24, 25, (64, 64)), *[_coded_as(hiding(500))] * 600)
    assert heif.most_pixels(tile) == 600 * 500 * 500 + 64 * 64


def _coded_as(source: bytes) -> Item:
    held = boxes.items(source)
    return Item(b"hvc1", b"", [box(name, content) for name, content in held.properties[1]])


@pytest.mark.parametrize(
    "source",
    [
        file_of(Item(b"av01", b"", [ispe(4, 4)])),
        file_of(Item(b"iovl", bytes(10), [ispe(4, 4)], {b"dimg": [2, 3]}), coded("tile-0"), coded("tile-0")),
        file_of(grid([2], 1, 1, (64, 64)), grid([3], 1, 1, (64, 64)), coded("tile-0")),
        b"\0\0\0\x18ftyphevc\0\0\0\0hevcmsf1" + box(b"moov"),
    ],
)
def test_what_is_made_of_anything_else_is_not_supported(source: bytes) -> None:
    assert code_of(source) is ImageCode.UNSUPPORTED_FORMAT


@pytest.mark.parametrize(
    "source",
    [
        file_of(coded("plain"), primary=7),
        file_of(grid([1, 1], 1, 2, (64, 64))),
        heic("plain").replace(b"pitm", b"free"),
        b"\0\0\0\x18ftypheic\0\0\0\0heicmif1",
    ],
)
def test_a_file_without_its_picture_is_refused(source: bytes) -> None:
    assert code_of(source) in (ImageCode.CORRUPT, ImageCode.UNSUPPORTED_FORMAT)


def test_what_is_opaque_and_of_8_bits_takes_less_memory() -> None:
    to_jpeg = ImageOptions(format=Format.JPEG)
    per_pixel = {
        name: probe(heic(name), to_jpeg).decoded_bytes - 2 * MEBIBYTE for name in ("plain", "alpha", "ten-bits")
    }
    assert per_pixel["plain"] * 1.5 < min(per_pixel["alpha"], per_pixel["ten-bits"])


def test_libheif_is_loaded_for_the_first_such_picture_only() -> None:
    program = (
        "import sys\nfrom functions.compress.codec import compress\nfrom functions.core.options import ImageOptions\n"
        "from tests.images import SMALL\ncompress(SMALL['jpeg'](), ImageOptions())\nprint('pi_heif' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
    assert told.strip() == "False"
