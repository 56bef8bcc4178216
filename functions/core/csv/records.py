"""Lines -> records: Python's csv module, and what to say and where to go on when a record is broken."""

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

from functions.core.csv.errors import CsvCode, RowError, clipped
from functions.core.csv.lines import CONTROL, MAX_RECORD, Dialect, Lines, Position, Source

MAX_CELL = 1_000_000  # characters; Excel holds 32,767, a long HTML description has some 100,000

_CONTROL = re.compile(f"[{re.escape(CONTROL.decode())}]")
_TO_CLOSING_QUOTE = re.compile(r'(?:[^"]++|"")*+"')

_MESSAGES = {
    CsvCode.UNCLOSED_QUOTE: "a quote opens on this line and does not close; close it, or write it twice",
    CsvCode.MALFORMED_QUOTE: "there is text after a closing quote; write a quote within a quoted cell twice",
    CsvCode.CELL_TOO_LARGE: f"a cell may have {MAX_CELL:,} characters, and a row {MAX_RECORD:,} bytes",
    CsvCode.CONTROL_CHARACTERS: "there are control characters in this cell",
    CsvCode.UNDECODABLE: "there are bytes that are no text in this encoding; choose another with the option encoding",
}


class Record(NamedTuple):
    """One record: the line it starts on, its cells, what is wrong with it as text, and where the next one starts.

    `suspect_column` is the index of the cell with the control characters, where that is what is wrong.
    """

    line: int
    cells: list[str]
    faults: list[RowError]
    end: Position
    suspect_column: int | None = None


def records(source: Source, dialect: Dialect, start: Position) -> Iterator[Record]:
    """Every record from `start` on, without those of only empty cells.

    After a broken record reading goes on with the next line. After an unclosed quote that is the line below the
    quote, so that one stray quote does not swallow the rest of the file. That costs no more than reading twice: a line
    within an open cell has quotes in pairs only, so that read again it leaves none open.
    """
    csv.field_size_limit(MAX_CELL)
    lines, end = Lines(source, dialect, start), start
    reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
    while (found := _next(reader, lines)) is not None:
        if dialect.is_sheet:
            lines.line = lines.first + 1
        after = Position(lines.offset, lines.line, end.row + 1)
        if isinstance(found, csv.Error):
            record = _broken(found, lines, dialect, after)
            reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
        elif any(map(str.strip, found)) or (lines.cuts and lines.is_cut()):
            clean = lines.undecodable is None and not lines.suspect
            record = Record(lines.first, found, [], after) if clean else _inspected(found, lines, after)
        else:
            continue
        if lines.cuts and lines.is_cut():
            record = record._replace(faults=[_fault(record.line, CsvCode.CELL_TOO_LARGE, record.cells[0])])
        end = record.end
        yield record


def _next(reader: Iterator[list[str]], lines: Lines) -> list[str] | csv.Error | None:
    lines.begin()
    try:
        return next(reader, None)
    except csv.Error as error:
        return error


def _inspected(cells: list[str], lines: Lines, end: Position) -> Record:
    """The record, with what is wrong with its characters."""
    faults = _undecodable(lines)
    column = next((column for column, cell in enumerate(cells) if _CONTROL.search(cell)), None)
    if column is not None and not faults:
        faults = [_control_fault(lines.first, cells[column])]
    return Record(lines.first, cells, faults, end, column)


def _undecodable(lines: Lines) -> list[RowError]:
    line = lines.undecodable
    return [] if line is None else [_fault(line, CsvCode.UNDECODABLE, lines.text()[line - lines.first])]


def _fault(line: int, code: CsvCode, value: str, hint: str = "") -> RowError:
    return RowError(line, None, code, _MESSAGES[code] + hint, clipped(value.rstrip("\r\n")))


def _control_fault(line: int, cell: str) -> RowError:
    hint = (
        ": is this UTF-16 without a byte order mark? Then choose it with the option encoding=utf-16-le"
        if "\0" in cell
        else ""
    )
    return _fault(line, CsvCode.CONTROL_CHARACTERS, cell, hint)


def _broken(error: csv.Error, lines: Lines, dialect: Dialect, end: Position) -> Record:
    """The record that the csv module stumbled over; `end` is where the module stopped."""
    text, undecodable = lines.text(), _undecodable(lines)
    code = _code(error, text, dialect.delimiter)
    if code is CsvCode.UNCLOSED_QUOTE:
        still_open = text if "end of data" in str(error) else text[:-1]
        count = _opening_line(still_open, dialect) + 1
        text = text[:count]
        lines.rewind(count)
        end = Position(lines.offset, lines.line, end.row)
    # Without regard to quotes: whatever was meant, no character is lost.
    cells = "".join(text).rstrip("\r\n").split(dialect.delimiter)
    return Record(lines.first, cells, [_fault(end.line - 1, code, text[-1]), *undecodable], end)


def _code(error: csv.Error, text: list[str], delimiter: str) -> CsvCode:
    """The error's code, from the csv module's message. It gives nothing else; tests check the words on every Python."""
    message = str(error)
    if "new-line" in message:
        return CsvCode.CONTROL_CHARACTERS
    if "end of data" in message:
        return CsvCode.UNCLOSED_QUOTE
    if "limit" in message:
        return CsvCode.UNCLOSED_QUOTE if len(text) > 1 else CsvCode.CELL_TOO_LARGE
    return CsvCode.MALFORMED_QUOTE if _closes(text, delimiter) else CsvCode.UNCLOSED_QUOTE


def _closes(text: list[str], delimiter: str) -> bool:
    """Whether the record's last line closes as it should what an earlier line opened, if any did.

    If not, text follows what seems to be the closing quote, because it opens a cell of its own: the earlier line lacks
    the closing one.
    """
    closing = _TO_CLOSING_QUOTE.match(text[-1])
    return len(text) == 1 or closing is None or text[-1].startswith(delimiter, closing.end())


def _opening_line(text: list[str], dialect: Dialect) -> int:
    """The index of the line on which the last cell began, whose quote is still open after these lines."""
    (cells,) = csv.reader(text, delimiter=dialect.delimiter)
    line_end = re.compile("\r\n|\r|\n" if dialect.newline == "\r" else "\n")
    return sum(len(line_end.findall(line)) for line in text) - len(line_end.findall(cells[-1]))
