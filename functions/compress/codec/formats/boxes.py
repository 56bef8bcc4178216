"""AVIF's metadata, in the boxes of ISO 14496-12 and the items of ISO 23008-12.

Every item is found by its offset in the file, so nothing is taken out: the metadata items are renamed to a type that
readers pass over, and their bytes become zeros.
"""

import struct
from collections.abc import Iterator

from functions.compress.codec.formats.parts import few

_METADATA_TYPES = (b"Exif", b"mime")  # XMP is a `mime` item
_PASSED_OVER = b"skip"
_HEAD_BYTES = 1024  # of frames: their headers, of which there are many thousands
_IN_FILE, _IN_BOX = 0, 1  # where an item is: counted from the beginning of the file, or of the `idat` box
_WIDE_INFE, _WIDE_ILOC = 3, 2  # the versions of these boxes from which on ids have 4 bytes


def without_metadata(source: bytes) -> bytes:
    """`source` with its Exif and XMP items blanked, as long. Raises ValueError, IndexError or struct.error."""
    blanked = bytearray(source)
    start, end = _box(source, 0, len(source), b"meta")
    items = dict(_metadata_items(source, *_box(source, start + 4, end, b"iinf")))
    for type_at in items.values():
        blanked[type_at : type_at + 4] = _PASSED_OVER
    left = len(source)
    for item, offset, length, method in few(_extents(source, *_box(source, start + 4, end, b"iloc"))):
        if item in items and method == _IN_FILE:
            left -= length  # or a million overlapping ones would be blanked for hours
            if offset + length > len(source) or left < 0:
                raise ValueError("an item ends after the file")
            blanked[offset : offset + length] = bytes(length)
    return bytes(blanked)


_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})  # on the way to where a sequence's frames are


def streams(source: bytes) -> Iterator[bytes]:
    """The bytes of each item, and the first of what a sequence's tables of frames lead to. Raises as above."""
    for name, start, end in _outer_boxes(source):
        if name == b"meta":
            yield from _items(source, start + 4, end)
        elif name in _PARENTS:
            for offset in few(_frame_offsets(source, start, end)):
                yield source[offset : offset + _HEAD_BYTES]


def _outer_boxes(source: bytes) -> list[tuple[bytes, int, int]]:
    """Up to the first that is none: decoders pass over what stands behind the picture."""
    found = []
    try:
        for box in few(_boxes(source, 0, len(source))):
            found.append(box)
    except (ValueError, struct.error):
        pass
    return found


def _items(source: bytes, start: int, end: int) -> Iterator[bytes]:
    held = next((at for name, at, _stop in _boxes(source, start, end) if name == b"idat"), 0)
    items: dict[int, bytearray] = {}
    left = len(source)
    for item, offset, length, method in few(_extents(source, *_box(source, start, end, b"iloc"))):
        at = offset + (held if method else 0)
        part = source[at : at + length] if length else source[at:]
        left -= len(part)
        if left < 0:
            raise ValueError("items overlap")
        items.setdefault(item, bytearray()).extend(part)
    yield from map(bytes, items.values())


def _frame_offsets(source: bytes, start: int, end: int) -> Iterator[int]:
    for name, at, stop in _boxes(source, start, end):
        if name in _PARENTS:
            yield from _frame_offsets(source, at, stop)
        elif name in (b"stco", b"co64"):
            reader, width = _Reader(source, at + 4, stop), 4 if name == b"stco" else 8
            for _ in range(reader.number(4)):
                yield reader.number(width)


def _boxes(source: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the content of each box."""
    while at + 8 <= end:
        size, name = struct.unpack_from(">L4s", source, at)
        header = 8
        if size == 1:
            size, header = struct.unpack_from(">Q", source, at + 8)[0], 16
        stop = at + size if size else end
        if not at + header <= stop <= end:
            raise ValueError("a box ends outside of its parent")
        yield name, at + header, stop
        at = stop


def _box(source: bytes, start: int, end: int, wanted: bytes) -> tuple[int, int]:
    for name, at, stop in _boxes(source, start, end):
        if name == wanted:
            return at, stop
    raise ValueError(f"there is no {wanted!r} box")


def _metadata_items(source: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Id of each metadata item, and where in the file its type stands."""
    count_bytes = 2 if source[start] == 0 else 4
    for _name, at, _stop in _boxes(source, start + 4 + count_bytes, end):
        id_bytes = 4 if source[at] >= _WIDE_INFE else 2
        type_at = at + 4 + id_bytes + 2
        if source[type_at : type_at + 4] in _METADATA_TYPES:
            yield int.from_bytes(source[at + 4 : at + 4 + id_bytes], "big"), type_at


def _extents(source: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Id, offset, length and method of each extent of each item that is stored in the file or the `idat` box."""
    version, sizes = source[start], source[start + 4 : start + 6]
    offset_bytes, length_bytes, base_bytes = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4
    index_bytes = sizes[1] & 15 if version else 0
    reader = _Reader(source, start + 6, end)
    id_bytes = 4 if version >= _WIDE_ILOC else 2
    for _ in range(reader.number(id_bytes)):
        item = reader.number(id_bytes)
        method = reader.number(2) & 15 if version else 0
        reader.number(2)
        base = reader.number(base_bytes)
        for _ in range(reader.number(2)):
            reader.number(index_bytes)
            offset, length = base + reader.number(offset_bytes), reader.number(length_bytes)
            if method in (_IN_FILE, _IN_BOX):
                yield item, offset, length, method


class _Reader:
    """Big-endian numbers of given lengths, one after another."""

    def __init__(self, source: bytes, at: int, end: int) -> None:
        self._source, self._at, self._end = source, at, end

    def number(self, length: int) -> int:
        start, self._at = self._at, self._at + length
        if self._at > self._end:
            raise ValueError("the box is too short")
        return int.from_bytes(self._source[start : self._at], "big")
