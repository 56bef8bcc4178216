"""Hostile and odd images: what a case is, the picture in it, and the small writers that no encoder would be.

The picture is four quadrants of known colours, wider than high: turned, mirrored or miscoloured, it is seen.
"""

import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from PIL import Image

from functions.core.errors import ImageCode
from functions.core.options import ImageOptions
from tests.images import encoded, png_chunk

SIZE = (48, 32)
Colour = tuple[int, int, int, int]
RED, GREEN, BLUE, YELLOW = (220, 30, 30, 255), (30, 180, 30, 255), (30, 30, 220, 255), (230, 210, 40, 255)
COLOURS = (RED, GREEN, BLUE, YELLOW)
CLEAR = (0, 0, 0, 0)


@dataclass(frozen=True)
class Shown:
    """What comes out: upright, of this size, of these colours in its quadrants (left to right, top to bottom)."""

    size: tuple[int, int] = SIZE
    colours: tuple[Colour, ...] | None = COLOURS
    tolerance: int = 16  # levels of 255; chroma of half the resolution and palettes of 256 colours stay below
    frames: int = 1


Codes = frozenset[ImageCode]
CORRUPT: Codes = frozenset({ImageCode.CORRUPT})
TOO_MANY: Codes = frozenset({ImageCode.TOO_MANY_PIXELS})
NO_IMAGE: Codes = frozenset({ImageCode.NOT_AN_IMAGE})
UNSUPPORTED: Codes = frozenset({ImageCode.UNSUPPORTED_FORMAT})
TOO_LARGE: Codes = frozenset({ImageCode.TOO_LARGE})


@dataclass(frozen=True)
class Case:
    """A file, and what must come of it: a picture, one of some codes, or (None) either."""

    source: Callable[[], bytes]
    expected: Shown | Codes | None = field(default_factory=Shown)
    options: ImageOptions = field(default_factory=ImageOptions)


Cases = dict[str, Case]


def quadrants(colours: Iterable[Colour] = COLOURS, size: tuple[int, int] = SIZE) -> Image.Image:
    picture, (width, height) = Image.new("RGBA", size), size
    for n, colour in enumerate(colours):
        left, top = n % 2 * width // 2, n // 2 * height // 2
        picture.paste(colour, (left, top, left + width // 2, top + height // 2))
    return picture


def rgb() -> Image.Image:
    return quadrants().convert("RGB")


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def jpeg_with(segments: bytes) -> bytes:
    """A JPEG with these bytes behind its first marker."""
    source = encoded(rgb(), "JPEG", quality=95)
    return source[:2] + segments + source[2:]


def png_with(chunks: bytes) -> bytes:
    """A PNG with these bytes behind its header."""
    source = encoded(rgb(), "PNG")
    return source[:33] + chunks + source[33:]


def png(
    width: int, height: int, depth: int, colour_type: int, rows: bytes, *, interlaced: int = 0, extra: bytes = b""
) -> bytes:
    header = struct.pack(">LLBBBBB", width, height, depth, colour_type, 0, 0, interlaced)
    ends = png_chunk(b"IDAT", zlib.compress(rows, 9)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra + ends


_TIFF_TYPES = {1: "B", 2: "B", 3: "H", 4: "L", 7: "B"}


def tiff(tags: dict[int, tuple[int, list[int]]], data: bytes) -> bytes:
    """A little-endian TIFF of one directory; `data` stands at byte 8."""
    body, entries = bytearray(data + bytes(len(data) % 2)), b""
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}{_TIFF_TYPES[kind]}", *values)
        stored = packed.ljust(4, b"\0")
        if len(packed) > 4:
            stored = struct.pack("<L", 8 + len(body))
            body += packed + bytes(len(packed) % 2)
        entries += struct.pack("<HHL", tag, kind, len(values)) + stored
    end = 8 + len(body)
    return b"II*\0" + struct.pack("<L", end) + bytes(body) + struct.pack("<H", len(tags)) + entries + bytes(4)


def grey_tiff(width: int, height: int, more: dict[int, tuple[int, list[int]]], data: bytes) -> bytes:
    plain = {256: (4, [width]), 257: (4, [height]), 258: (3, [8]), 259: (3, [1]), 262: (3, [1]), 277: (3, [1])}
    return tiff(plain | more, data)


def riff(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A WebP of these chunks."""
    body = b"".join(name + struct.pack("<L", len(data)) + data + bytes(len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<L", len(body) + 4) + b"WEBP" + body


def bmp(width: int, height: int, depth: int, compression: int, *, palette: bytes, data: bytes) -> bytes:
    at = 54 + len(palette)
    info = struct.pack("<LllHHLLllLL", 40, width, height, 1, depth, compression, len(data), 0, 0, len(palette) // 4, 0)
    return b"BM" + struct.pack("<LLL", at + len(data), 0, at) + info + palette + data
