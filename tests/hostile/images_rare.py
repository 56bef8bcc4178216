"""HEIF, JPEG 2000 and CIELAB: honest files, small ones that would cost much, and damaged ones."""

import random
import struct
from collections.abc import Callable
from functools import cache, partial

from PIL import Image

from functions.core.options import Format, ImageOptions
from tests.heif import Item, box, coded, exif, file_of, full, grid, heic, imir, irot, ispe, nclx, tiled
from tests.hostile.images import (
    COLOURS,
    CORRUPT,
    RED,
    SIZE,
    TOO_MANY,
    UNSUPPORTED,
    Case,
    Cases,
    Shown,
    quadrants,
    rgb,
    tiff,
)
from tests.hostile.images_bombs import patched
from tests.images import encoded

WIDE = (128, 64)
MANY = 60_000
FLIPS = 200  # of each file


def jp2(picture: Image.Image | None = None, **told: object) -> bytes:
    return encoded(picture or rgb(), "JPEG2000", **told)


def lab() -> bytes:
    return encoded(rgb().convert("LAB"), "TIFF")


def lab_sized(width: int, height: int) -> bytes:
    plain = {256: (4, [width]), 257: (4, [height]), 258: (3, [8] * 3), 259: (3, [1]), 262: (3, [8]), 277: (3, [3])}
    return tiff(plain | {273: (4, [8])}, bytes(99))


def upright(*properties: bytes) -> bytes:
    return file_of(coded("plain").having(*properties))


_HALF_CLEAR = (*COLOURS[:3], (230, 210, 40, 100))
HONEST: Cases = {
    **{
        name: Case(partial(heic, name), Shown(WIDE))
        for name in ("plain", "turned", "display-p3", "ten-bits", "third-of-four")
    },
    "alpha": Case(partial(heic, "alpha"), Shown(WIDE, _HALF_CLEAR)),
    "alpha to webp": Case(partial(heic, "alpha"), Shown(WIDE, _HALF_CLEAR), ImageOptions(format=Format.WEBP)),
    "grid": Case(tiled, Shown((128, 96))),
    "grid that is cut off": Case(partial(tiled, (127, 101)), Shown((127, 101))),
    "turned by a half": Case(lambda: upright(irot(2)), Shown(WIDE, COLOURS[::-1])),
    "mirrored": Case(lambda: upright(imir(1)), Shown(WIDE, (COLOURS[1], COLOURS[0], COLOURS[3], COLOURS[2]))),
    "turned by EXIF only": Case(lambda: file_of(coded("plain"), exif(6)), Shown(WIDE)),
    "wide primaries": Case(lambda: upright(nclx(12)), Shown(WIDE, None)),
    "primaries of no standard": Case(lambda: upright(nclx(65_535)), None),
    "jp2": Case(jp2),
    "j2k": Case(lambda: jp2(no_jp2=True)),
    "jp2 of tiles": Case(lambda: jp2(tile_size=(16, 16), offset=(3, 5))),
    "jp2 with alpha": Case(lambda: jp2(quadrants(_HALF_CLEAR)), Shown(colours=_HALF_CLEAR)),
    "lossy jp2": Case(lambda: jp2(irreversible=True)),
    "jp2 of 16 bits": Case(lambda: jp2(Image.new("I;16", SIZE, 0x5A00)), Shown(colours=((90, 90, 90, 255),) * 4)),
    "lab": Case(lab),
}


def grid_of(count: int, edge: int) -> bytes:
    """So many tiles, each of which is the same picture anew."""
    tile = coded("plain")
    return file_of(grid(range(2, 2 + count), 1, min(256, count), (edge, edge)), *[tile] * count)


def alpha_of_alpha() -> bytes:
    """Each picture is the next one's transparency, the last one's the first."""
    kind = full(b"auxC", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
    ring = [coded("plain").having(kind) for _ in range(6)]
    return file_of(
        *(Item(each.kind, each.content, each.properties, {b"auxl": [n % 6 + 1]}) for n, each in enumerate(ring, 1))
    )


def j2k_sized(width: int, height: int, tile: tuple[int, int]) -> bytes:
    source = jp2()
    at = source.index(b"\xff\x4f\xff\x51") + 8
    source = patched(source, at, struct.pack(">6L", width, height, 0, 0, *tile))
    return patched(source, source.index(b"ihdr") + 4, struct.pack(">LL", height, width))


def j2k_coded(at: int, value: bytes) -> bytes:
    """With other bytes in what it says of its coding."""
    source = j2k_sized(7000, 7000, (7000, 7000))
    return patched(source, source.index(b"\xff\x52") + at, value)


BOMBS: Cases = {
    "heif of a huge ispe": Case(lambda: upright(ispe(30_000, 30_000)), TOO_MANY),
    "heif of an ispe of 2^64": Case(lambda: upright(ispe(0xFFFFFFFF, 0xFFFFFFFF)), TOO_MANY | CORRUPT),
    "heif of an ispe of 12 megapixels": Case(lambda: upright(ispe(4000, 3000)), CORRUPT),
    "heif of an ispe of nothing": Case(lambda: upright(ispe(0, 0)), CORRUPT),
    "heif that is larger than its ispe": Case(lambda: upright(ispe(16, 16)), CORRUPT),
    "grid of a huge canvas": Case(
        lambda: file_of(grid([2, 3], 1, 2, (40_000, 40_000)).having(ispe(64, 64)), *[coded("tile-0")] * 2), TOO_MANY
    ),
    "grid of too many tiles": Case(partial(grid_of, 20_000, 64), TOO_MANY | CORRUPT),
    "grid of a thousand tiles": Case(partial(grid_of, 900, 64), None),
    "grid of itself": Case(lambda: file_of(grid([1, 1], 1, 2, (128, 64))), UNSUPPORTED),
    "grid of nothing": Case(lambda: file_of(grid([], 1, 1, (64, 64))), CORRUPT),
    "heif of many items": Case(lambda: file_of(*[coded("tile-0")] * 2000), CORRUPT),
    "heif of rings of alpha": Case(alpha_of_alpha, None),
    "heif of many properties": Case(lambda: upright(*[box(b"abcd", struct.pack(">L", n)) for n in range(120)]), None),
    "heif of an overlay": Case(
        lambda: file_of(Item(b"iovl", bytes(14), [ispe(64, 64)], {b"dimg": [2, 2]}), coded("tile-0")), UNSUPPORTED
    ),
    "heif of JPEG": Case(lambda: file_of(Item(b"jpeg", encoded(rgb(), "JPEG"), [ispe(*SIZE)])), UNSUPPORTED),
    "heif sequence": Case(lambda: b"\0\0\0\x18ftyphevc\0\0\0\0hevcmsf1" + box(b"moov", bytes(99)), UNSUPPORTED),
    "heif of much EXIF": Case(
        lambda: file_of(coded("plain"), Item(b"Exif", bytes(12_000_000), (), {b"cdsc": [1]})), Shown(WIDE)
    ),
    "j2k huge header": Case(partial(j2k_sized, 60_000, 60_000, (60_000, 60_000)), TOO_MANY),
    "j2k of 2^64": Case(partial(j2k_sized, 0xFFFFFFFF, 0xFFFFFFFF, (0xFFFFFFFF, 0xFFFFFFFF)), TOO_MANY | CORRUPT),
    "j2k of nothing": Case(partial(j2k_sized, 0, 0, (1, 1)), CORRUPT),
    "j2k of tiles of nothing": Case(partial(j2k_sized, 48, 32, (0, 0)), CORRUPT),
    "j2k of 49 million tiles": Case(partial(j2k_sized, 7000, 7000, (1, 1)), CORRUPT),
    "j2k of 12 megapixels that are missing": Case(partial(j2k_sized, 4000, 3000, (4000, 3000)), None),
    "j2k of code-blocks of 16 pixels": Case(partial(j2k_coded, 10, b"\0\0"), CORRUPT),
    "j2k of 65,535 layers": Case(partial(j2k_coded, 6, b"\xff\xff"), CORRUPT),
    "j2k of 33 resolutions": Case(partial(j2k_coded, 9, b"\x20"), None),
    "j2k of 16,384 components": Case(lambda: patched(jp2(), jp2().index(b"\xff\x4f") + 40, b"\x40\0"), UNSUPPORTED),
    "j2k of 4 megapixels in few bytes": Case(
        lambda: jp2(Image.new("RGB", (2000, 2000), RED[:3])), Shown((2000, 2000), (RED,) * 4)
    ),
    "lab huge header": Case(partial(lab_sized, 30_000, 30_000), TOO_MANY),
    "lab of 12 megapixels that are missing": Case(partial(lab_sized, 4000, 3000), None),
}

SOURCES: dict[str, Callable[[], bytes]] = {
    **{name: partial(heic, name) for name in ("photo", "alpha", "third-of-four", "display-p3")},
    "grid": tiled,
    "jp2": jp2,
    "j2k": lambda: jp2(no_jp2=True, tile_size=(16, 16)),
    "lab": lab,
}


@cache
def whole(name: str) -> bytes:
    return SOURCES[name]()


def cut(name: str, tenths: int) -> bytes:
    return whole(name)[: len(whole(name)) * tenths // 10]


def flipped(name: str, seed: int) -> bytes:
    """A file with some of its bits turned over."""
    source, seeded = bytearray(whole(name)), random.Random(f"{name} {seed}")  # noqa: S311 - always the same
    for _ in range(seeded.choice((1, 1, 2, 8))):
        source[seeded.randrange(12, len(source))] ^= 1 << seeded.randrange(8)
    return bytes(source)


DAMAGED: Cases = {
    **{
        f"{name} cut at {tenths} tenths": Case(partial(cut, name, tenths), None)
        for name in SOURCES
        for tenths in range(10)
    },
    **{f"{name} flip {seed}": Case(partial(flipped, name, seed), None) for name in SOURCES for seed in range(FLIPS)},
}
