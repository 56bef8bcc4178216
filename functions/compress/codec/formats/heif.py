"""How much decoding a HEIF takes, by what it is made of and by HEVC's own headers (ITU-T H.265, 7.3.2.2).

The container may say that a picture is small, and name a tile a thousand times: each is decoded, as large as it is.
"""

from collections.abc import Iterable, Iterator

from functions.compress.codec.formats import boxes
from functions.compress.codec.formats.bits import Bits
from functions.compress.codec.formats.part_limit import MAX_PARTS, limited
from functions.core.errors import ImageCode, PermanentError

MAX_TILED_PIXELS = 100_000_000  # of all tiles together: twice what a picture may have, for they go beyond its edges
_HEVC, _GRID = b"hvc1", b"grid"
_SEQUENCE_HEADER = 33  # the type of the unit that says how large pictures are
_HEADER_BYTES = 256  # more than it has up to there
_ARRAYS_AT = 22  # of the units in a decoder's configuration
_DEEPEST = 3  # a grid, its tile, a tile's alpha


def most_pixels(source: bytes) -> int:
    """Of the largest picture that is decoded for this one; of all together where those are too many.

    Raises ValueError, LookupError or struct.error, and PermanentError: unsupported_format where it is not of HEVC.
    """
    if not _has_items(source):
        raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, "heif sequence")
    items = boxes.items(source)
    sizes = list(limited(_decoded(items, _coded(items), items.primary, _DEEPEST)))
    return sum(sizes) if sum(sizes) > MAX_TILED_PIXELS else max(sizes)


def _has_items(source: bytes) -> bool:
    names = {name for name, _start, _end in boxes.outer(source)}
    return b"meta" in names or b"moov" not in names


def _coded(items: boxes.Items) -> dict[int, int]:
    """The pixels of each item of HEVC: of the largest that its set-up or its own units announce."""
    set_ups = {content for held in items.properties.values() for name, content in held if name == b"hvcC"}
    announced = {content: _largest(_set_up(content)) for content in set_ups}
    return {
        item: max(
            _largest(_units(items.contents.get(item, b""), 0, 4)),
            *(announced.get(content, 0) for _name, content in items.properties.get(item, [])),
            0,
        )
        for item, kind in items.types.items()
        if kind == _HEVC
    }


def _decoded(items: boxes.Items, coded: dict[int, int], item: int, depth: int) -> Iterator[int]:
    """The pixels of each picture that is decoded for an item, or pasted together."""
    kind = items.types[item]
    if kind not in (_HEVC, _GRID):
        raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, "heif of another codec than HEVC")
    if kind == _HEVC:
        yield coded[item]
    else:
        yield _canvas_pixels(items.contents.get(item, b""))
        for tile in items.made_of.get(item, []):
            if items.types.get(tile) != _HEVC:
                raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, "heif of grids in grids")
            yield from _decoded(items, coded, tile, depth - 1)
    for other in items.additions.get(item, []) if depth else []:
        if items.types.get(other) in (_HEVC, _GRID):
            yield from _decoded(items, coded, other, depth - 1)


def _canvas_pixels(grid: bytes) -> int:
    """Width times height of what the tiles are pasted on (ISO 23008-12, 6.6.2.3)."""
    width = 4 if grid[1] & 1 else 2
    return int.from_bytes(grid[4 : 4 + width], "big") * int.from_bytes(grid[4 + width : 4 + 2 * width], "big")


def _largest(units: Iterable[bytes]) -> int:
    headers = (unit for unit in units if unit and unit[0] >> 1 & 63 == _SEQUENCE_HEADER)
    return max(map(_frame_pixels, headers), default=0)


def _set_up(configuration: bytes) -> Iterator[bytes]:
    """The units that a decoder is set up with (ISO 14496-15, 8.3.3.1)."""
    at = _ARRAYS_AT + 1
    for _ in range(configuration[_ARRAYS_AT]):
        count, at = int.from_bytes(configuration[at + 1 : at + 3], "big"), at + 3
        for unit in _units(configuration, at, 2, count):
            yield unit
            at += 2 + len(unit)


def _units(stream: bytes, at: int, length_bytes: int, count: int = MAX_PARTS + 1) -> Iterator[bytes]:
    """So many, each preceded by its length, or as many as there are."""
    for _ in limited(range(count)):
        length, at = int.from_bytes(stream[at : at + length_bytes], "big"), at + length_bytes
        if at >= len(stream):
            return
        yield stream[at : at + length]
        at += length


def _frame_pixels(unit: bytes) -> int:
    bits = Bits(unit[2:_HEADER_BYTES].replace(b"\0\0\3", b"\0\0"))
    bits.read(4)
    layers = bits.read(3)
    bits.read(1 + 96)  # the general profile, tier and level
    present = [(bits.read(1), bits.read(1)) for _ in range(8 if layers else 0)][:layers]
    for has_profile, has_level in present:
        bits.read(88 * has_profile + 8 * has_level)
    bits.exponential()
    if bits.exponential() == 3:  # noqa: PLR2004 - 4:4:4, whose planes may be apart
        bits.read(1)
    return bits.exponential() * bits.exponential()
