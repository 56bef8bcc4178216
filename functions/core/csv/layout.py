"""How a CSV is laid out, from its first bytes: encoding, delimiter, line ends, header, columns."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any, NamedTuple, Self

from functions.core.csv.columns import Columns, check_columns, known_columns
from functions.core.csv.errors import CsvCode, InvalidCsvError, clipped, refusal
from functions.core.csv.lines import WINDOWS_1252, Dialect, Position, Source
from functions.core.csv.records import Record, records
from functions.core.csv.sniff import encoding_of, refuse_other_kinds
from functions.core.options import CsvOptions

HEAD = 256 * 1024  # bytes that must hold the header; Excel's 16,384 columns with names of 15 letters
LOOKED_AT = 20  # rows, for a column of URLs where no header has a known name
DELIMITERS = (",", ";", "\t")

_SEP_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[,;\t]*(\r\n|\r|\n)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read the CSV's rows, and to write them again. Columns are indexes into `header`.

    `body` is where the rows start. `other_name_columns` name a product whose `name_column` is empty, as in the rows
    that Shopify adds for further images. `sep_line`: the first line is Excel's `sep=`. `bom`: the file starts with one.
    `is_sheet`: it was made of a workbook's sheet.
    """

    encoding: str
    delimiter: str
    newline: str
    header: tuple[str, ...]
    serial_column: int | None
    name_column: int | None
    url_columns: tuple[int, ...]
    body: Position
    other_name_columns: tuple[int, ...] = ()
    sep_line: bool = False
    bom: bool = False
    is_sheet: bool = False

    @property
    def dialect(self) -> Dialect:
        """How the bytes become cells."""
        return Dialect(self.encoding, self.delimiter, self.newline, self.is_sheet)

    def to_json(self) -> dict[str, Any]:
        """By name, in JSON's own types. `is_sheet` only where it is: the release before does not know it."""
        flat = {name: value for name, value in asdict(self).items() if name != "is_sheet" or value}
        return flat | {
            "header": list(self.header),
            "url_columns": list(self.url_columns),
            "other_name_columns": list(self.other_name_columns),
            "body": self.body.to_json(),
        }

    @classmethod
    def from_json(cls, flat: dict[str, Any]) -> Self:
        tuples = {name: tuple(flat[name]) for name in ("header", "url_columns", "other_name_columns")}
        return cls(**(flat | tuples | {"body": Position.from_json(flat["body"])}))

    def column_name(self, index: int) -> str:
        """The header of a column as an error shows it, or its number where that is empty."""
        return clipped(self.header[index]) if self.header[index].strip() else f"column {index + 1}"


class _Candidate(NamedTuple):
    """The header as one delimiter gives it."""

    delimiter: str
    record: Record
    columns: Columns

    def score(self) -> tuple[int, bool, int]:
        return self.columns.count(), not self.record.faults, len(self.record.cells)


def head_of(source: Source) -> bytes:
    """The first bytes of the file, enough for `find_layout`."""
    head = b""
    for chunk in source(0):
        head += chunk[: HEAD - len(head)]
        if len(head) >= HEAD:
            break
    return head


def find_layout(head: bytes, options: CsvOptions, is_sheet: bool = False) -> Layout:
    """The layout by the file's first bytes. Raises InvalidCsvError where there is no header that can be used.

    A header that is no UTF-8 means Windows-1252, unless the options or a byte order mark say otherwise.
    """
    if is_sheet:
        return _sheet_layout(head, options)
    refuse_other_kinds(head)
    encoding, bom = encoding_of(head, options.encoding)
    start, sep = _after_sep_line(head, encoding, Position(bom, 1, 0))
    found = max(_candidates(head, encoding, start, options, [sep] if sep else DELIMITERS), key=_Candidate.score)
    faults = found.record.faults
    if options.encoding is None and encoding == "utf-8" and any(fault.code == CsvCode.UNDECODABLE for fault in faults):
        return find_layout(head, replace(options, encoding=WINDOWS_1252))
    if faults:
        raise InvalidCsvError(faults)
    if len(head) == HEAD and found.record.end.offset >= HEAD:
        raise refusal(CsvCode.CELL_TOO_LARGE, f"the header has more than {HEAD:,} bytes", line=found.record.line)
    below = _rows_below(head, Dialect(encoding, found.delimiter, "\r"), found.record)
    check_columns(found.record.cells, found.columns, options, found.record.line, below)
    return _layout(found, encoding, head, sep_line=sep is not None, bom=bom > 0)


def _sheet_layout(head: bytes, options: CsvOptions) -> Layout:
    """Of the CSV of a sheet everything is known but its header."""
    dialect, start = Dialect("utf-8", ",", "\n", is_sheet=True), Position(len(BOM_UTF8), 1, 0)
    record = next(records(lambda offset: [head[offset:]], dialect, start), None)
    if record is None:
        raise refusal(CsvCode.EMPTY_FILE, "the sheet is empty")
    if len(head) == HEAD and record.end.offset >= HEAD:
        raise refusal(CsvCode.CELL_TOO_LARGE, f"the header has more than {HEAD:,} bytes", line=record.line)
    columns = known_columns(record.cells, options)
    check_columns(record.cells, columns, options, record.line, _rows_below(head, dialect, record))
    found = _Candidate(dialect.delimiter, record, columns)
    return replace(_layout(found, dialect.encoding, head, sep_line=False, bom=True), is_sheet=True)


def _rows_below(head: bytes, dialect: Dialect, header: Record) -> list[list[str]]:
    """The cells of some rows under the header, as far as they are in the head."""
    below = records(lambda offset: [head[offset:]], dialect, header.end)
    return [record.cells for record in islice(below, LOOKED_AT) if not record.faults]


def _layout(found: _Candidate, encoding: str, head: bytes, *, sep_line: bool, bom: bool) -> Layout:
    end, columns = found.record.end, found.columns
    return Layout(
        encoding=encoding,
        delimiter=found.delimiter,
        newline=_newline(head[: end.offset], encoding),
        header=tuple(found.record.cells),
        serial_column=columns.serial,
        name_column=columns.names[0] if columns.names else None,
        url_columns=columns.urls,
        body=Position(end.offset, end.line, 0),
        other_name_columns=columns.names[1:],
        sep_line=sep_line,
        bom=bom,
    )


def _after_sep_line(head: bytes, encoding: str, start: Position) -> tuple[Position, str | None]:
    """Where the header can start, and the delimiter that a first line `sep=` gives."""
    text = head[start.offset : start.offset + 40].decode(encoding, "ignore")
    match = _SEP_LINE.match(text)
    if match is None:
        return start, None
    return Position(start.offset + len(match[0].encode(encoding)), start.line + 1, 0), match[1]


def _candidates(
    head: bytes, encoding: str, start: Position, options: CsvOptions, delimiters: Iterable[str]
) -> list[_Candidate]:
    candidates = []
    for delimiter in delimiters:
        dialect = Dialect(encoding, delimiter, "\r")  # any line end is one, until the header has shown which
        record = next(records(lambda offset: [head[offset:]], dialect, start), None)
        if record is None:  # nothing but this delimiter and white space
            raise refusal(CsvCode.EMPTY_FILE, "the file is empty")
        candidates.append(_Candidate(delimiter, record, known_columns(record.cells, options)))
    return candidates


def _newline(before: bytes, encoding: str) -> str:
    """The line end that these bytes end with; LF where the header is all there is."""
    text = before[-8:].decode(encoding, "ignore")
    return next((end for end in ("\r\n", "\n", "\r") if text.endswith(end)), "\n")
