"""What a decoder gets: the file without metadata, and with a limited number of parts.

Pillow keeps every comment, text and application block, and libjpeg goes over the whole picture for every scan. So a
small file of many parts could cost much memory and time.
"""

import re
import struct
import zlib
from collections.abc import Iterator

from functions.compress.codec.formats import boxes, gif, icc
from functions.compress.codec.formats.part_limit import limited
from functions.core.errors import ImageCode, PermanentError

MAX_SCANS = 100  # what libtiff allows; progressive JPEGs have 10, and each costs as much as a whole picture
_MAX_EXIF_BYTES = 65_533  # what a JPEG's segment holds
_MAX_PNG_PROFILE = 1024 * 1024  # bytes; Pillow calls a PNG damaged whose profile is larger


def stripped(source: bytes, kind: str) -> bytes:
    """What of `source` is decoded. Raises ValueError, IndexError or struct.error where it has too many parts."""
    make = _LEAN.get(kind)
    return make(source) if make else source


# A JPEG: any bytes may stand between its segments, and are passed over by decoders

_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])")  # that has a length; D9 ends the image
_EOI, _SOS, _COM, _EXIF, _PROFILE, _ADOBE = 0xD9, 0xDA, 0xFE, 0xE1, 0xE2, 0xEE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of the ways to code a picture
_BITS = 8  # of a sample; what cameras for medicine make has 12
_APPLICATIONS = range(0xE0, 0xF0)
_IN_NEED = {0xE0: b"JFIF\x00", _EXIF: b"Exif\x00\x00", _PROFILE: b"ICC_PROFILE\x00", _ADOBE: b"Adobe"}


def _jpeg(source: bytes) -> bytes:
    kept, scans, exifs, profile, first_scan = [b"\xff\xd8"], 0, 0, 0, len(source)
    for marker, start, end in limited(_jpeg_segments(source)):
        if marker == _SOS:
            first_scan = min(first_scan, start)
            scans += 1
            if scans > MAX_SCANS:
                raise ValueError(f"more than {MAX_SCANS} scans")
        elif marker in _FRAMES and source[start + 4] != _BITS:
            raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, f"a JPEG of {source[start + 4]} bits")
        elif not scans and _in_need(marker, source[start + 4 : start + 16]):
            exifs += marker == _EXIF
            profile += (end - start) * (marker == _PROFILE)
            if (marker != _EXIF or exifs == 1) and (marker != _PROFILE or profile <= icc.MAX_PROFILE_BYTES):
                kept.append(source[start:end])
    return b"".join([*kept, memoryview(source)[first_scan:]])


def _in_need(marker: int, payload: bytes) -> bool:
    if marker == _COM or marker in _APPLICATIONS:
        return marker in _IN_NEED and payload.startswith(_IN_NEED[marker])
    return True


def _jpeg_segments(source: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment of the first image."""
    at = 2
    while found := _MARKER.search(source, at):
        marker, start = source[found.end() - 1], found.end() - 2
        if marker == _EOI:
            return
        at = start + 2 + max(2, int.from_bytes(source[start + 2 : start + 4], "big"))
        yield marker, start, at


# A PNG

_PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})


def _png(source: bytes) -> bytes:
    kept, at = [], 0
    for name, start, end in limited(_png_chunks(source)):
        if _is_ballast(name, source[start + 8 : end - 4]):
            kept.append(source[at:start])
            at = end
    return b"".join(kept) + source[at:] if kept else source


def _is_ballast(name: bytes, payload: bytes) -> bool:
    if name == b"iCCP":
        return _is_bomb(payload)
    return name in _PNG_TEXTS or (name == b"eXIf" and len(payload) > _MAX_EXIF_BYTES)


def _png_chunks(source: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each chunk that is whole."""
    at = 8
    while (end := at + 12 + int.from_bytes(source[at : at + 4], "big")) <= len(source):
        yield source[at + 4 : at + 8], at, end
        at = end


def _is_bomb(payload: bytes) -> bool:
    """Whether a profile is larger than Pillow allows. Such a profile is left out, like a broken one."""
    inflater = zlib.decompressobj()
    try:
        return len(inflater.decompress(payload[payload.find(b"\x00") + 2 :], _MAX_PNG_PROFILE + 1)) > _MAX_PNG_PROFILE
    except zlib.error:
        return False


# A WebP: its chunks stay where they are, under a name that is passed over


def _webp(source: bytes) -> bytes:
    made = bytearray(source)
    for name, start, length in limited(_webp_chunks(source)):
        if name == b"XMP " or (name == b"EXIF" and length > _MAX_EXIF_BYTES):
            made[start : start + 4] = b"skip"
    return bytes(made) if made != source else source


def _webp_chunks(source: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and length of each chunk."""
    at = 12
    while at + 8 <= len(source):
        name, length = struct.unpack_from("<4sL", source, at)
        yield name, at, length
        at += 8 + length + length % 2


def _avif_or_heif(source: bytes) -> bytes:
    """Without EXIF, whose orientation counts for nothing there: the picture's own properties say how it is turned."""
    try:
        return boxes.without_metadata(source)
    except (ValueError, IndexError, struct.error):  # with none, or for the decoder to judge
        return source


_LEAN = {
    "jpeg": _jpeg,
    "png": _png,
    "gif": gif.without_metadata,
    "webp": _webp,
    "avif": _avif_or_heif,
    "heif": _avif_or_heif,
}
