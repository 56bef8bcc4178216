"""A cell that lists image URLs: into its URLs, and back with others in their places.

URLs are separated by commas, semicolons, pipes or white space, but only before `http://` or `https://`, because all
but white space occur within URLs.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

MAX_URL = 8_192  # characters: about the longest request line that common servers (nginx, Apache, IIS) take

_WHITE = "".join(filter(str.isspace, map(chr, range(0x3001))))  # U+3000 is the last that there is
_SEPARATORS = ",;|" + _WHITE

_SEPARATED = re.compile(r"[\s,;|]+")
_PLAIN_URL = re.compile(r"[hH][tT][tT][pP][sS]?://[a-zA-Z0-9.-]+(?::[0-9]+)?(?:[/?#][^\s,;|]*)?")
_SCHEME = re.compile(r"[hH][tT][tT][pP][sS]?://")
_OTHER_START = re.compile(r"[,;|\s](?:[a-z][a-z0-9+.-]{0,20}:)?//", re.IGNORECASE)
_HOST = re.compile(
    r"https?://(?:[^\s/?#@\\]*@)?(?:\[[0-9a-f:.]+\]|[^\s/?#@:\\\[\]<>\"'^`{|},;]+)(?::[0-9]*)?(?=[/?#]|\Z)",
    re.IGNORECASE,
)


class NotAUrlError(ValueError):
    """A cell that is not a list of URLs: the part that is none, and why."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"{reason}: {part[:80]!r}")
        self.part = part
        self.reason = reason


def urls_of(cell: str) -> tuple[str, ...]:
    """The URLs in a cell, in order, repeated ones repeated. Raises NotAUrlError for the first part that is none."""
    if not cell:
        return ()
    parts = _SEPARATED.split(cell.strip(_SEPARATORS)) if len(cell) <= MAX_URL else []
    if parts and all(map(_PLAIN_URL.fullmatch, parts)):  # nearly every cell is that simple
        return tuple(parts)
    spans = list(_spans(cell))
    before = cell[: spans[0][0] if spans else len(cell)].strip(_SEPARATORS)
    if before:
        raise NotAUrlError(before, "not a URL that starts with http:// or https://")
    return tuple(_checked(cell[start:end]) for start, end in spans)


def with_urls(cell: str, urls: Sequence[str], outputs: Sequence[str | None]) -> str:
    """The cell, whose URLs are `urls`, with their outputs in place of those that have one.

    What separates them stays, what surrounds them goes.
    """
    cell = cell.strip(_SEPARATORS)
    pieces, done = [], 0
    for url, output in zip(urls, outputs, strict=True):
        start = cell.index(url, done)
        pieces += [cell[done:start], output or url]
        done = start + len(url)
    return "".join(pieces)


def _spans(cell: str) -> Iterator[tuple[int, int]]:
    """Where each URL starts and ends."""
    schemes = (match.start() for match in _SCHEME.finditer(cell))
    starts = [start for start in schemes if start == 0 or cell[start - 1] in _SEPARATORS]
    for start, following in pairwise([*starts, len(cell)]):
        yield start, start + len(cell[start:following].rstrip(_SEPARATORS))


def _checked(url: str) -> str:
    if len(url) > MAX_URL:
        raise NotAUrlError(url, f"a URL of more than {MAX_URL:,} characters")
    other = _OTHER_START.search(url)
    if other:
        raise NotAUrlError(url[other.start() + 1 :], "not a URL that starts with http:// or https://")
    if len(parts := url.split(None, 1)) > 1:
        raise NotAUrlError(parts[1], "white space within a URL (write it as %20), or not a URL")
    if not _HOST.match(url):
        raise NotAUrlError(url, "a URL without a proper host name")
    return url
