"""A GIF (89a) as its blocks: how much it holds, and taking out what is not shown."""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from functions.compress.codec.formats.part_limit import limited

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_PADDING = re.compile(rb"\0*")
_LOOPS = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")
_GRAPHIC_CONTROL, _PLAIN_TEXT, _APPLICATION = 0xF9, 0x01, 0xFF


class Extent(NamedTuple):
    """How much a GIF holds: its frames, and the canvas that contains all of them, in pixels."""

    frames: int
    width: int
    height: int


def extent(source: bytes) -> Extent:
    """Frames and canvas, without decoding. Raises ValueError, IndexError or struct.error for a damaged block."""
    frames, width, height = 0, *struct.unpack_from("<HH", source, 6)
    for block in limited(_blocks(source)):
        if block[0] == _IMAGE:
            left, top, across, down = struct.unpack_from("<HHHH", block, 1)
            frames, width, height = frames + 1, max(width, left + across), max(height, top + down)
    return Extent(frames, width, height)


def without_metadata(source: bytes) -> bytes:
    """Without comments and foreign applications' blocks; raises as `extent` does."""
    kept = [block for block in limited(_blocks(source)) if block[0] == _IMAGE or _needed(block)]
    return source[: _header_bytes(source)] + b"".join(kept) + b";"


def _needed(extension: bytes) -> bool:
    label = extension[1]
    return label in (_GRAPHIC_CONTROL, _PLAIN_TEXT) or (label == _APPLICATION and extension[2:14] in _LOOPS)


def _header_bytes(source: bytes) -> int:
    return 13 + _colour_table_bytes(source[10])


def _blocks(source: bytes) -> Iterator[bytes]:
    """Extensions and images, each with all its bytes; a missing trailer is forgiven, as browsers do."""
    at = _header_bytes(source)
    while at < len(source) and source[at] != _TRAILER:
        if source[at] == _EXTENSION:
            end = _after_sub_blocks(source, at + 2)
        elif source[at] == _IMAGE:
            end = _after_sub_blocks(source, at + 11 + _colour_table_bytes(source[at + 9]))
        elif source[at] == 0:  # padding, which browsers pass over
            padding = _PADDING.match(source, at)
            at = padding.end() if padding else at + 1
            continue
        else:
            raise ValueError("no block where one must be")
        yield source[at:end]
        at = end


def _colour_table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_sub_blocks(source: bytes, at: int) -> int:
    while source[at]:
        at += source[at] + 1
    return at + 1
