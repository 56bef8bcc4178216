"""Honest files of every unusual kind: the picture must come out as it was meant."""

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops, ImageCms

from functions.core.options import Format, ImageOptions
from tests.hostile.images import (
    BLUE,
    CLEAR,
    COLOURS,
    CORRUPT,
    GREEN,
    RED,
    SIZE,
    UNSUPPORTED,
    YELLOW,
    Case,
    Cases,
    Colour,
    Shown,
    grey_tiff,
    png,
    png_with,
    quadrants,
    rgb,
    segment,
    tiff,
)
from tests.hostile.images_bombs import patched, webp_with
from tests.images import _profile, _xyz, cmyk_profile_of_greys, encoded, orientation_exif, png_chunk, rgb_profile

WIDTH, HEIGHT = SIZE
ANY = Shown(colours=None)
DISPLAY_P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))  # under D50
PROPHOTO = ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249))
_CUT_OUT = (RED, GREEN, BLUE, CLEAR)
GREYS = tuple((level, level, level, 255) for level in (10, 90, 170, 250))


def greys() -> Image.Image:
    return quadrants(GREYS).convert("L")


def lossless(kind: str) -> dict[str, Any]:
    told: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 95},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 95, "speed": 10},
    }
    return told.get(kind, {})


def lying(kind: str, orientation: int) -> bytes:
    """Stored so that the orientation makes it stand upright."""
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transpositions, the inverse of each
    picture = rgb().transpose(Image.Transpose(back[orientation])) if orientation in back else rgb()
    return encoded(picture, kind, exif=orientation_exif(orientation), **lossless(kind))


def ascii_orientation() -> bytes:
    return b"Exif\0\0II*\0" + struct.pack("<LHHHL4sL", 8, 1, 0x0112, 2, 2, b"6\0\0\0", 0)


def ycck() -> bytes:
    """The inks as YCCK, which Adobe's mark tells."""
    cyan, magenta, yellow, black = rgb().convert("CMYK").split()
    components = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    picture = Image.merge("CMYK", (*map(ImageChops.invert, components), black))
    source = encoded(picture, "JPEG", quality=95)
    return patched(source, source.index(b"Adobe") + 11, b"\2")


def without_segment(source: bytes, start: bytes) -> bytes:
    at = source.index(start)
    return source[:at] + source[at + 2 + int.from_bytes(source[at + 2 : at + 4], "big") :]


def sof(marker: int, **parameters: Any) -> bytes:
    """A JPEG that says to be coded in another way."""
    source = encoded(rgb(), "JPEG", quality=95, **parameters)
    return patched(source, source.index(b"\xff\xc0" if not parameters else b"\xff\xc2") + 1, bytes((marker,)))


def twelve_bits() -> bytes:
    source = sof(0xC1)
    return patched(source, source.index(b"\xff\xc1") + 4, b"\x0c")


def dnl() -> bytes:
    """The height is told behind the scan."""
    source = encoded(rgb(), "JPEG", quality=95)
    source = patched(source, source.index(b"\xff\xc0") + 5, b"\0\0")
    return source[:-2] + segment(0xDC, struct.pack(">H", HEIGHT)) + source[-2:]


def without_restarts() -> bytes:
    source = encoded(rgb(), "JPEG", quality=95, restart_marker_blocks=1)
    at = source.index(b"\xff\xda")
    scan = source[at:]
    for n in range(8):
        scan = scan.replace(bytes((0xFF, 0xD0 + n)), b"")
    return source[:at] + scan


JPEGS: Cases = {f"jpeg orientation {n}": Case(partial(lying, "JPEG", n)) for n in range(10)} | {
    "jpeg orientation 65535": Case(partial(lying, "JPEG", 65_535)),
    "jpeg orientation as text": Case(lambda: encoded(rgb(), "JPEG", quality=95, exif=ascii_orientation())),
    "cmyk": Case(lambda: encoded(rgb().convert("CMYK"), "JPEG", quality=95)),
    "cmyk without Adobe's mark": Case(
        lambda: without_segment(encoded(rgb().convert("CMYK"), "JPEG", quality=95), b"\xff\xee")
    ),
    "cmyk by its profile": Case(
        lambda: encoded(Image.new("CMYK", SIZE, (0, 255, 0, 0)), "JPEG", icc_profile=cmyk_profile_of_greys()),
        Shown(colours=None),
    ),
    "ycck": Case(ycck),
    "grey": Case(lambda: encoded(greys(), "JPEG", quality=95), Shown(colours=GREYS)),
    "progressive": Case(lambda: encoded(rgb(), "JPEG", quality=95, progressive=True)),
    "restart markers": Case(lambda: encoded(rgb(), "JPEG", quality=95, restart_marker_blocks=1)),
    "restart markers missing": Case(without_restarts, None),
    "4:4:4": Case(lambda: encoded(rgb(), "JPEG", quality=95, subsampling="4:4:4")),
    "RGB components": Case(lambda: encoded(rgb(), "JPEG", quality=95, keep_rgb=True)),
    "without JFIF": Case(lambda: without_segment(encoded(rgb(), "JPEG", quality=95), b"\xff\xe0")),
    "12 bits": Case(twelve_bits, UNSUPPORTED),
    "lossless by its header": Case(partial(sof, 0xC3), None),
    "arithmetic by its header": Case(partial(sof, 0xC9), None),
    "arithmetic and progressive by its header": Case(partial(sof, 0xCA, progressive=True), None),
    "hierarchical by its header": Case(partial(sof, 0xC5), UNSUPPORTED | CORRUPT),
    "height behind the scan": Case(dnl, CORRUPT),
    "without EOI": Case(lambda: encoded(rgb(), "JPEG", quality=95)[:-2], None),
    "mpo": Case(lambda: encoded(rgb(), "MPO", save_all=True, append_images=[greys().convert("RGB")], quality=95)),
    "1 x 1": Case(lambda: encoded(Image.new("RGB", (1, 1), RED[:3]), "JPEG"), Shown((1, 1), (RED,) * 4)),
    "1 x 65500": Case(lambda: encoded(Image.new("L", (1, 65_500), 90), "JPEG"), Shown((1, 65_500), (GREYS[1],) * 4)),
    "65500 x 1": Case(lambda: encoded(Image.new("L", (65_500, 1), 90), "JPEG"), Shown((65_500, 1), (GREYS[1],) * 4)),
}


# Every PNG: colour type, bits, interlace, transparency, and what its numbers mean

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_ENCODINGS = {
    "plain": b"",
    "gAMA": png_chunk(b"gAMA", struct.pack(">L", 45_455)),
    "linear gAMA": png_chunk(b"gAMA", struct.pack(">L", 100_000)),
    "cHRM": png_chunk(b"cHRM", struct.pack(">8L", 31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)),
    "sRGB": png_chunk(b"sRGB", b"\0"),
    "cICP of sRGB": png_chunk(b"cICP", bytes((1, 13, 0, 1))),
    "cICP of Display P3": png_chunk(b"cICP", bytes((12, 13, 0, 1))),
}
_ROOM = png_chunk(b"tEXt", b"Comment\0" + bytes(range(1, 200)) * 9)  # or the source would be the smaller one
_MEANS_OTHER_COLOURS = {"linear gAMA", "cICP of Display P3"}


def _samples(colour_type: int, depth: int) -> list[tuple[int, ...]]:
    """Of each quadrant."""
    most = (1 << depth) - 1
    if colour_type == 3:
        return [(n & most,) for n in range(4)]
    if colour_type in (0, 4):
        levels: list[tuple[int, ...]] = [(round(grey[0] / 255 * most),) for grey in GREYS]
        return [(*level, most) for level in levels[:3]] + [(levels[3][0], 0)] if colour_type == 4 else levels
    deep = [tuple(value * most // 255 for value in colour) for colour in COLOURS]
    deep[3] = tuple(max(0, value - 99) if depth == 16 else value for value in deep[3])  # no byte is like the other
    return [colour[:3] for colour in deep] if colour_type == 2 else [*deep[:3], (0, 0, 0, 0)]


def _meant(colour_type: int, depth: int, keyed: bool) -> tuple[Colour, ...]:
    samples, most = _samples(colour_type, depth), (1 << depth) - 1
    colours: list[Colour] = []
    for sample in samples:
        if colour_type == 3:
            colour = COLOURS[sample[0]]
        else:
            level = [value * 255 // most for value in sample]
            red, green, blue = level[:3] if colour_type in (2, 6) else level[:1] * 3
            colour = (red, green, blue, level[-1] if colour_type in (4, 6) else 255)
        is_clear = keyed and sample == samples[3]
        colours.append(CLEAR if is_clear else colour)
    return tuple(colours)


def _packed(row: list[tuple[int, ...]], depth: int) -> bytes:
    values = [value for sample in row for value in sample]
    if depth == 16:
        return struct.pack(f">{len(values)}H", *values)
    bits = "".join(f"{value:0{depth}b}" for value in values)
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def _scanlines(samples: list[tuple[int, ...]], depth: int, interlaced: bool) -> bytes:
    lines = b""
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        for y in range(top, HEIGHT, down):
            row = [samples[(y * 2 // HEIGHT) * 2 + x * 2 // WIDTH] for x in range(left, WIDTH, across)]
            lines += b"\0" + _packed(row, depth)
    return lines


def png_of(colour_type: int, depth: int, interlaced: bool, keyed: bool, extra: bytes) -> bytes:
    samples = _samples(colour_type, depth)
    if colour_type == 3:
        colours = COLOURS[: 1 << depth]
        extra += png_chunk(b"PLTE", b"".join(bytes(colour[:3]) for colour in colours))
        extra += png_chunk(b"tRNS", b"\xff" * (len(colours) - 1) + b"\0") if keyed else b""
    elif keyed:
        extra += png_chunk(b"tRNS", struct.pack(f">{len(samples[3])}H", *samples[3]))
    return png(
        WIDTH,
        HEIGHT,
        depth,
        colour_type,
        _scanlines(samples, depth, interlaced),
        interlaced=int(interlaced),
        extra=extra,
    )


def _variety() -> Iterator[tuple[str, Case]]:
    for colour_type, depths in _DEPTHS.items():
        for depth in depths:
            for keyed in (False, True) if colour_type in (0, 2, 3) else (False,):
                meant = _meant(colour_type, depth, keyed)
                for interlaced in (False, True):
                    for name, extra in _ENCODINGS.items():
                        shown = Shown(colours=None if name in _MEANS_OTHER_COLOURS else meant)
                        said = f"type {colour_type}, {depth} bits, {interlaced=}, {keyed=}, {name}"
                        made = partial(png_of, colour_type, depth, interlaced, keyed, extra + _ROOM)
                        yield said, Case(made, shown, ImageOptions(format=Format.WEBP, quality=95))


VARIETY: Cases = dict(_variety())

PNGS: Cases = {f"png orientation {n}": Case(partial(lying, "PNG", n)) for n in range(10)} | {
    "png orientation as text": Case(lambda: encoded(rgb(), "PNG", exif=ascii_orientation())),
    "LA": Case(
        lambda: encoded(quadrants((*GREYS[:3], CLEAR)).convert("LA"), "PNG"), Shown(colours=(*GREYS[:3], CLEAR))
    ),
    "alpha": Case(lambda: encoded(quadrants(_CUT_OUT), "PNG"), Shown(colours=_CUT_OUT)),
    "half clear": Case(
        lambda: encoded(quadrants((RED, GREEN, BLUE, (230, 210, 40, 128))), "PNG"),
        Shown(colours=(RED, GREEN, BLUE, (230, 210, 40, 128))),
    ),
    "alpha as jpeg": Case(
        lambda: encoded(quadrants(_CUT_OUT), "PNG", compress_level=0),
        Shown(colours=(RED, GREEN, BLUE, (255, 255, 255, 255))),
        ImageOptions(format=Format.JPEG),
    ),
    "0 x 0": Case(lambda: png(0, 0, 8, 2, b""), CORRUPT),
    "0 x 9": Case(lambda: png(0, 9, 8, 2, b""), CORRUPT),
    "1 x 1": Case(lambda: png(1, 1, 8, 0, b"\0\x5a"), Shown((1, 1), (GREYS[1],) * 4)),
    "1 x 65500": Case(lambda: png(1, 65_500, 8, 0, b"\0\x5a" * 65_500), Shown((1, 65_500), (GREYS[1],) * 4)),
    "70000 x 1": Case(lambda: png(70_000, 1, 8, 6, b"\0" + bytes(RED) * 70_000), Shown((65_500, 1), (RED,) * 4)),
    "3 bits": Case(lambda: png(WIDTH, HEIGHT, 3, 0, bytes(999)), CORRUPT),
    "no palette": Case(lambda: png(WIDTH, HEIGHT, 8, 3, bytes(49 * 32)), None),
    "wrong check sum": Case(lambda: png_with(png_chunk(b"gAMA", bytes(4))[:-1] + b"?"), None),
    "no IEND": Case(lambda: encoded(rgb(), "PNG")[:-12], None),
    "unknown critical chunk": Case(lambda: png_with(png_chunk(b"NEED", b"")), None),
}


def sixteen(picture: Image.Image) -> bytes:
    return b"".join(struct.pack("<H", value * 257) for value in picture.convert("RGB").tobytes())


def rgb_tiff(depth: int, data: bytes) -> bytes:
    tags = {256: (4, [WIDTH]), 257: (4, [HEIGHT]), 258: (3, [depth] * 3), 259: (3, [1]), 262: (3, [2]), 273: (4, [8])}
    return tiff(tags | {277: (3, [3]), 278: (4, [HEIGHT]), 279: (4, [len(data)])}, data)


def deep_grey() -> Image.Image:
    return Image.frombytes("I;16", SIZE, b"".join(struct.pack("<H", value * 257) for value in greys().tobytes()))


def looping_tiff(next_at: int) -> bytes:
    source = grey_tiff(WIDTH, HEIGHT, {273: (4, [8]), 278: (4, [HEIGHT])}, greys().tobytes())
    return source[:-4] + struct.pack("<L", next_at)


def exif_that_loops() -> bytes:
    where = 8 + WIDTH * HEIGHT  # the directory's own place
    return grey_tiff(WIDTH, HEIGHT, {273: (4, [8]), 278: (4, [HEIGHT]), 0x8769: (4, [where])}, greys().tobytes())


def top_down_bmp() -> bytes:
    source = encoded(rgb().transpose(Image.Transpose.FLIP_TOP_BOTTOM), "BMP")
    return patched(source, 22, struct.pack("<l", -HEIGHT))


NONSENSE = struct.pack("<4f", *map(float, ("nan", "inf", "-inf", "1")))
_TIFFS: dict[str, dict[str, Any]] = {
    "raw": {"compression": "raw"},
    "lzw": {"compression": "tiff_lzw"},
    "deflate": {"compression": "tiff_adobe_deflate"},
    "packbits": {"compression": "packbits"},
    "jpeg": {"compression": "jpeg", "quality": 95},
}
OTHERS: Cases = (
    {f"{kind} orientation {n}": Case(partial(lying, kind, n)) for kind in ("WEBP", "TIFF") for n in range(10)}
    | {f"tiff of {name}": Case(partial(encoded, rgb(), "TIFF", **told)) for name, told in _TIFFS.items()}
    | {
        f"{kind} {mode}": Case(partial(encoded, quadrants().convert(mode), kind), Shown())
        for kind, mode in (
            ("TIFF", "RGBA"),
            ("TIFF", "P"),
            ("TIFF", "CMYK"),
            ("BMP", "RGB"),
            ("BMP", "P"),
            ("GIF", "P"),
        )
    }
    | {
        "tiff of 16 bits": Case(lambda: rgb_tiff(16, sixteen(rgb()))),
        "tiff of 16 bits of grey": Case(lambda: encoded(deep_grey(), "TIFF"), Shown(colours=GREYS)),
        "tiff of 32 bits": Case(lambda: encoded(greys().convert("I"), "TIFF"), Shown(colours=GREYS)),
        "tiff of floats": Case(lambda: encoded(greys().convert("F"), "TIFF"), Shown(colours=GREYS)),
        "tiff of nonsense floats": Case(
            lambda: encoded(Image.frombytes("F", (2, 2), NONSENSE), "TIFF"),
            Shown((2, 2), None),
        ),
        "tiff of 1 bit": Case(lambda: encoded(greys().convert("1", dither=Image.Dither.NONE), "TIFF"), ANY),
        "tiff in Lab": Case(lambda: encoded(rgb().convert("LAB"), "TIFF")),
        "tiff of a group 4 fax": Case(
            lambda: encoded(greys().convert("1", dither=Image.Dither.NONE), "TIFF", compression="group4"), ANY
        ),
        "tiff whose directories loop": Case(lambda: looping_tiff(8 + WIDTH * HEIGHT), Shown(colours=GREYS)),
        "tiff whose next directory is the data": Case(lambda: looping_tiff(8), Shown(colours=GREYS)),
        "tiff whose EXIF is itself": Case(exif_that_loops, None),
        "tiff of two pages": Case(lambda: encoded(rgb(), "TIFF", save_all=True, append_images=[greys()])),
        "big tiff": Case(lambda: encoded(rgb(), "TIFF", big_tiff=True)),
        "1 x 1 gif": Case(lambda: encoded(Image.new("L", (1, 1), 90), "GIF"), Shown((1, 1), (GREYS[1],) * 4)),
        "clear gif": Case(lambda: encoded(quadrants(_CUT_OUT), "GIF"), Shown(colours=_CUT_OUT)),
        "bmp top down": Case(top_down_bmp),
        "bmp of RLE": Case(lambda: encoded(rgb().quantize(4), "BMP"), Shown()),
        "webp with alpha": Case(
            lambda: encoded(quadrants(_CUT_OUT), "WEBP", lossless=True),
            Shown(colours=_CUT_OUT),
        ),
        "lossy webp": Case(lambda: encoded(rgb(), "WEBP", quality=95)),
        "avif": Case(lambda: encoded(rgb(), "AVIF", quality=95, speed=10)),
        "avif with alpha": Case(
            lambda: encoded(quadrants(_CUT_OUT), "AVIF", quality=95, speed=10),
            Shown(colours=_CUT_OUT),
        ),
    }
    | {f"avif orientation {n}": Case(partial(lying, "AVIF", n)) for n in range(1, 9)}
)


# Profiles


def in_profile(profile: bytes) -> Image.Image:
    """The picture's colours in the numbers of that profile."""
    wide = ImageCms.profileToProfile(rgb(), ImageCms.createProfile("sRGB"), BytesIO(profile))
    assert wide is not None
    return wide


def meant_in(kind: str, name: str) -> Shown:
    """ProPhoto's numbers lie so close together that what a lossy format changes of them is seen."""
    return Shown(tolerance=40 if (kind, name) == ("AVIF", "ProPhoto") else 16)


def table_profile() -> bytes:
    """Of a table, as XYB's and printers' are: every colour is the grey of its strongest channel."""
    line, identity = bytes(range(256)), struct.pack(">9l", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    corners = b"".join(bytes((255 if corner else 0, 128, 128)) for corner in range(8))
    table = b"mft1" + bytes(4) + bytes((3, 3, 2, 0)) + identity + line * 3 + corners + line * 3
    description = b"desc" + bytes(4) + struct.pack(">L", 6) + b"table\0" + bytes(78)
    return _profile(b"RGB ", b"Lab ", {b"desc": description, b"wtpt": _xyz((0.9642, 1.0, 0.8249)), b"A2B0": table})


def with_profile(kind: str, profile: Callable[[], bytes], *, fitting: bool) -> bytes:
    picture = in_profile(profile()) if fitting else rgb()
    if kind == "TIFF":
        return encoded(picture, kind, icc_profile=profile())
    return encoded(picture, kind, icc_profile=profile(), **lossless(kind))


_WIDE = {
    "Display P3": partial(rgb_profile, "Display P3", DISPLAY_P3),
    "ProPhoto": partial(rgb_profile, "ProPhoto RGB", PROPHOTO),
}
_USELESS: dict[str, Callable[[], bytes]] = {
    "a broken profile": lambda: rgb_profile("cut")[:200],
    "a profile of zeros": lambda: bytes(500),
    "a profile of inks": cmyk_profile_of_greys,
    "a profile that says to be in Lab": lambda: rgb_profile("Lab").replace(b"RGB XYZ ", b"Lab XYZ ", 1),
    "a profile of false offsets": lambda: patched(rgb_profile("far"), 160, b"\xff" * 8),
}
_KINDS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")
PROFILES: Cases = (
    {
        f"{kind} in {name}": Case(partial(with_profile, kind, profile, fitting=True), meant_in(kind, name))
        for kind in _KINDS
        for name, profile in _WIDE.items()
    }
    | {
        f"{kind} with {name}": Case(partial(with_profile, kind, profile, fitting=False))
        for kind in _KINDS
        for name, profile in _USELESS.items()
    }
    | {f"{kind} by a table": Case(partial(with_profile, kind, table_profile, fitting=False), ANY) for kind in _KINDS}
    | {
        "webp whose profile is text": Case(lambda: webp_with(b"ICCP", b"no profile")),
        "png whose profile is not compressed": Case(lambda: png_with(png_chunk(b"iCCP", b"k\0\0plain")), None),
        "png whose profile has no name": Case(lambda: png_with(png_chunk(b"iCCP", zlib.compress(b"a" * 999))), None),
    }
)


# Animations


def moving(kind: str, count: int = 3, **told: Any) -> bytes:
    """Its first frame is the picture, the others have it turned round."""
    first = quadrants()
    others = [quadrants((YELLOW, BLUE, GREEN, (220 - 60 * n, 30, 30, 255))) for n in range(count - 1)]
    return encoded(first, kind, save_all=True, append_images=others, duration=50, **told)


def clearing(kind: str, **told: Any) -> bytes:
    first, second = quadrants(_CUT_OUT), quadrants((CLEAR, GREEN, BLUE, YELLOW))
    return encoded(first, kind, save_all=True, append_images=[second], duration=50, **told)


_CLEARED = Shown(colours=_CUT_OUT, frames=2)
ANIMATIONS: Cases = (
    {
        f"{kind} to {asked}": Case(partial(moving, kind), Shown(frames=3), ImageOptions(format=asked))
        for kind in ("GIF", "PNG", "WEBP")
        for asked in (Format.KEEP, Format.WEBP)
    }
    | {
        f"clear gif, disposal {disposal}": Case(partial(clearing, "GIF", disposal=disposal), _CLEARED)
        for disposal in range(4)
    }
    | {
        f"clear apng, disposal {disposal}, blend {blend}": Case(
            partial(clearing, "PNG", disposal=disposal, blend=blend), _CLEARED
        )
        for disposal in range(3)
        for blend in range(2)
    }
    | {
        "avif": Case(partial(moving, "AVIF", speed=10), Shown(frames=3, tolerance=40)),
        "clear webp": Case(partial(clearing, "WEBP", lossless=True), _CLEARED),
        "gif as jpeg": Case(partial(moving, "GIF"), None, ImageOptions(format=Format.JPEG)),
        "gif of a second frame outside": Case(partial(moving, "GIF", 2), Shown(frames=2)),
    }
)
