"""How the bytes of a CSV become records, and how it is laid out."""

from functions.core.csv.columns import same
from functions.core.csv.errors import CsvCode, InvalidCsvError, RowError, clipped, refusal
from functions.core.csv.layout import Layout, find_layout, head_of
from functions.core.csv.lines import WINDOWS_1252, Position, Source
from functions.core.csv.records import Record, records
from functions.core.csv.workbooks import (
    MAX_SHEET_ROWS,
    MAX_TITLE_ROWS,
    MAX_WORKBOOK_BYTES,
    WORKBOOK_KINDS,
    Sheet,
    converted_key,
    errors_in_sheet,
    header_index,
    is_converted_key,
    is_workbook,
    is_workbook_key,
    likely_header,
)

__all__ = [
    "MAX_SHEET_ROWS",
    "MAX_TITLE_ROWS",
    "MAX_WORKBOOK_BYTES",
    "WINDOWS_1252",
    "WORKBOOK_KINDS",
    "CsvCode",
    "InvalidCsvError",
    "Layout",
    "Position",
    "Record",
    "RowError",
    "Sheet",
    "Source",
    "clipped",
    "converted_key",
    "errors_in_sheet",
    "find_layout",
    "head_of",
    "header_index",
    "is_converted_key",
    "is_workbook",
    "is_workbook_key",
    "likely_header",
    "records",
    "refusal",
    "same",
]
