"""Spreadsheets: they are read as the CSV of one sheet, in which a line is a row of the sheet.

So errors name rows as people count them. `adapters/workbook` makes the CSV; here is what its callers know of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.core.csv.columns import is_url, known_columns
from functions.core.csv.errors import RowError
from functions.core.options import CsvOptions

MAX_WORKBOOK_BYTES = 64_000_000  # of the file; a posted one has 4 MB
MAX_SHEET_ROWS = 200_000
MAX_TITLE_ROWS = 20  # above the header
ENDINGS = (".xlsx", ".xlsm", ".ods", ".xls")
WORKBOOK_KINDS = "xlsx, xlsm, ods, xls"

_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # of a zip, and of what Office wrote before it
_CONVERTED = re.compile(r"uploads/.*\.(xlsx|xlsm|ods|xls)\.csv", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook as CSV: UTF-8 with a byte order mark, commas, LF. `header_row` counts from 1."""

    name: str
    header_row: int
    content: bytes

    def warning(self) -> str:
        """What was understood, for the uploader to see."""
        return f"the sheet {self.name!r} was read, with row {self.header_row} as its header"


def is_workbook(head: bytes) -> bool:
    """Whether a file is a spreadsheet, or at least no text, by its first bytes."""
    return head.startswith(_MAGIC)


def is_workbook_key(key: str) -> bool:
    """Whether an object is a spreadsheet by its name."""
    return key.lower().endswith(ENDINGS)


def converted_key(key: str) -> str:
    """The key of the CSV that a posted workbook was made into."""
    return f"{key}.csv"


def is_converted_key(key: str) -> bool:
    """Whether an object is a CSV that was made of a posted workbook."""
    return _CONVERTED.fullmatch(key) is not None


def header_index(rows: Sequence[Sequence[str]], options: CsvOptions) -> int | None:
    """Which of the first rows is the header: the first one with a column of URLs, below nothing but titles.

    A row above it counts as a title if it has fewer cells than the header: then it cannot be a header itself.
    """
    for index, row in enumerate(rows[: MAX_TITLE_ROWS + 1]):
        if known_columns(row, options).urls:
            width = _filled(row)
            return index if all(_filled(above) < width for above in rows[:index]) else None
    return None


def likely_header(rows: Sequence[Sequence[str]]) -> int | None:
    """The header where no column has a known name: the last row above the first URL that is wider than all before it.

    Without a URL among them it is the first row with anything in it.
    """
    first_url = next((index for index, row in enumerate(rows) if any(map(is_url, row))), len(rows))
    widths = [_filled(row) for row in rows]
    if first_url == len(rows) or not any(widths[:first_url]):
        return next((index for index, width in enumerate(widths) if width), None)
    return max(range(first_url), key=lambda index: (widths[index], -index))


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def errors_in_sheet(errors: Sequence[RowError], name: str) -> list[RowError]:
    """The errors with the sheet and the row in their messages."""
    return [replace(error, message=f"sheet {name!r}, row {error.line}: {error.message}") for error in errors]
