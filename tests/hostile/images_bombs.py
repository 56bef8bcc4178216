"""Small files that would cost much: pixels, text, segments, frames, scans and strips beyond what a picture has."""

import struct
import zlib
from functools import partial

from PIL import Image

from functions.compress.codec import MAX_SOURCE_BYTES
from tests.hostile.images import (
    CORRUPT,
    NO_IMAGE,
    SIZE,
    TOO_LARGE,
    TOO_MANY,
    UNSUPPORTED,
    Case,
    Cases,
    Shown,
    bmp,
    grey_tiff,
    jpeg_with,
    png,
    png_with,
    rgb,
    riff,
    segment,
)
from tests.images import encoded, png_chunk, png_header

MANY = 60_000  # parts: more than are allowed, and each a few bytes
ANY_SIZE = 30_000  # pixels; squared, far more than are allowed


def patched(source: bytes, at: int, value: bytes) -> bytes:
    return source[:at] + value + source[at + len(value) :]


def jpeg_sized(width: int, height: int, **parameters: bool) -> bytes:
    """A small JPEG whose frame header lies."""
    source = encoded(rgb(), "JPEG", quality=95, **parameters)
    at = source.index(b"\xff\xc2" if parameters else b"\xff\xc0")
    return patched(source, at + 5, struct.pack(">HH", height, width))


def gif(width: int, height: int, frames: int, across: int = 1, down: int = 1) -> bytes:
    control, descriptor = b"!\xf9\x04\x04\x05\0\0\0", struct.pack("<HHHHB", 0, 0, across, down, 0)
    frame = control + b"," + descriptor + b"\x02\x02L\x01\0"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(range(6)) + frame * frames + b";"


def gif_with(extensions: bytes) -> bytes:
    source = encoded(rgb().quantize(8), "GIF")
    at = 13 + (3 << ((source[10] & 7) + 1))
    return source[:at] + extensions + source[at:]


def apng(frames: int, width: int = 1, height: int = 1) -> bytes:
    data = zlib.compress(bytes((width + 1) * height))
    parts, n = [png_chunk(b"acTL", struct.pack(">LL", frames, 0))], 0
    for frame in range(frames):
        parts.append(png_chunk(b"fcTL", struct.pack(">LLLLLHHBB", n, width, height, 0, 0, 1, 10, 0, 0)))
        parts.append(png_chunk(b"fdAT", struct.pack(">L", n + 1) + data) if frame else png_chunk(b"IDAT", data))
        n += 2 if frame else 1
    header = png_chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(parts) + png_chunk(b"IEND", b"")


def three(number: int) -> bytes:
    return number.to_bytes(3, "little")


def webp_canvas(width: int, height: int, frames: int) -> bytes:
    pixel = encoded(Image.new("RGB", (1, 1), "red"), "WEBP", lossless=True)[12:]
    frame = (b"ANMF", three(0) * 4 + three(10) + b"\0" + pixel)
    canvas = (b"VP8X", b"\x02\0\0\0" + three(width - 1) + three(height - 1))
    return riff([canvas, (b"ANIM", bytes(6)), *[frame] * frames])


def tiff_tile(edge: int) -> bytes:
    """A picture of 16 x 16 whose only tile has so long an edge."""
    data = zlib.compress(bytes(edge * edge), 9)
    tile = {259: (3, [8]), 322: (4, [edge]), 323: (4, [edge]), 324: (4, [8]), 325: (4, [len(data)])}
    return grey_tiff(16, 16, tile, data)


def scans(count: int, edge: int = 64) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    source = encoded(Image.new("L", (edge, edge), 9), "JPEG", progressive=True)
    last = source.rindex(b"\xff\xc4")
    return source[:-2] + source[last:-2] * count + source[-2:]


def avif_sized(width: int, height: int) -> bytes:
    source = encoded(rgb(), "AVIF", quality=90, speed=10)
    return patched(source, source.index(b"ispe") + 8, struct.pack(">LL", width, height))


def avif_hiding(edge: int) -> bytes:
    """A large picture that says of itself that it is small."""
    source = encoded(Image.new("L", (edge, edge), 9), "AVIF", quality=10, speed=10, max_threads=1)
    return patched(source, source.index(b"ispe") + 8, struct.pack(">LL", 16, 16))


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">L4s", 8 + len(content), name) + content


def avif_of_offsets(count: int) -> bytes:
    """Behind the picture a table of frames, each of which is the whole file."""
    table = box(b"stco", bytes(4) + struct.pack(">L", count) + bytes(4) * count)
    padding = box(b"free", bytes(10_000_000))
    return encoded(rgb(), "AVIF", quality=95, speed=10) + box(b"moov", table) + padding


def avif_of_extents(count: int) -> bytes:
    """Each part of its EXIF is most of the file, again and again."""
    source = encoded(rgb(), "AVIF", quality=95, speed=10, exif=b"Exif\0\0" + exif_of(1), xmp=b"x")
    at = source.index(b"iloc") - 4
    table = bytes(4) + b"\x44\x00" + struct.pack(">H", 1)
    table += struct.pack(">HHH", 2, 0, count) + struct.pack(">LL", 0, 5_000_000) * count
    return source[:at] + box(b"iloc", table) + source[at:] + box(b"free", bytes(6_000_000))


def exif_of(count: int, kind: int = 3) -> bytes:
    """EXIF whose orientation is a list."""
    return b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHLLL", 0x0112, kind, count, 26, 0) + b"\1\1" * count


def webp_with(name: bytes, data: bytes) -> bytes:
    chunk = encoded(rgb(), "WEBP", lossless=True)[12:]
    flags = {b"XMP ": 4, b"EXIF": 8, b"ICCP": 32}[name]
    canvas = b"VP8X" + struct.pack("<L", 10) + bytes((flags, 0, 0, 0)) + three(SIZE[0] - 1) + three(SIZE[1] - 1)
    extra = name + struct.pack("<L", len(data)) + data + bytes(len(data) % 2)
    body = canvas + (extra + chunk if name == b"ICCP" else chunk + extra)
    return b"RIFF" + struct.pack("<L", len(body) + 4) + b"WEBP" + body


def zeros(megabytes: int) -> bytes:
    return zlib.compress(bytes(megabytes * 1_000_000), 9)


PIXELS: Cases = {
    "png huge header": Case(lambda: png_header(ANY_SIZE, ANY_SIZE), TOO_MANY),
    "png 1 x 2^31": Case(lambda: png_header(1, (1 << 31) - 1), TOO_MANY),
    "png 2^32 wide": Case(lambda: png_header(0xFFFFFFFF, 0xFFFFFFFF), TOO_MANY | CORRUPT),
    "png between the limits": Case(lambda: png_header(10_000, 10_000), TOO_MANY),
    "png of 9 megapixels of 1 bit": Case(
        lambda: png(3000, 3000, 1, 0, bytes(376 * 3000)), Shown((3000, 3000), ((0, 0, 0, 255),) * 4)
    ),
    "png inflates to more than its rows": Case(lambda: png(16, 16, 8, 0, bytes(100_000_000)), None),
    "apng huge": Case(lambda: patched(apng(2), 16, struct.pack(">LL", ANY_SIZE, ANY_SIZE)), TOO_MANY | CORRUPT),
    "apng of too many pixels": Case(lambda: apng(20, 2400, 2400), TOO_MANY),
    "apng says a thousand million frames": Case(lambda: patched(apng(2), 41, struct.pack(">L", 1 << 30)), None),
    "jpeg huge header": Case(lambda: jpeg_sized(65_500, 65_500), TOO_MANY),
    "progressive jpeg huge header": Case(lambda: jpeg_sized(65_500, 65_500, progressive=True), TOO_MANY),
    "jpeg of 12 megapixels that are missing": Case(lambda: jpeg_sized(4000, 3000), None),
    "progressive jpeg of 12 megapixels that are missing": Case(lambda: jpeg_sized(4000, 3000, progressive=True), None),
    "gif huge canvas": Case(lambda: gif(65_535, 65_535, 1), TOO_MANY),
    "gif huge frame": Case(lambda: gif(1, 1, 1, 65_535, 65_535), TOO_MANY),
    "gif frames of a large canvas": Case(lambda: gif(5000, 5000, 5), TOO_MANY),
    "gif of many frames": Case(lambda: gif(1, 1, 12_000), TOO_MANY),
    "webp huge canvas": Case(lambda: webp_canvas(16_384, 16_384, 1), TOO_MANY | CORRUPT),
    "webp canvas of 2^48": Case(lambda: webp_canvas(1 << 24, 1 << 24, 1), TOO_MANY | CORRUPT),
    "webp frames of a large canvas": Case(lambda: webp_canvas(5000, 5000, 5), TOO_MANY),
    "webp of many frames": Case(lambda: webp_canvas(1, 1, 12_000), TOO_MANY),
    "apng of many frames": Case(lambda: apng(12_000), TOO_MANY),
    "tiff huge header": Case(lambda: grey_tiff(ANY_SIZE, ANY_SIZE, {273: (4, [8])}, bytes(64)), TOO_MANY),
    "tiff of a huge tile": Case(lambda: tiff_tile(10_000), TOO_MANY),
    "tiff of 2^62 in a tile": Case(
        lambda: grey_tiff(16, 16, {322: (4, [1 << 31]), 323: (4, [1 << 31]), 324: (4, [8])}, b"x"), TOO_MANY
    ),
    "tiff of many strips": Case(lambda: grey_tiff(1, MANY, {273: (4, [8] * MANY), 278: (4, [1])}, bytes(8)), CORRUPT),
    "tiff whose strips are bytes": Case(
        lambda: grey_tiff(1, MANY, {273: (1, [8] * MANY), 278: (4, [1])}, bytes(8)), CORRUPT
    ),
    "bmp huge header": Case(lambda: bmp(ANY_SIZE, ANY_SIZE, 24, 0, palette=b"", data=bytes(99)), TOO_MANY),
    "bmp huge negative": Case(lambda: bmp(ANY_SIZE, -ANY_SIZE, 24, 0, palette=b"", data=bytes(99)), TOO_MANY),
    "bmp 2^31 - 1": Case(lambda: bmp((1 << 31) - 1, 1, 24, 0, palette=b"", data=bytes(99)), TOO_MANY),
    "bmp of -2^31": Case(lambda: bmp(1, -(1 << 31), 24, 0, palette=b"", data=bytes(99)), TOO_MANY),
    "bmp wide and negative": Case(lambda: bmp(-16, 16, 24, 0, palette=b"", data=bytes(999)), None),
    "bmp of deltas": Case(
        lambda: bmp(3000, 3000, 8, 1, palette=bytes(1024), data=b"\0\2\xff\xff" * 50 + b"\0\1"), None
    ),
    "bmp of runs": Case(lambda: bmp(4000, 3000, 8, 1, palette=bytes(1024), data=b"\xff\1" * 50_000 + b"\0\1"), None),
    "avif huge ispe": Case(lambda: avif_sized(ANY_SIZE, ANY_SIZE), TOO_MANY | CORRUPT),
    "avif ispe of 12 megapixels": Case(lambda: avif_sized(4000, 3000), None),
    "avif ispe of 2^64": Case(lambda: avif_sized(0xFFFFFFFF, 0xFFFFFFFF), TOO_MANY | CORRUPT),
    "avif that hides its size": Case(lambda: avif_hiding(7500), None),
    "ico": Case(lambda: encoded(rgb(), "ICO"), UNSUPPORTED),
    "jpeg 2000 of 4 megapixels in few bytes": Case(
        lambda: encoded(Image.new("L", (2000, 2000), 9), "JPEG2000"), Shown((2000, 2000), ((9, 9, 9, 255),) * 4)
    ),
    "psd": Case(lambda: b"8BPS" + bytes(10) + struct.pack(">LL", ANY_SIZE, ANY_SIZE), UNSUPPORTED),
    "netpbm": Case(lambda: b"P5 60000 60000 255\n", UNSUPPORTED),
    "svg": Case(lambda: b"<svg xmlns='http://www.w3.org/2000/svg' width='99999' height='99999'/>", UNSUPPORTED),
    "svg of laughs": Case(lambda: b"<!DOCTYPE svg [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><svg>&b;</svg>", UNSUPPORTED),
    "tga": Case(lambda: encoded(rgb(), "TGA"), NO_IMAGE | UNSUPPORTED),
}

BALLAST: Cases = {
    "png of a zTXt bomb": Case(lambda: png_with(png_chunk(b"zTXt", b"key\0\0" + zeros(200)))),
    "png of an iTXt bomb": Case(lambda: png_with(png_chunk(b"iTXt", b"key\0\1\0\0\0" + zeros(200)))),
    "png of an iCCP bomb": Case(lambda: png_with(png_chunk(b"iCCP", b"key\0\0" + zeros(200)))),
    "png of many zTXt bombs": Case(
        lambda: png_with(b"".join(png_chunk(b"zTXt", b"key%d\0\0" % n + zeros(1)) for n in range(60)))
    ),
    "png of a long iTXt": Case(lambda: png_with(png_chunk(b"iTXt", b"key\0\0\0\0\0" + b"a" * 12_000_000))),
    "png of much EXIF": Case(lambda: png_with(png_chunk(b"eXIf", exif_of(6_000_000)))),
    "png of many chunks": Case(lambda: png_with(png_chunk(b"tEXt", b"a\0") * MANY), CORRUPT),
    "png of many empty IDATs": Case(lambda: png_with(png_chunk(b"IDAT", b"") * MANY), CORRUPT),
    "jpeg of 1,000 segments": Case(lambda: jpeg_with(segment(0xE5, b"anything") * 1000)),
    "jpeg of too many segments": Case(lambda: jpeg_with(segment(0xFE, b"") * MANY), CORRUPT),
    "jpeg of 20 MB of EXIF": Case(lambda: jpeg_with(segment(0xE1, b"Exif\0\0" + bytes(65_000)) * 310)),
    "jpeg of EXIF byte by byte": Case(lambda: jpeg_with(segment(0xE1, b"Exif\0\0a") * 40_000)),
    "jpeg of 16 MB of profile": Case(
        lambda: jpeg_with(b"".join(segment(0xE2, b"ICC_PROFILE\0%c\x9f" % n + bytes(65_000)) for n in range(1, 160)))
    ),
    "jpeg of fill bytes": Case(lambda: jpeg_with(b"\xff" * 2_000_000)),
    "jpeg of junk": Case(lambda: jpeg_with(segment(0xFE, b"") + b"junk" * 500_000)),
    "progressive jpeg of 90 scans": Case(lambda: scans(80), Shown((64, 64), ((9, 9, 9, 255),) * 4)),
    "progressive jpeg of too many scans": Case(lambda: scans(200), CORRUPT),
    "webp of much EXIF": Case(lambda: webp_with(b"EXIF", exif_of(6_000_000))),
    "webp of much XMP": Case(lambda: webp_with(b"XMP ", b"a" * 12_000_000)),
    "webp of a large profile": Case(lambda: webp_with(b"ICCP", b"a" * 12_000_000)),
    "gif of comments": Case(lambda: gif_with(b"!\xfe\1a\0" * MANY), CORRUPT),
    "gif of a long comment": Case(lambda: gif_with(b"!\xfe" + (b"\xff" + b"a" * 255) * 40_000 + b"\0")),
    "gif of padding": Case(lambda: gif_with(bytes(1_000_000))),
    "tiff of a long comment": Case(
        lambda: grey_tiff(16, 16, {270: (2, [97] * 5_000_000), 273: (4, [8])}, bytes(256)), Shown((16, 16), None)
    ),
    "tiff of many numbers": Case(lambda: grey_tiff(16, 16, {273: (4, [8]), 339: (3, [1] * MANY)}, bytes(256)), CORRUPT),
    "avif of much XMP": Case(lambda: encoded(rgb(), "AVIF", quality=90, speed=10, xmp=b"a" * 12_000_000)),
    "avif of many frames that are not": Case(partial(avif_of_offsets, 40_000), None),
    "avif of overlapping extents": Case(partial(avif_of_extents, 40_000), None),
    "more than 25 MiB": Case(lambda: encoded(rgb(), "JPEG") + bytes(MAX_SOURCE_BYTES), TOO_LARGE),
    "animated gif of a thousand frames": Case(lambda: gif(1, 1, 1000), Shown((1, 1), None, frames=1000)),
}
