"""How the bytes of a CSV become records, and how it is laid out."""

from functions.core.csv.columns import same
from functions.core.csv.errors import CsvCode, InvalidCsvError, RowError, clipped, refusal
from functions.core.csv.layout import Layout, find_layout, head_of
from functions.core.csv.lines import WINDOWS_1252, Position, Source
from functions.core.csv.records import Record, records

__all__ = [
    "WINDOWS_1252",
    "CsvCode",
    "InvalidCsvError",
    "Layout",
    "Position",
    "Record",
    "RowError",
    "Source",
    "clipped",
    "find_layout",
    "head_of",
    "records",
    "refusal",
    "same",
]
