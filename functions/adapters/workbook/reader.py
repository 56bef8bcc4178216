"""The process that reads a workbook: the file on stdin, a line of JSON and the CSV of one sheet on stdout.

It knows the options that matter by its argument. What it cannot read it tells in the JSON; where it dies, the file was
too large.
"""

import csv
import io
import json
import resource
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from functions.core.csv import MAX_SHEET_ROWS, MAX_TITLE_ROWS, WORKBOOK_KINDS, CsvCode, header_index, likely_header
from functions.core.options import CsvOptions

MEMORY = 640 << 20  # bytes of address space
DIGITS = 15  # of a number, as spreadsheets show them
MAX_CELLS = 20_000_000  # of a sheet's used range, which is held as a whole


class RefusedError(Exception):
    """The workbook cannot be used: the code, and why."""

    def __init__(self, code: CsvCode, message: str, value: str = "", line: int = 1) -> None:
        super().__init__(message)
        self.told = {"code": code.value, "message": message, "value": value, "line": line}


def main() -> None:
    """Read, and write what comes of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    given = json.loads(sys.argv[1])
    options = CsvOptions(
        sheet=given["sheet"], url_columns=tuple(given["url_columns"]), name_column=given["name_column"]
    )
    out = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="")
    try:
        name, header, rows = _chosen(sys.stdin.buffer.read(), options)
    except RefusedError as error:
        out.write(json.dumps(error.told) + "\n")
    else:
        out.write(json.dumps({"name": name, "header_row": header + 1}) + "\n\ufeff")
        _write(out, header, rows)
    out.flush()


def _chosen(content: bytes, options: CsvOptions) -> tuple[str, int, Iterator[Sequence[Any]]]:
    """The sheet's name, the index of its header, and its rows, from the first row of the sheet on."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError as error:
        raise RefusedError(CsvCode.BAD_WORKBOOK, "the workbook is protected by a password: save it without") from error
    except (CalamineError, ValueError) as error:
        raise RefusedError(
            CsvCode.BAD_WORKBOOK, f"this is no workbook ({WORKBOOK_KINDS}) that can be read: {error}"
        ) from error
    names = [each.name for each in workbook.sheets_metadata if each.visible is not SheetVisibleEnum.VeryHidden]
    if options.sheet is not None:
        names = [_named(names, options.sheet)]
    first: tuple[str, int, Iterator[Sequence[Any]]] | None = None
    for name in names:
        sheet = _sheet(workbook, name)
        head = [[_text(cell) for cell in row] for row in _first_rows(sheet)]
        found = header_index(head, options)
        if found is not None:
            return name, found, sheet.iter_rows()
        likely = likely_header(head)
        if first is None and likely is not None:
            first = (name, likely, sheet.iter_rows())
    if first is None:
        raise RefusedError(CsvCode.EMPTY_FILE, "the workbook has no sheet with cells in it")
    return first  # what is missing of it is told as of every CSV, with the row that was taken for the header


def _named(names: list[str], wanted: str) -> str:
    """The sheet of this name, or of this number from 1."""
    found = next((name for name in names if name.strip().casefold() == wanted.casefold()), None)
    if found is None and wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        found = names[int(wanted) - 1]
    if found is None:
        present = ", ".join(map(repr, names))[:1_000]
        raise RefusedError(CsvCode.UNKNOWN_SHEET, f"there is no sheet {wanted!r}; the sheets are: {present}", wanted)
    return found


def _sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        sheet = workbook.get_sheet_by_name(name)
    except (CalamineError, ValueError) as error:
        raise RefusedError(CsvCode.BAD_WORKBOOK, f"the sheet {name!r} cannot be read: {error}") from error
    rows, columns = (edge + 1 for edge in sheet.end or (-1, -1))  # `end` is the last cell
    if rows > MAX_SHEET_ROWS or rows * columns > MAX_CELLS:
        message = (
            f"the sheet {name!r} has {rows:,} rows and {columns:,} columns; {MAX_SHEET_ROWS:,} rows and "
            f"{MAX_CELLS:,} cells are the most; save it as CSV UTF-8"
        )
        raise RefusedError(CsvCode.WORKBOOK_TOO_LARGE, message)
    return sheet


def _first_rows(sheet: CalamineSheet) -> Iterator[Sequence[Any]]:
    for index, row in enumerate(sheet.iter_rows()):
        if index > MAX_TITLE_ROWS:
            return
        yield row


def _write(out: io.TextIOWrapper, header: int, rows: Iterator[Sequence[Any]]) -> None:
    """A line for each row of the sheet, empty above the header."""
    writer = csv.writer(out, lineterminator="\n")
    for index, row in enumerate(rows):
        cells = [] if index < header else [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        writer.writerow(cells)


def _text(value: Any) -> str:
    """A cell as people see it: `7` and not `7.0`, dates as ISO 8601."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return format(value, f".{DIGITS}g") if abs(value) < 10**DIGITS else format(value, ".0f")
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value)


if __name__ == "__main__":
    main()
