"""A TIFF's directories, before Pillow makes a number of each value and an object of each strip."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from functions.compress.codec.formats.part_limit import MAX_PARTS, limited
from functions.core.errors import ImageCode, PermanentError

_PARTS = frozenset({273, 324})  # offsets of strips and of tiles
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
_FURTHER = frozenset({0x8769, 0x8825, 0xA005})  # directories of EXIF, of GPS and of interoperability
_DNG_VERSION = 50_706
_KIND, _REDUCED = 254, 1  # of a picture: a smaller version of another one
_INNER = 330  # pictures of which this is a directory, as nef, arw, pef and others have them
_DEPTH = 3  # how far they are nested: the picture's, EXIF's, that of interoperability
_BYTES = frozenset({1, 2, 6, 7})  # types whose values stay together
_SHORT = 3
_BIG = 43  # the version of a BigTIFF


class _Entry(NamedTuple):
    tag: int
    kind: int
    values: int
    value: int


def tile_pixels(source: bytes) -> int:
    """How large a tile is, which is decoded as a whole however small the picture is; 0 in a TIFF of strips.

    Raises ValueError where a list is longer than a picture's can be, struct.error where a directory is cut off,
    PermanentError: unsupported_format for a camera's raw file.
    """
    order, big = "<" if source.startswith(b"II") else ">", _BIG in (source[2], source[3])
    (first,) = struct.unpack_from(order + ("Q" if big else "L"), source, 8 if big else 4)
    entries = list(limited(_entries(source, order, big, first, _DEPTH)))
    _refuse_raw(entries)
    for entry in entries:
        if entry.values > MAX_PARTS and (entry.tag in _PARTS or entry.kind not in _BYTES):
            raise ValueError(f"tag {entry.tag} has {entry.values} values")
    width, height = (
        max((entry.value for entry in entries if entry.tag == tag), default=0) for tag in (_TILE_WIDTH, _TILE_HEIGHT)
    )
    return width * height


def _refuse_raw(entries: list[_Entry]) -> None:
    """Raises PermanentError for a camera's raw file: a TIFF whose first picture may be only a thumbnail."""
    values = {entry.tag: entry.value for entry in reversed(entries)}
    if _DNG_VERSION in values:
        raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, "dng")
    if values.get(_KIND, 0) & _REDUCED and _INNER in values:
        raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, "camera raw")


def _entries(source: bytes, order: str, big: bool, at: int, depth: int) -> Iterator[_Entry]:
    """Those of a directory, and of the further ones that it names."""
    count_form, entry_form = (order + "Q", order + "HHQ8s") if big else (order + "H", order + "HHL4s")
    (count,) = struct.unpack_from(count_form, source, at)
    at += struct.calcsize(count_form)
    for _ in range(count):
        tag, kind, values, raw = struct.unpack_from(entry_form, source, at)
        at += struct.calcsize(entry_form)
        value = int.from_bytes(raw[:2] if kind == _SHORT else raw, "little" if order == "<" else "big")
        yield _Entry(tag, kind, values, value)
        if tag in _FURTHER and depth > 1 and value < len(source) - 2:
            yield from _further(source, order, big, value, depth - 1)


def _further(source: bytes, order: str, big: bool, at: int, depth: int) -> Iterator[_Entry]:
    try:
        yield from _entries(source, order, big, at, depth)
    except struct.error:  # cut off: Pillow reads as far as this, too
        return
