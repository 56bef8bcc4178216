"""The object key of a picture: request, number, hash of the bytes, and the original's own name."""

import re
from hashlib import sha256
from urllib.parse import unquote, urlsplit

MAX_STEM = 100  # characters
HASH_DIGITS = 12  # hex; two attempts at one image with different bytes get different keys
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def picture_key(request_id: str, n: int, url: str, content: bytes, extension: str, *, rendition: str = "") -> str:
    """images/<request_id>/<n>-<12 hex of the sha256>/<original stem, made safe>[-<rendition>]<extension>"""
    digest = sha256(content).hexdigest()[:HASH_DIGITS]
    name = f"{safe_stem(url)}-{rendition}" if rendition else safe_stem(url)
    return f"images/{request_id}/{n}-{digest}/{name}{extension}"


def safe_stem(url: str) -> str:
    """The last part of the path without its extension, as ASCII letters, digits, dots, hyphens and underscores."""
    try:
        name = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    except ValueError:
        name = ""
    stem = name.rpartition(".")[0] or name
    return _UNSAFE.sub("-", stem)[:MAX_STEM].strip("-.") or "image"
