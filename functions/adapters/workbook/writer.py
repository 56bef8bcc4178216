"""Rows -> .xlsx, by way of a file in the temporary folder: a row at a time is in memory.

The same rows give the same bytes. Text is never a formula.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # ships no annotations

BLOCK = 1 << 20  # bytes read at a time
MADE = datetime(2000, 1, 1, tzinfo=UTC)  # the same for every workbook, or the same rows would differ
MAX_LINKS = 65_530  # of a sheet, and MAX_LINK characters of one: Excel's limits
MAX_LINK = 2_079
MAX_CELL = 32_767  # characters; Excel's limit
DIGITS = 15  # of a number
WIDTH = 40  # characters of the columns with URLs

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_LINK = re.compile(r"https?://[^\s,]+")


def workbook_blocks(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The workbook of one sheet, whose first row is its header. A cell that is one URL is a link."""
    with TemporaryFile() as file:
        workbook = Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
        workbook.set_properties({"created": MADE})
        sheet = workbook.add_worksheet("Products")
        sheet.freeze_panes(1, 0)
        header = workbook.add_format({"bold": True})
        links = 0
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if row == 0:
                    sheet.write_string(row, column, cell[:MAX_CELL], header)
                    if "url" in cell.casefold() or "image" in cell.casefold():
                        sheet.set_column(column, column, WIDTH)
                elif links < MAX_LINKS and len(cell) <= MAX_LINK and _LINK.fullmatch(cell):
                    links += 1
                    sheet.write_url(row, column, cell)
                elif cell:
                    _write(sheet, row, column, cell)
        workbook.close()
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def _write(sheet: Any, row: int, column: int, cell: str) -> None:
    """A number where it would be shown as it is written: not `007`, nor one of more digits than Excel keeps."""
    if len(cell) <= DIGITS and _NUMBER.fullmatch(cell) and format(float(cell), f".{DIGITS}g") == cell:
        sheet.write_number(row, column, float(cell))
    else:
        sheet.write_string(row, column, cell[:MAX_CELL])
