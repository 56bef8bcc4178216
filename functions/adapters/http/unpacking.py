"""Undoes gzip and deflate that an origin uses without being asked. Browsers show such pictures, too."""

import zlib

from functions.core.errors import ImageCode, PermanentError

MAX_CODINGS = 2  # of one body; more are no mistake of a server
_GZIP, _ZLIB, _RAW = 31, 15, -15  # zlib's wbits
_WINDOWS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}  # RFC 9110, 8.4.1; some send bare deflate


def codings_of(header: str) -> list[str]:
    """The codings of a Content-Encoding that can be undone, the last one first; none where one of them cannot."""
    codings = [coding for each in header.lower().split(",") if (coding := each.strip()) not in {"", "identity"}]
    return codings[::-1] if len(codings) <= MAX_CODINGS and all(each in _WINDOWS for each in codings) else []


def unpacked(content: bytes, codings: list[str], max_bytes: int) -> bytes:
    """The body before it was packed. A body that is not packed, or is cut off, is returned as it is.

    Raises PermanentError: too_large beyond `max_bytes`. It never unpacks more than that.
    """
    for coding in codings:
        content = _without(content, coding, max_bytes)
    return content


def _without(content: bytes, coding: str, max_bytes: int) -> bytes:
    for window in _WINDOWS[coding]:
        inflate = zlib.decompressobj(window)
        try:
            plain = inflate.decompress(content, max_bytes + 1)
        except zlib.error:  # a false label, or another way of saying deflate
            continue
        if len(plain) > max_bytes:
            raise PermanentError(ImageCode.TOO_LARGE, f"more than {max_bytes} bytes, unpacked")
        if inflate.eof:
            return plain
    return content
