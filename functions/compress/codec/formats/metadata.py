"""Taking the metadata out of a file without touching its pixels.

What goes: EXIF, XMP, IPTC, comments, thumbnails, whatever stands after the image, and profiles that say sRGB.
What stays: all that a viewer needs to show the same colours, the same animation, the same way up.
"""

import re
import struct
import zlib
from collections.abc import Iterator

from functions.compress.codec.formats import boxes, gif, icc

UPRIGHT = 1  # EXIF's orientation of an image that is shown as it is stored


def without_metadata(source: bytes, kind: str, orientation: int = UPRIGHT) -> bytes:
    """`source` without its metadata, of the same pixels and never longer; as it came where it cannot be parsed.

    An `orientation` other than 1 is kept, alone, in a new EXIF block. TIFF and BMP are left alone: their metadata
    is part of their structure.
    """
    strip = _STRIPPERS.get(kind)
    try:
        stripped = strip(source, orientation) if strip else source
    except (ValueError, IndexError, struct.error, zlib.error):
        return source
    return min(stripped, source, key=len)


def orientation_exif(orientation: int) -> bytes:
    """The smallest TIFF structure that holds an orientation (tag 0x0112)."""
    return b"II*\x00" + struct.pack("<LHHHLHHL", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


# A JPEG is segments up to each scan, entropy-coded bytes after it

_EOI, _SOS, _COM = 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_PROFILE_AT = 14  # where in a segment: behind a name, its number and how many there are
_JFIF_BYTES = 12  # without the thumbnail's size
_FILL = re.compile(rb"\xff+")
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")  # the next marker: not a stuffed zero, not a restart


def _jpeg(source: bytes, orientation: int) -> bytes:
    segments = list(_jpeg_segments(source))
    profile = [payload for marker, payload, _ in segments if _is_profile(marker, payload)]
    if sum(map(len, profile)) > icc.MAX_PROFILE_BYTES:
        profile = []  # nobody would apply it
    keep_profile = icc.matters(
        b"".join(part[_PROFILE_AT:] for part in sorted(profile))
    )  # which begin with their numbers
    kept: list[bytes | memoryview] = [b"\xff\xd8"]
    kept += [_jfif(payload) for marker, payload, _ in segments if _is_jfif(marker, payload)][:1]
    if orientation != UPRIGHT:
        kept.append(_segment(_APP1, b"Exif\x00\x00" + orientation_exif(orientation)))
    for marker, payload, raw in segments:
        if _jpeg_needs(marker, payload, keep_profile):
            kept.append(raw)
    return b"".join([*kept, b"\xff\xd9"])


def _jpeg_segments(source: bytes) -> Iterator[tuple[int, bytes, memoryview]]:
    """Marker, payload and all bytes of each segment between SOI and the first EOI; a scan's include its coded bytes."""
    at, whole = 2, memoryview(source)
    while at < len(source):
        if fill := _FILL.match(source, at):
            at = fill.end() - 1
        if source[at : at + 1] != b"\xff":
            raise ValueError("no marker where one must be")
        marker, length = source[at + 1], int.from_bytes(source[at + 2 : at + 4], "big")
        if marker == _EOI:
            return
        end = at + 2 + length
        payload = source[at + 4 : end]
        if marker == _SOS:
            found = _AFTER_SCAN.search(source, end)
            end = found.start() if found else len(source)
        yield marker, payload, whole[at:end]
        at = end


def _jpeg_needs(marker: int, payload: bytes, keep_profile: bool) -> bool:
    if _is_profile(marker, payload):
        return keep_profile
    if marker == _APP14:
        return payload.startswith(b"Adobe")  # says whether the components are YCCK, CMYK or RGB
    return marker != _COM and not _APP0 <= marker <= _APP15


def _is_profile(marker: int, payload: bytes) -> bool:
    return marker == _APP2 and payload.startswith(b"ICC_PROFILE\x00")


def _is_jfif(marker: int, payload: bytes) -> bool:
    return marker == _APP0 and payload.startswith(b"JFIF\x00") and len(payload) >= _JFIF_BYTES


def _jfif(payload: bytes) -> bytes:
    """It stays, since it says that the components are YCbCr; its thumbnail goes."""
    return _segment(_APP0, payload[:_JFIF_BYTES] + b"\x00\x00")


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


# A PNG is chunks

_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT cICP mDCV cLLI acTL fcTL fdAT".split()
)  # fmt: skip


def _png(source: bytes, orientation: int) -> bytes:
    kept = [source[:8]]
    for name, payload, raw in _png_chunks(source):
        if name == b"IDAT" and orientation != UPRIGHT:
            kept.append(_png_chunk(b"eXIf", orientation_exif(orientation)))
            orientation = UPRIGHT
        if name in _PNG_KEPT and (name != b"iCCP" or icc.matters(_png_profile(payload))):
            kept.append(raw)
    return b"".join(kept)


def _png_chunks(source: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    at, name = 8, b""
    while name != b"IEND":
        length, name = struct.unpack_from(">L4s", source, at)
        raw = source[at : at + 12 + length]
        if len(raw) != 12 + length:
            raise ValueError("a chunk ends after the file")
        yield name, raw[8:-4], raw
        at += len(raw)


def _png_profile(payload: bytes) -> bytes:
    name_end = payload.index(b"\x00")
    return zlib.decompressobj().decompress(payload[name_end + 2 :], icc.MAX_PROFILE_BYTES)


def _png_chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">L", len(payload)) + name + payload + struct.pack(">L", zlib.crc32(name + payload))


# A WebP is RIFF chunks

_WEBP_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"})
_ICC_FLAG, _EXIF_FLAG, _XMP_FLAG = 0x20, 0x08, 0x04


def _webp(source: bytes, orientation: int) -> bytes:
    chunks = list(_webp_chunks(source))
    kept, flags = [], 0
    for name, payload in chunks:
        if name in _WEBP_KEPT:
            kept.append((name, payload))
        elif name == b"ICCP" and icc.matters(payload):
            kept.append((name, payload))
            flags |= _ICC_FLAG
    if orientation != UPRIGHT:
        kept.append((b"EXIF", orientation_exif(orientation)))
        flags |= _EXIF_FLAG
    body = b"".join(
        _webp_chunk(name, _flagged(payload, flags) if name == b"VP8X" else payload) for name, payload in kept
    )
    return b"RIFF" + struct.pack("<L", len(body) + 4) + b"WEBP" + body


def _webp_chunks(source: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, min(len(source), 8 + int.from_bytes(source[4:8], "little"))
    while at < end:
        name, length = struct.unpack_from("<4sL", source, at)
        if at + 8 + length > end:
            raise ValueError("a chunk ends after the file")
        yield name, source[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _webp_chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<L", len(payload)) + payload + b"\x00" * (len(payload) % 2)


def _flagged(header: bytes, flags: int) -> bytes:
    return bytes([header[0] & ~(_ICC_FLAG | _EXIF_FLAG | _XMP_FLAG) | flags]) + header[1:]


def _gif(source: bytes, _orientation: int) -> bytes:
    return gif.without_metadata(source)  # it has none


def _avif(source: bytes, _orientation: int) -> bytes:
    return boxes.without_metadata(source)  # its orientation is a property of the image, which stays


_STRIPPERS = {"jpeg": _jpeg, "png": _png, "webp": _webp, "gif": _gif, "avif": _avif}
