"""What can be wrong with a CSV, said so that its author can put it right.

The codes are a closed list, documented in docs/api.md.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

MAX_VALUE = 80  # characters of a cell that an error shows: enough to find it


class CsvCode(StrEnum):
    """What is wrong with a CSV or one of its rows."""

    EMPTY_FILE = "empty_file"
    NOT_A_CSV = "not_a_csv"
    FILE_TOO_LARGE = "file_too_large"
    UNKNOWN_ENCODING = "unknown_encoding"
    UNDECODABLE = "undecodable"
    NO_HEADER = "no_header"
    MISSING_COLUMNS = "missing_columns"
    UNKNOWN_COLUMN = "unknown_column"
    NO_ROWS = "no_rows"
    UNCLOSED_QUOTE = "unclosed_quote"
    MALFORMED_QUOTE = "malformed_quote"
    TOO_MANY_CELLS = "too_many_cells"
    CELL_TOO_LARGE = "cell_too_large"
    CONTROL_CHARACTERS = "control_characters"
    NOT_A_URL = "not_a_url"
    TOO_MANY_URLS = "too_many_urls"
    TOO_MANY_IMAGES = "too_many_images"
    TOO_MANY_ROWS = "too_many_rows"
    BAD_WORKBOOK = "bad_workbook"
    WORKBOOK_TOO_LARGE = "workbook_too_large"
    UNKNOWN_SHEET = "unknown_sheet"
    NOT_FETCHED = "not_fetched"


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing that is wrong: the line (from 1) and header it is under, and the start of what stands there."""

    line: int
    column: str | None
    code: str
    message: str
    value: str = ""

    def to_json(self) -> dict[str, Any]:
        """By public name."""
        return asdict(self)

    @classmethod
    def from_json(cls, flat: dict[str, Any]) -> Self:
        return cls(**flat)


class InvalidCsvError(Exception):
    """A file that cannot be used at all: the first errors, and how many there are."""

    def __init__(self, errors: list[RowError], errors_total: int | None = None) -> None:
        super().__init__("; ".join(f"line {error.line}: {error.message}" for error in errors[:3]))
        self.errors = errors
        self.errors_total = len(errors) if errors_total is None else errors_total


def refusal(code: CsvCode, message: str, value: str = "", line: int = 1) -> InvalidCsvError:
    """The error for a file with one thing wrong."""
    return InvalidCsvError([RowError(line, None, code, message, clipped(value))])


def clipped(text: str, most: int = MAX_VALUE) -> str:
    """The text as an error shows it, of at most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"
