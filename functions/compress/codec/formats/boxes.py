"""What AVIF and HEIF consist of: the boxes of ISO 14496-12 and the items of ISO 23008-12.

Every item is found by its offset in the file, so nothing is taken out: the metadata items are renamed to a type that
readers pass over, and their bytes become zeros.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from functions.compress.codec.formats.part_limit import limited

_METADATA_TYPES = (b"Exif", b"mime")  # XMP is a `mime` item
_PASSED_OVER = b"skip"
_HEAD_BYTES = 1024  # of frames: their headers, of which there are many thousands
_IN_FILE, _IN_BOX = 0, 1  # where an item is: counted from the beginning of the file, or of the `idat` box
_WIDE_INFE, _WIDE_ILOC = 3, 2  # the versions of these boxes from which on ids have 4 bytes


def without_metadata(source: bytes) -> bytes:
    """`source` with its Exif and XMP items blanked, as long. Raises ValueError, IndexError or struct.error."""
    blanked = bytearray(source)
    start, end = _box(source, 0, len(source), b"meta")
    told = _item_types(source, *_box(source, start + 4, end, b"iinf"))
    items = {item: at for item, at in told if source[at : at + 4] in _METADATA_TYPES}
    for type_at in items.values():
        blanked[type_at : type_at + 4] = _PASSED_OVER
    left = len(source)
    for item, offset, length, method in limited(_extents(source, *_box(source, start + 4, end, b"iloc"))):
        if item in items and method == _IN_FILE:
            left -= length  # or a million overlapping ones would be blanked for hours
            if offset + length > len(source) or left < 0:
                raise ValueError("an item ends after the file")
            blanked[offset : offset + length] = bytes(length)
    return bytes(blanked)


class Items(NamedTuple):
    """What the `meta` box of a file says of its items, by their ids."""

    primary: int
    types: dict[int, bytes]
    contents: dict[int, bytes]
    properties: dict[int, list[tuple[bytes, bytes]]]  # names and contents
    made_of: dict[int, list[int]]  # what a derived item, as a grid, is put together from
    additions: dict[int, list[int]]  # auxiliary pictures, as its alpha is one, by the picture that they belong to


def items(source: bytes) -> Items:
    """Raises ValueError, IndexError or struct.error, also where a box is there twice: readers would differ."""
    (start, end) = _only(source, 0, len(source), b"meta")
    start += 4
    types = _item_types(source, *_only(source, start, end, b"iinf"))
    at, _stop = _only(source, start, end, b"pitm")
    primary = int.from_bytes(source[at + 4 : at + (8 if source[at] else 6)], "big")
    made_of: dict[int, list[int]] = {}
    additions: dict[int, list[int]] = {}
    for name, item, others in limited(_references(source, start, end)):
        if name == b"dimg":
            made_of.setdefault(item, []).extend(others)
        elif name == b"auxl":
            for other in others:
                additions.setdefault(other, []).append(item)
    return Items(
        primary,
        {item: source[at : at + 4] for item, at in limited(types)},
        _items(source, start, end),
        _properties(source, *_only(source, start, end, b"iprp")),
        made_of,
        additions,
    )


def _only(source: bytes, start: int, end: int, wanted: bytes) -> tuple[int, int]:
    found = outer(source) if start == 0 else limited(_boxes(source, start, end))
    places = [(at, stop) for name, at, stop in found if name == wanted]
    if len(places) != 1:
        raise ValueError(f"there are {len(places)} {wanted!r} boxes")
    return places[0]


def _references(source: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, list[int]]]:
    """Type, the item that refers, and those that it refers to."""
    for name, at, stop in _boxes(source, start, end):
        if name == b"iref":
            id_bytes = 4 if source[at] else 2
            for kind, inner, inner_stop in _boxes(source, at + 4, stop):
                reader = _Reader(source, inner, inner_stop)
                item, count = reader.number(id_bytes), reader.number(2)
                yield kind, item, [reader.number(id_bytes) for _ in range(count)]


def _properties(source: bytes, start: int, end: int) -> dict[int, list[tuple[bytes, bytes]]]:
    stored = [
        (name, source[at:stop]) for name, at, stop in limited(_boxes(source, *_only(source, start, end, b"ipco")))
    ]
    found: dict[int, list[tuple[bytes, bytes]]] = {}
    for name, at, stop in limited(_boxes(source, start, end)):
        if name == b"ipma":
            for item, number in limited(_associations(source, at, stop)):
                found.setdefault(item, []).extend(stored[number - 1 : number])
    return found


def _associations(source: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Item and number, from 1 on, of each property that it has."""
    id_bytes, number_bytes = (4 if source[at] else 2), (2 if source[at + 3] & 1 else 1)
    reader = _Reader(source, at + 4, end)
    for _ in range(reader.number(4)):
        item = reader.number(id_bytes)
        for _ in range(reader.number(1)):
            number = reader.number(number_bytes) & ((1 << number_bytes * 8 - 1) - 1)  # without `essential`
            if number:
                yield item, number


_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})  # on the way to where a sequence's frames are


def streams(source: bytes) -> Iterator[bytes]:
    """The bytes of each item, and the first of what a sequence's tables of frames lead to. Raises as above."""
    for name, start, end in outer(source):
        if name == b"meta":
            yield from _items(source, start + 4, end).values()
        elif name in _PARENTS:
            for offset in limited(_frame_offsets(source, start, end)):
                yield source[offset : offset + _HEAD_BYTES]


def outer(source: bytes) -> list[tuple[bytes, int, int]]:
    """The outermost boxes, up to the first that is none: decoders pass over what stands behind the picture."""
    found = []
    try:
        for box in limited(_boxes(source, 0, len(source))):
            found.append(box)
    except (ValueError, struct.error):
        pass
    return found


def inner(source: bytes, parent: bytes) -> list[tuple[bytes, int, int]]:
    """The boxes within each of that name; none where one of them is none."""
    try:
        return [box for name, at, end in outer(source) if name == parent for box in limited(_boxes(source, at, end))]
    except (ValueError, struct.error):
        return []


def _items(source: bytes, start: int, end: int) -> dict[int, bytes]:
    """The bytes of each item, by its id."""
    held = next((at for name, at, _stop in _boxes(source, start, end) if name == b"idat"), 0)
    items: dict[int, bytearray] = {}
    left = len(source)
    for item, offset, length, method in limited(_extents(source, *_box(source, start, end, b"iloc"))):
        at = offset + (held if method else 0)
        part = source[at : at + length] if length else source[at:]
        left -= len(part)
        if left < 0:
            raise ValueError("items overlap")
        items.setdefault(item, bytearray()).extend(part)
    return {item: bytes(parts) for item, parts in items.items()}


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


def _item_types(source: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Id of each item, and where in the file its type stands."""
    count_bytes = 2 if source[start] == 0 else 4
    for _name, at, _stop in _boxes(source, start + 4 + count_bytes, end):
        id_bytes = 4 if source[at] >= _WIDE_INFE else 2
        yield int.from_bytes(source[at + 4 : at + 4 + id_bytes], "big"), at + 4 + id_bytes + 2


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
