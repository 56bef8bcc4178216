"""A cell that lists image URLs: into its URLs, and back with others in their places.

URLs are separated by commas, semicolons, pipes or white space, but only before a scheme (http, https, s3), because
all but white space occur within URLs. `urls_of` takes nothing but URLs. `slots_of` takes what people write, and says
of each entry what was done to it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

MAX_URL = 8_192  # characters: about the longest request line that common servers (nginx, Apache, IIS) take

_WHITE = "".join(filter(str.isspace, map(chr, range(0x3001))))  # U+3000 is the last that there is
_SEPARATORS = ",;|" + _WHITE
# What web pages and chats put around a URL.
_INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060\ufeff"
_EDGES = _SEPARATORS + _INVISIBLE
MAX_BAD = 200  # characters that are kept of an entry that is no URL

_SEPARATED = re.compile(r"[\s,;|]+")
_PLAIN_URL = re.compile(r"(?:[hH][tT][tT][pP][sS]?|[sS]3)://[a-zA-Z0-9.-]+(?::[0-9]+)?(?:[/?#][^\s,;|]*)?")
_SCHEME = re.compile(r"(?:[hH][tT][tT][pP][sS]?|[sS]3)://")
_OTHER_START = re.compile(r"[,;|\s](?:[a-z][a-z0-9+.-]{0,20}:)?//", re.IGNORECASE)
_HOST = re.compile(
    r"(?:https?|s3)://(?:[^\s/?#@\\]*@)?(?:\[[0-9a-f:.]+\]|[^\s/?#@:\\\[\]<>\"'^`{|},;]+)(?::[0-9]*)?(?=[/?#]|\Z)",
    re.IGNORECASE,
)
_HAS_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
_NEXT_ENTRY = re.compile(r"[,;|]\s+")
_NO_SCHEME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::[0-9]+)?/", re.IGNORECASE)
_REASON = "not a URL that starts with http:// or https://"


class Note(StrEnum):
    """What is to be told of an entry: what was done to it, or what may be wrong with it."""

    TRIMMED = "invisible characters around them, which are left out"
    INVISIBLE = "an invisible character within, which stays"
    AMPERSAND = "&amp; within, as copied from a web page, which stays; write & if the origin refuses them"
    SCHEME = "no scheme; https: was put before them"
    BLANK = "blanks within, which are written as %20"
    BAD = "no form that can be fetched: each has its place, empty, with its error"


@dataclass(frozen=True, slots=True)
class Slot:
    """An entry of a cell: where it stands there, the URL that is fetched, and what is to be told of it."""

    start: int
    end: int
    url: str
    notes: tuple[Note, ...] = ()

    def written(self, cell: str) -> str:
        """As it stands in the cell, with an invisible character that was left out behind it."""
        return cell[self.start : self.end + _is_invisible(cell, self.end)]

    @property
    def is_good(self) -> bool:
        """Whether it can be asked for."""
        return Note.BAD not in self.notes


class NotAUrlError(ValueError):
    """A cell that is not a list of URLs: the part that is none, and why."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"{reason}: {part[:80]!r}")
        self.part = part
        self.reason = reason


def urls_of(cell: str) -> tuple[str, ...]:
    """The URLs in a cell, in order, repeated ones repeated. Raises NotAUrlError for the first part that is none."""
    plain = plain_urls_of(cell)
    return tuple(slot.url for slot in strict_slots_of(cell)) if plain is None else plain


def plain_urls_of(cell: str) -> tuple[str, ...] | None:
    """The URLs of a cell that needs no second look, as nearly every one; None for any other."""
    if not cell:
        return ()
    if len(cell) > MAX_URL or "&amp;" in cell or not (cell.isascii() or _HAS_INVISIBLE.search(cell) is None):
        return None
    parts = _SEPARATED.split(cell.strip(_SEPARATORS))
    return tuple(parts) if all(map(_PLAIN_URL.fullmatch, parts)) else None


def strict_slots_of(cell: str) -> list[Slot]:
    """As `slots_of`, but nothing is mended besides invisible characters at the ends. Raises NotAUrlError."""
    spans = list(_spans(cell))
    before = cell[: spans[0][0] if spans else len(cell)].strip(_EDGES)
    if before:
        raise NotAUrlError(before, _REASON + _hint(before))
    for start, end in spans:
        _check(cell[start:end])
    return [_slot(cell, start, end) for start, end in spans]


def slots_of(cell: str) -> list[Slot]:
    """What can be made of every entry of a cell; an entry that is no URL is a slot with `Note.BAD`."""
    spans = list(_spans(cell))
    slots = list(_others(cell, 0, spans[0][0] if spans else len(cell)))
    for start, end in spans:
        stop = _end_of_first(cell, start, end)
        stop = start + len(cell[start:stop].rstrip(_EDGES))
        slots += [_slot(cell, start, stop), *_others(cell, stop, end)]
    return slots


def with_urls(cell: str, urls: Sequence[str], outputs: Sequence[str | None]) -> str:
    """The cell, whose URLs are `urls`, with their outputs in place of those that have one.

    What separates them stays, what surrounds them goes.
    """
    pieces, done = [], 0
    for (start, end), output in zip(_places(cell, urls), outputs, strict=True):
        pieces += [cell[done:start], output or cell[start:end]]
        done = end
    return "".join(pieces).strip(_EDGES)


def _places(cell: str, urls: Sequence[str]) -> list[tuple[int, int]]:
    """Where each URL stands; one that was mended is not there as it is fetched."""
    places, done = [], 0
    for url in urls:
        start = cell.find(url, done)
        if start < 0:
            return [(slot.start, slot.end) for slot in slots_of(cell)]
        done = start + len(url)
        places.append((start, done))
    return places


def _spans(cell: str) -> Iterator[tuple[int, int]]:
    """Where each URL starts and ends."""
    schemes = (match.start() for match in _SCHEME.finditer(cell))
    starts = [start for start in schemes if start == 0 or cell[start - 1] in _EDGES]
    for start, following in pairwise([*starts, len(cell)]):
        yield start, start + len(cell[start:following].rstrip(_EDGES))


def _end_of_first(cell: str, start: int, end: int) -> int:
    """Where the URL at `start` ends, if what follows it before `end` is another entry and no part of it."""
    ends = (pattern.search(cell, start, end) for pattern in (_NEXT_ENTRY, _OTHER_START))
    return min((found.start() for found in ends if found), default=end)


def _others(cell: str, start: int, end: int) -> Iterator[Slot]:
    """The entries where no URL starts."""
    for found in re.finditer(r"[^\s,;|]+", cell[start:end]):
        text = found[0].strip(_INVISIBLE)
        if text:
            at = start + found.start() + found[0].index(text)
            yield _slot(cell, at, at + len(text))


def _slot(cell: str, start: int, end: int) -> Slot:
    """The entry as it can be fetched, or as it stands there where it cannot."""
    written = cell[start:end]
    url, notes = written, []
    if _is_invisible(cell, end) or _is_invisible(cell, start - 1):
        notes.append(Note.TRIMMED)
    if url.startswith("//"):
        url = f"https:{url}"
        notes.append(Note.SCHEME)
    if len(url.split(None, 1)) > 1:
        url = "".join("%20" if character.isspace() else character for character in url)
        notes.append(Note.BLANK)
    if _HAS_INVISIBLE.search(url):
        notes.append(Note.INVISIBLE)
    if "&amp;" in url:
        notes.append(Note.AMPERSAND)
    try:
        _check(url)
    except NotAUrlError:
        return Slot(start, end, written[:MAX_BAD], (Note.BAD,))
    return Slot(start, end, url, tuple(notes))


def _is_invisible(cell: str, at: int) -> bool:
    return 0 <= at < len(cell) and cell[at] in _INVISIBLE


def _check(url: str) -> None:
    if len(url) > MAX_URL:
        raise NotAUrlError(url, f"a URL of more than {MAX_URL:,} characters")
    other = _OTHER_START.search(url)
    if other:
        part = url[other.start() + 1 :]
        raise NotAUrlError(part, _REASON + _hint(part))
    if len(parts := url.split(None, 1)) > 1:
        raise NotAUrlError(parts[1], "white space within a URL (write it as %20), or not a URL")
    if not _HOST.match(url):
        raise NotAUrlError(url, "a URL without a proper host name" if _SCHEME.match(url) else _REASON + _hint(url))


def _hint(part: str) -> str:
    """How to mend what is nearly a URL."""
    if part.startswith("//"):
        return ' (begin it with "https:")'
    return ' (begin it with "https://")' if _NO_SCHEME.match(part) else ""
