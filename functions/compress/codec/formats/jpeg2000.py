"""What a JPEG 2000 says of itself in its boxes and markers (ITU-T T.800, annexes A and I).

OpenJPEG makes objects for every tile, code-block and precinct before it has decoded a byte of them: a file of a
few kilobytes may announce millions.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from functions.compress.codec.formats import boxes
from functions.compress.codec.formats.part_limit import limited
from functions.core.errors import ImageCode, PermanentError

_MOST_COMPONENTS = 4
_MOST_LAYERS = 100  # files have up to some 20
_SMALLEST_TILE = 4096  # pixels, on average, beyond the first
_FEW_TILES = 64
_SMALLEST_BLOCK = 8  # the logarithm of its pixels: 16 x 16. Files have 32 x 32 or 64 x 64
_SMALLEST_PRECINCT = 12  # the same: 64 x 64, and half of that at each lower resolution. Files have 128 x 128 or more
_START, _SIZE, _CODING, _COMPONENT_CODING, _TILE_PART, _DATA = 0xFF4F, 0xFF51, 0xFF52, 0xFF53, 0xFF90, 0xFF93
_RESTRICTED_PROFILE, _ANY_PROFILE = 2, 3  # ways in which a box says what colours are


class _Size(NamedTuple):
    right: int
    bottom: int
    left: int
    top: int
    tile_width: int
    tile_height: int
    tiles_left: int
    tiles_top: int
    components: int


def pixels(source: bytes) -> int:
    """How many are decoded, whatever the boxes around say.

    Raises ValueError or struct.error where there is more to hold than pixels, PermanentError: unsupported_format.
    """
    at = _codestream(source)
    size = _Size(*struct.unpack_from(">8LH", source, at + 8))
    if struct.unpack_from(">HH", source, at) != (_START, _SIZE):
        raise ValueError("it does not begin with its size")
    if size.components > _MOST_COMPONENTS:
        raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, f"jpeg 2000 of {size.components} components")
    found = (size.right - size.left) * (size.bottom - size.top)
    if _tiles(size) > _FEW_TILES + found // _SMALLEST_TILE:
        raise ValueError(f"{_tiles(size)} tiles of {found} pixels")
    for marker, payload in limited(_segments(source, at + 2)):
        if marker in (_CODING, _COMPONENT_CODING):
            _look_at_coding(marker, payload)
    return found


def profile(source: bytes) -> bytes:
    """The ICC profile in the boxes around, or b""."""
    for name, start, end in boxes.inner(source, b"jp2h"):
        if name == b"colr" and source[start] in (_RESTRICTED_PROFILE, _ANY_PROFILE):
            return source[start + 3 : end]
    return b""


def _codestream(source: bytes) -> int:
    if source.startswith(b"\xff\x4f"):
        return 0
    return next((start for name, start, _end in boxes.outer(source) if name == b"jp2c"), len(source))


def _tiles(size: _Size) -> int:
    across = -(-(size.right - size.tiles_left) // max(1, size.tile_width))
    return across * -(-(size.bottom - size.tiles_top) // max(1, size.tile_height))


def _segments(source: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Marker and payload of each in the main header and in those of the tiles' parts, as far as there are any."""
    after = 0  # the tile's part
    while at + 4 <= len(source):
        marker, length = struct.unpack_from(">HH", source, at)
        if marker == _TILE_PART:
            part_bytes = int.from_bytes(source[at + 6 : at + 10], "big")
            after = at + part_bytes if part_bytes else len(source)
        if marker == _DATA:
            if after <= at:
                raise ValueError("a tile's part ends before it begins")
            at = after
            continue
        if marker >> 8 != 0xFF:  # noqa: PLR2004 - what every marker begins with
            return
        yield marker, source[at + 4 : at + 2 + length]
        at += 2 + max(2, length)


def _look_at_coding(marker: int, payload: bytes) -> None:
    if marker == _CODING:
        flags, (layers,), at = payload[0], struct.unpack_from(">H", payload, 2), 5
        if layers > _MOST_LAYERS:
            raise ValueError(f"{layers} layers")
    else:
        flags, at = payload[1], 2
    levels, wide, high = payload[at : at + 3]
    precincts = payload[at + 5 : at + 6 + levels] if flags & 1 else b""
    if (wide & 15) + (high & 15) + 4 < _SMALLEST_BLOCK:
        raise ValueError("code-blocks are too small")
    if any((each & 15) + (each >> 4) + 2 * n < _SMALLEST_PRECINCT for n, each in enumerate(reversed(precincts))):
        raise ValueError("precincts are too small")
