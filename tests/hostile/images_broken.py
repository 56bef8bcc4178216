"""Files that are damaged, that are two things at once, or that are not what they say."""

import os
import random
import signal
import struct
import zipfile
from functools import cache, partial
from io import BytesIO

from tests.hostile.images import CORRUPT, NO_IMAGE, UNSUPPORTED, Case, Cases, bmp, png_with, rgb, riff
from tests.hostile.images_bombs import gif_with, patched
from tests.images import SMALL, encoded, png_chunk

FLIPS = 200  # of each file
_DAMAGED = CORRUPT | NO_IMAGE


@cache
def small(name: str) -> bytes:
    return SMALL[name]()


def cut(name: str, tenths: int) -> bytes:
    return small(name)[: len(small(name)) * tenths // 10]


def first_bytes(name: str) -> bytes:
    return small(name)[:12]


def flipped(name: str, seed: int) -> bytes:
    """A file with some of its bits turned over, most often in its head."""
    source, seeded = bytearray(small(name)), random.Random(f"{name} {seed}")  # noqa: S311 - always the same
    for _ in range(seeded.choice((1, 1, 1, 4, 32))):
        within = len(source) if seeded.random() < 0.5 else min(len(source), 120)
        source[seeded.randrange(within)] ^= 1 << seeded.randrange(8)
    return bytes(source)


CUT: Cases = {
    f"{name} cut at {tenths} tenths": Case(partial(cut, name, tenths), _DAMAGED if tenths < 5 else None)
    for name in SMALL
    for tenths in range(10)
}
FLIPPED: Cases = {
    f"{name} flip {seed}": Case(partial(flipped, name, seed), None) for name in SMALL for seed in range(FLIPS)
}


# Two things at once


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("shell.php", "<?php system($_GET['c']);")
    return file.getvalue()


def jpeg() -> bytes:
    return encoded(rgb(), "JPEG", quality=95)


def gif_and_script() -> bytes:
    """`GIF89a/*` is an assignment's beginning in JavaScript, whose comment the picture is."""
    source = encoded(rgb().quantize(8), "GIF")
    return source[:-1] + b"!\xfe\x0d*/=1;alert(1)\0;" + b"*/=1;alert(1)//"


HTML = b"<!DOCTYPE html><html><body onload=alert(1)></body></html>"
DISGUISED: Cases = {
    "jpeg and zip": Case(lambda: jpeg() + zipped()),
    "png and zip": Case(lambda: encoded(rgb(), "PNG") + zipped()),
    "gif and script": Case(gif_and_script),
    "gif with a page in a comment": Case(lambda: gif_with(b"!\xfe\x19<script>alert(1)</script>\0")),
    "png and page": Case(lambda: encoded(rgb(), "PNG") + HTML),
    "png with a page in a text": Case(lambda: png_with(png_chunk(b"tEXt", b"Comment\0" + HTML))),
    "webp and page": Case(lambda: encoded(rgb(), "WEBP", lossless=True) + HTML),
    "bmp and page": Case(lambda: encoded(rgb(), "BMP") + HTML),
    "tiff and zip": Case(lambda: encoded(rgb(), "TIFF") + zipped()),
    "avif and zip": Case(lambda: encoded(rgb(), "AVIF", quality=95, speed=10) + zipped()),
    "pdf and jpeg": Case(lambda: b"%PDF-1.7\n" + jpeg(), UNSUPPORTED),
    "zip and jpeg": Case(lambda: zipped() + jpeg(), NO_IMAGE),
    "page and jpeg": Case(lambda: HTML + jpeg(), NO_IMAGE),
    "jpeg and jpeg": Case(lambda: jpeg() + jpeg()),
    "page": Case(lambda: HTML, NO_IMAGE),
    "page behind a BOM": Case(lambda: b"\xef\xbb\xbf" + HTML, NO_IMAGE),
    "svg": Case(lambda: b"<svg onload='alert(1)'/>", UNSUPPORTED),
    "svg behind a comment": Case(lambda: b"<!--" + b"x" * 3000 + b"--><svg/>", UNSUPPORTED),
    "postscript": Case(lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", UNSUPPORTED),
    "executable": Case(lambda: b"MZ" + bytes(400), NO_IMAGE),
    "wav": Case(lambda: b"RIFF\x24\0\0\0WAVEfmt ", NO_IMAGE),
    "video": Case(lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", NO_IMAGE),
    "heic's head": Case(lambda: b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", CORRUPT),
    "gif's head on a jpeg": Case(lambda: b"GIF89a" + jpeg(), CORRUPT),
    "jpeg's head on a png": Case(lambda: b"\xff\xd8\xff" + encoded(rgb(), "PNG"), CORRUPT),
    "nothing": Case(lambda: b"", NO_IMAGE),
    **{f"the byte {byte:#x}": Case(partial(bytes, (byte,)), NO_IMAGE) for byte in (0, 0x42, 0x47, 0x89, 0xFF)},
    "two bytes of a jpeg": Case(lambda: b"\xff\xd8", NO_IMAGE),
    **{f"{name}'s first 12 bytes": Case(partial(first_bytes, name), _DAMAGED) for name in SMALL},
}


# Lies


def wrong_lzw(code_size: int, data: bytes) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 16, 16, 0x80, 0, 0) + bytes(range(6))
    blocks = bytes((code_size, len(data))) + data + b"\0;"
    return head + b"," + struct.pack("<HHHHB", 0, 0, 16, 16, 0) + blocks


def riff_sized(size: int) -> bytes:
    return patched(encoded(rgb(), "WEBP", lossless=True), 4, struct.pack("<L", size))


def chunk_sized(size: int) -> bytes:
    return patched(encoded(rgb(), "WEBP", lossless=True), 16, struct.pack("<L", size))


def bmp_with(at: int, form: str, value: int) -> bytes:
    return patched(encoded(rgb(), "BMP"), at, struct.pack(form, value))


LYING: Cases = {
    **{
        f"gif of LZW codes of {bits} bits": Case(partial(wrong_lzw, bits, b"\xff" * 60), None)
        for bits in (0, 1, 8, 11, 12, 255)
    },
    "gif of empty LZW": Case(partial(wrong_lzw, 2, b""), CORRUPT),
    "gif of no frames": Case(lambda: b"GIF89a" + struct.pack("<HHBBB", 16, 16, 0x80, 0, 0) + bytes(6) + b";", CORRUPT),
    "gif of 0 x 0": Case(lambda: b"GIF89a" + bytes(7) + b"," + bytes(9) + b"\2\2L\1\0;", None),
    **{f"webp of {size} bytes": Case(partial(riff_sized, size), None) for size in (0, 4, 20, 1 << 20, 0xFFFFFFFF)},
    **{
        f"webp chunk of {size} bytes": Case(partial(chunk_sized, size), None) for size in (0, 1, 5, 1 << 20, 0xFFFFFFFF)
    },
    "webp of no chunks": Case(lambda: riff([]), CORRUPT),
    "webp of an empty VP8X": Case(lambda: riff([(b"VP8X", b"")]), CORRUPT),
    **{
        f"bmp whose pixels are at {at}": Case(partial(bmp_with, 10, "<L", at), None)
        for at in (0, 13, 1 << 20, 0xFFFFFFFF)
    },
    **{
        f"bmp of {bits} bits": Case(partial(bmp_with, 28, "<H", bits), None)
        for bits in (0, 1, 4, 8, 16, 32, 64, 65_535)
    },
    **{f"bmp of compression {way}": Case(partial(bmp_with, 30, "<L", way), None) for way in (1, 2, 3, 4, 5, 6, 99)},
    **{
        f"bmp header of {size} bytes": Case(partial(bmp_with, 14, "<L", size), None)
        for size in (0, 12, 16, 64, 108, 124, 255)
    },
    "bmp of 0 x 0": Case(lambda: bmp(0, 0, 24, 0, palette=b"", data=b""), None),
    "bmp of a palette of 2^32": Case(lambda: bmp_with(46, "<L", 0xFFFFFFFF), None),
}


def killing() -> bytes:
    """What a decoder that reads outside of its memory would do."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return b""


KILLING: Cases = {"harmless": Case(jpeg), "deadly": Case(killing)}
