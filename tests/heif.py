"""HEIF files put together out of the coded pictures in tests/pictures: turned, tiled, lying, of anything."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

_PICTURES = Path(__file__).with_name("pictures")
TILE = (64, 64)


def heic(name: str) -> bytes:
    """One of the files that an encoder made."""
    return (_PICTURES / f"{name}.heic").read_bytes()


def box(name: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">L4s", 8 + len(content), name) + content


def full(name: bytes, *contents: bytes, version: int = 0) -> bytes:
    return box(name, bytes((version, 0, 0, 0)), *contents)


def ispe(width: int, height: int) -> bytes:
    return full(b"ispe", struct.pack(">LL", width, height))


def irot(quarters: int) -> bytes:
    """Turned to the left so many times."""
    return box(b"irot", bytes((quarters,)))


def imir(axis: int) -> bytes:
    return box(b"imir", bytes((axis,)))


def nclx(primaries: int) -> bytes:
    return box(b"colr", b"nclx", struct.pack(">HHHB", primaries, 13, 6, 0x80))


@dataclass(frozen=True)
class Item:
    """What it is, its bytes, its properties as boxes, and the items that it refers to, by the type of reference."""

    kind: bytes
    content: bytes
    properties: Sequence[bytes] = ()
    references: Mapping[bytes, Sequence[int]] = field(default_factory=dict)

    def having(self, *properties: bytes) -> "Item":
        """With these, in the place of its own of the same name."""
        names = {each[4:8] for each in properties}
        return replace(self, properties=(*(own for own in self.properties if own[4:8] not in names), *properties))


@cache
def coded(name: str) -> Item:
    """The picture of a file that has one, as an item with its set-up, its size and its colours."""
    source = heic(name)
    return Item(b"hvc1", _content(source, b"mdat"), [box(each, _content(source, each)) for each in (b"hvcC", b"ispe")])


def _content(source: bytes, name: bytes) -> bytes:
    at = source.index(name)
    return source[at + 4 : at - 4 + int.from_bytes(source[at - 4 : at], "big")]


def grid(tiles: Sequence[int], rows: int, columns: int, size: tuple[int, int]) -> Item:
    content = struct.pack(">BBBBLL", 0, 1, rows - 1, columns - 1, *size)
    return Item(b"grid", content, [ispe(*size)], {b"dimg": tiles})


def exif(orientation: int) -> Item:
    told = struct.pack("<4sLHHHLHHL", b"II*\0", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    return Item(b"Exif", struct.pack(">L", 6) + b"Exif\0\0" + told, (), {b"cdsc": [1]})


def file_of(*items: Item, primary: int = 1) -> bytes:
    """A file of these, which are numbered from 1 on."""
    properties = list(dict.fromkeys(each for item in items for each in item.properties))
    entries = b"".join(
        full(b"infe", struct.pack(">HH4sB", n, 0, item.kind, 0), version=2) for n, item in enumerate(items, 1)
    )
    associations = b"".join(
        struct.pack(">HB", n, len(item.properties)) + bytes(0x80 | 1 + properties.index(own) for own in item.properties)
        for n, item in enumerate(items, 1)
    )
    references = b"".join(
        box(kind, struct.pack(f">HH{len(to)}H", n, len(to), *to))
        for n, item in enumerate(items, 1)
        for kind, to in item.references.items()
    )
    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(at: int) -> bytes:
        places, data = b"", b"\x44\0" + struct.pack(">H", len(items))
        for n, item in enumerate(items, 1):
            data += struct.pack(">HHHLL", n, 0, 1, at + len(places), len(item.content))
            places += item.content
        return full(
            b"meta",
            full(b"hdlr", bytes(4) + b"pict" + bytes(13)),
            full(b"pitm", struct.pack(">H", primary)),
            full(b"iloc", data),
            full(b"iinf", struct.pack(">H", len(items)), entries),
            full(b"iref", references) if references else b"",
            box(b"iprp", box(b"ipco", *properties), full(b"ipma", struct.pack(">L", len(items)), associations)),
        )

    at = len(head) + len(meta(0)) + 8
    return head + meta(at) + box(b"mdat", *(item.content for item in items))


def tiled(size: tuple[int, int] = (128, 96), rows: int = 2, columns: int = 2) -> bytes:
    """The quadrants, a tile each; more rows and columns of them are of tiles that come again."""
    tiles = [coded(f"tile-{n}") for n in range(4)]
    numbers = [2 + 2 * (2 * row // rows) + 2 * column // columns for row in range(rows) for column in range(columns)]
    return file_of(grid(numbers, rows, columns, size), *tiles)
