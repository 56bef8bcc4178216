"""Bytes in any chunking -> lines of text, with the byte offset that each ends at.

All accepted encodings but UTF-16 keep the bytes of CR and LF for CR and LF, so lines are split as bytes, which is fast
and gives exact offsets. UTF-16 is turned into UTF-8 first, and offsets are counted back.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Self

BLOCK = 256 * 1024  # bytes split at once: more is not faster
MAX_RECORD = 10_000_000  # bytes of one record: what an unclosed quote can take of memory
MAX_LINES = 100_000  # of one record: many short ones take far more memory than their bytes
CUT = 1_000  # bytes kept of a line that is longer than a record may be, for its error
CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))  # never meant in a CSV, and refused by XML, JSON and Excel
TEXT_CUT_SHORT = b"\xff"  # stands for half a character at the end of UTF-16; in no encoding of a line a character

Source = Callable[[int], Iterable[bytes]]
"""Opens the CSV's bytes at a byte offset, in any chunking; at the end or beyond: nothing."""

WINDOWS_1252 = "windows-1252"
# It leaves five bytes open; browsers and Excel read them as the control characters of ISO 8859-1.
_WINDOWS_1252 = "".join(bytes([byte]).decode(WINDOWS_1252, "replace") for byte in range(256))
_WINDOWS_1252 = "".join(chr(byte) if char == "\ufffd" else char for byte, char in enumerate(_WINDOWS_1252))
_UTF8_CONTINUATIONS = bytes(range(0x80, 0xC0))
_UTF8_LEADS_OF_FOUR = bytes(range(0xF0, 0xF8))


@dataclass(frozen=True, slots=True)
class Position:
    """Where the next record starts: byte offset, line (from 1), product rows before it."""

    offset: int
    line: int
    row: int

    def to_json(self) -> list[int]:
        """The three numbers."""
        return [self.offset, self.line, self.row]

    @classmethod
    def from_json(cls, numbers: list[int]) -> Self:
        return cls(*numbers)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How bytes become cells. Lines end at LF, or at CR, LF and CRLF where `newline` is CR.

    In the CSV of a sheet every record counts as one line, whatever line ends its cells have.
    """

    encoding: str
    delimiter: str
    newline: str
    is_sheet: bool = False


class Lines:
    """Lines with their ends, one record after another.

    After each line `offset` and `line` are those of the next. `first`, `raw`, `ends` (the offset after each line) and
    `undecodable` (the first such line) are about the record that `begin` started. Once `suspect`, there may be control
    characters. Of a line that is longer than a record may be only the start and the end come; `cuts` has the number of
    bytes between them, by line.
    """

    def __init__(self, source: Source, dialect: Dialect, start: Position) -> None:
        self.offset = start.offset
        self.line = start.line
        self.suspect = False
        self.cuts: dict[int, int] = {}
        wide = dialect.encoding.startswith("utf-16")
        self._encoding = "utf-8" if wide else dialect.encoding
        self._width: Callable[[bytes], int] = _utf16_width if wide else len
        self._split = _at_any_line_end if dialect.newline == "\r" else _at_line_feeds
        blocks = _blocks(source(start.offset))
        self._fresh = self._raw_lines(_as_utf8(blocks, dialect.encoding) if wide else blocks)
        self._again: list[bytes] = []
        self.begin()

    def begin(self) -> None:
        """Forget the last record."""
        self.first = self.line
        self.raw: list[bytes] = []
        self.ends: list[int] = []
        self.undecodable: int | None = None
        self._start = self.offset

    def rewind(self, count: int) -> None:
        """Give the lines of this record again, but for the first `count`."""
        self._again += reversed(self.raw[count:])
        self.offset, self.line = self.ends[count - 1], self.first + count

    def __iter__(self) -> Iterator[str]:
        """Lines as they are asked for, until the end or until one record has too much of them."""
        width = self._width
        while not self.raw or (self.offset - self._start <= MAX_RECORD and len(self.raw) < MAX_LINES):
            raw = self._again.pop() if self._again else next(self._fresh, b"")
            if not raw:
                return
            try:
                text = raw.decode(self._encoding)
            except UnicodeDecodeError:
                text = self._decoded_anyhow(raw)
                if self._encoding != WINDOWS_1252 and self.line not in self.cuts:
                    self.undecodable = self.undecodable or self.line
            self.offset += width(raw) + (self.cuts.get(self.line, 0) if self.cuts else 0)
            self.line += 1
            self.raw.append(raw)
            self.ends.append(self.offset)
            yield text

    def is_cut(self) -> bool:
        """Whether this record has lost bytes."""
        return not self.cuts.keys().isdisjoint(range(self.first, self.line))

    def text(self) -> list[str]:
        """The lines of this record again."""
        return [self._decoded_anyhow(raw) for raw in self.raw]

    def _decoded_anyhow(self, raw: bytes) -> str:
        if self._encoding == WINDOWS_1252:
            return codecs.charmap_decode(raw, "strict", _WINDOWS_1252)[0]
        return raw.decode(self._encoding, "replace")

    def _raw_lines(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        rest = b""
        for block in blocks:
            text = rest + block
            # Sticky, because a record may lie in many blocks; it only costs a closer look at the cells.
            self.suspect = self.suspect or len(text.translate(None, CONTROL)) != len(text)
            *lines, rest = self._split(text) or [b""]  # the last may go on in the next block, if only from CR to CRLF
            yield from lines
            if len(rest) > MAX_RECORD:
                self.cuts[self.line] = self.cuts.get(self.line, 0) + self._width(rest) - self._width(rest[:CUT])
                rest = rest[:CUT]
        if rest:
            yield rest


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    gathered: list[bytes] = []
    size = 0
    for chunk in chunks:
        for start in range(0, len(chunk), BLOCK):
            gathered.append(chunk[start : start + BLOCK])
            size += len(gathered[-1])
            if size >= BLOCK:
                yield b"".join(gathered)
                gathered, size = [], 0
    yield b"".join(gathered)


def _as_utf8(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        yield TEXT_CUT_SHORT


def _utf16_width(utf8: bytes) -> int:
    """The bytes of the text in UTF-16: four for a character that takes four in UTF-8, else two."""
    characters = len(utf8.translate(None, _UTF8_CONTINUATIONS))
    large = len(utf8) - len(utf8.translate(None, _UTF8_LEADS_OF_FOUR))
    return 2 * (characters + large)


def _at_any_line_end(block: bytes) -> list[bytes]:
    return block.splitlines(keepends=True)


def _at_line_feeds(block: bytes) -> list[bytes]:
    return BytesIO(block).readlines()
