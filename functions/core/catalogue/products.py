"""A CSV of products, read in two passes of a stream.

`survey` reads it once, finds its layout and everything that is wrong with it. `read_rows` then gives its rows, from any
row on. Neither holds more in memory than one record, the first errors and 16 bytes per distinct URL.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import chain

from functions.core.catalogue.cell_urls import (
    NotAUrlError,
    Note,
    Slot,
    plain_urls_of,
    slots_of,
    strict_slots_of,
    urls_of,
)
from functions.core.csv import (
    WINDOWS_1252,
    CsvCode,
    InvalidCsvError,
    Layout,
    Position,
    Record,
    RowError,
    Sheet,
    Source,
    clipped,
    errors_in_sheet,
    find_layout,
    head_of,
    records,
    refusal,
)
from functions.core.options import CsvOptions, Mode

__all__ = [
    "MAX_IMAGES", "MAX_ROWS", "CsvCode", "InvalidCsvError", "Layout", "Position", "Row", "RowError", "Source", "Survey",
    "product_name", "read_rows", "serial_number", "survey", "survey_sheet",
]  # fmt: skip

MAX_IMAGES = 1_000_000  # distinct URLs of a request: ingest's map of them takes 150 MB
MAX_ROWS = 5_000_000  # of a request: finalize takes some 46 ms for 1,000, 230 s of the 900 in which it must be done
MAX_ROW_URLS = 1_000  # the status tells of a row as a whole: of this many, with long names, in 0.7 MB beside the URLs
MAX_ROW_URL_BYTES = 500_000  # of a row's URLs together: told twice, with quotes escaped as \\\", 4 MB of Lambda's 6
MAX_ERRORS = 1_000  # errors that are kept; the others are counted
MAX_SHOWN_LINE = 500  # characters of a line as it should be written
MAX_SAMPLES = 3  # cells that show how a guessed encoding turned out

_INTEGER = re.compile(r"(-?(?:0|[1-9][0-9]{0,17}))\.?")


@dataclass(frozen=True, slots=True)
class Row:
    """One product: the line it starts on, its number (from 1, bad rows count), its cells as they are in the file.

    `urls` has a tuple for each of the layout's URL columns; where there are errors they are empty. There may be fewer
    cells than the header has, and in a bad row more. `end` is where to start for the rows after this one. `notes` say
    what was done to entries of URL columns, with the entry as it is written.
    """

    line: int
    number: int
    cells: tuple[str, ...]
    urls: tuple[tuple[str, ...], ...]
    errors: tuple[RowError, ...]
    end: Position
    notes: tuple[tuple[Note, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What a whole CSV holds. `images` are the distinct URLs of good rows; more than MAX_IMAGES are not counted on.

    Nor are more than MAX_ROWS read.
    """

    layout: Layout
    rows: int
    good_rows: int
    images: int
    errors: tuple[RowError, ...]
    errors_total: int
    warnings: tuple[str, ...]

    @property
    def is_too_large(self) -> bool:
        """Whether it is more than one request takes, in any mode."""
        return self.rows > MAX_ROWS or self.images > MAX_IMAGES


def survey(source: Source, options: CsvOptions, is_sheet: bool = False) -> Survey:
    """Read the whole CSV, or that of a sheet, and say what is in it.

    Raises InvalidCsvError for a file that cannot be used at all. Whether row errors refuse it is for the caller.
    """
    head = head_of(source)
    guessed = options.encoding is None
    layout = find_layout(head, options, is_sheet)
    count = _count(source, layout, guessed, options.mode)
    if count.is_no_utf8:
        layout = find_layout(head, replace(options, encoding=WINDOWS_1252))
        count = _count(source, layout, guessed, options.mode)
    if not count.rows:
        raise refusal(CsvCode.NO_ROWS, "there are no rows below the header", line=layout.body.line)
    warnings = (*([_encoding_warning(layout, count.samples)] if count.samples else []), *count.notes())
    return Survey(
        layout, count.rows, count.good_rows, len(count.images), tuple(count.errors), count.errors_total, warnings
    )


def survey_sheet(sheet: Sheet, options: CsvOptions) -> Survey:
    """Survey a sheet of a workbook: every message says in which sheet and row. Raises InvalidCsvError."""
    try:
        found = survey(lambda offset: [sheet.content[offset:]], options, is_sheet=True)
    except InvalidCsvError as error:
        raise InvalidCsvError(errors_in_sheet(error.errors, sheet.name), error.errors_total) from error
    errors = errors_in_sheet(found.errors, sheet.name)
    return replace(found, errors=tuple(errors), warnings=(sheet.warning(), *found.warnings))


def read_rows(source: Source, layout: Layout, start: Position | None = None, mode: Mode = Mode.STRICT) -> Iterator[Row]:
    """The rows from `start` (the layout's body, or any row's end) on, good and bad.

    In lenient mode an entry is mended if possible. An entry that cannot be mended keeps its place beside good ones, and
    fails alone.
    """
    is_lenient = mode is Mode.LENIENT
    for record in records(source, layout.dialect, start or layout.body):
        yield _row(layout, record, is_lenient)


def serial_number(layout: Layout, cells: Sequence[str], number: int) -> int | str:
    """The row's serial as it stands there, a whole number as an int (`1.` too); without one the row's number."""
    text = _cell(cells, layout.serial_column)
    match = _INTEGER.fullmatch(text)
    return int(match[1]) if match else text or number


def product_name(layout: Layout, cells: Sequence[str]) -> str:
    """The product's name: of the columns that can hold it, the first that does."""
    columns = (layout.name_column, *layout.other_name_columns)
    return next(filter(None, (_cell(cells, column) for column in columns)), "")


@dataclass(slots=True)
class _Count:
    """What a survey has seen so far. `samples` are cells that show whether a guessed encoding is right."""

    rows: int = 0
    good_rows: int = 0
    images: set[bytes] = field(default_factory=set)
    errors: list[RowError] = field(default_factory=list)
    errors_total: int = 0
    samples: list[str] = field(default_factory=list)
    noted: dict[Note, tuple[int, int, str]] = field(default_factory=dict)  # how often, the first line, its entry
    is_no_utf8: bool = False

    def add(self, row: Row) -> None:
        self.rows += 1
        for note, entry in row.notes:
            times, line, first = self.noted.get(note, (0, row.line, entry))
            self.noted[note] = times + 1, line, first
        if self.rows > MAX_ROWS:
            self._add_errors((_too_many(row, CsvCode.TOO_MANY_ROWS, f"{MAX_ROWS:,} rows"),))
        if row.errors:
            self._add_errors(row.errors)
        else:
            self.good_rows += 1
            self._add_images(row)

    def notes(self) -> list[str]:
        """A sentence for each kind of note."""
        return [
            f"{times:,} {'entry of a URL column has' if times == 1 else 'entries of URL columns have'} {note}; "
            f"the first is on line {line}: {_shown(entry)}"
            for note, (times, line, entry) in self.noted.items()
        ]

    def add_samples(self, cells: Sequence[str]) -> None:
        if len(self.samples) < MAX_SAMPLES:
            self.samples += [cell for cell in cells if not cell.isascii()]

    def _add_images(self, row: Row) -> None:
        if len(self.images) > MAX_IMAGES:
            return
        for url in chain.from_iterable(row.urls):
            self.images.add(blake2b(url.encode(), digest_size=16).digest())
            if len(self.images) > MAX_IMAGES:
                self._add_errors((_too_many(row, CsvCode.TOO_MANY_IMAGES, f"{MAX_IMAGES:,} different images"),))
                return

    def _add_errors(self, errors: Sequence[RowError]) -> None:
        self.errors_total += len(errors)
        self.errors += errors[: MAX_ERRORS - len(self.errors)]


def _count(source: Source, layout: Layout, guessed: bool, mode: Mode) -> _Count:
    """Count the whole CSV. Stops at a row too many, or at the first sign that UTF-8 was guessed wrong."""
    count = _Count()
    sampled = guessed and layout.encoding == WINDOWS_1252
    if sampled:
        count.add_samples(layout.header)
    for row in read_rows(source, layout, mode=mode):
        count.add(row)
        if sampled:
            count.add_samples(row.cells)
        if guessed and layout.encoding == "utf-8" and any(error.code == CsvCode.UNDECODABLE for error in row.errors):
            count.is_no_utf8 = True
            break
        if count.rows > MAX_ROWS:
            break
    return count


def _too_many(row: Row, code: CsvCode, most: str) -> RowError:
    return RowError(row.line, None, code, f"from this row on there are more than {most}")


def _encoding_warning(layout: Layout, samples: list[str]) -> str:
    shown = ", ".join(repr(clipped(sample)) for sample in samples[:MAX_SAMPLES])
    advice = f"if {shown} is not right, choose another with the option encoding"
    return f"the file is not UTF-8 and was read as {layout.encoding}; {advice}"


def _row(layout: Layout, record: Record, is_lenient: bool) -> Row:
    line, cells, errors, end, suspect_column = record
    if suspect_column is not None and suspect_column < len(layout.header):
        errors = [replace(error, column=layout.column_name(suspect_column)) for error in errors]
    if len(cells) > len(layout.header):
        cells, too_many = _narrowed(layout, record, is_lenient)
        errors = errors or too_many
    urls: list[tuple[str, ...]] = []
    notes: list[tuple[Note, str]] = []
    if not errors:
        urls, notes, errors = _urls(layout, line, cells, is_lenient)
        errors = errors or _too_many_urls(line, list(chain.from_iterable(urls)))
    if errors:
        urls, notes = [()] * len(layout.url_columns), []
    return Row(line, end.row, tuple(cells), tuple(urls), tuple(errors), end, tuple(notes))


def _narrowed(layout: Layout, record: Record, is_lenient: bool) -> tuple[list[str], list[RowError]]:
    """The cells of a row that has more than the header, and its error where they are too many all the same."""
    cells, width = record.cells, len(layout.header)
    if not any(cells[width:]):
        return cells[:width], []  # spreadsheets leave delimiters behind at the end
    first = _first_of_list(layout, cells)
    if is_lenient and first is not None and all(map(_is_url, cells[first:])):
        return [*cells[:first], layout.delimiter.join(cells[first:])], []
    return cells, [_too_many_cells(layout, record, first)]


def _urls(
    layout: Layout, line: int, cells: list[str], is_lenient: bool
) -> tuple[list[tuple[str, ...]], list[tuple[Note, str]], list[RowError]]:
    """The URLs of each URL column, the notes on them, and an error for each cell that holds something else.

    In lenient mode a row with one good entry has no errors.
    """
    held = [cells[column] if column < len(cells) else "" for column in layout.url_columns]
    plain = [found for cell in held if (found := plain_urls_of(cell)) is not None]
    if len(plain) == len(held):
        return plain, [], []
    slots = list(map(slots_of, held)) if is_lenient else []
    errors: list[RowError] = []
    if not any(slot.is_good for slot in chain.from_iterable(slots)):
        slots, errors = _strict_slots(layout, line, held)
    urls = [tuple(slot.url for slot in column) for column in slots]
    notes = [
        (note, slot.written(cell))
        for cell, column in zip(held, slots, strict=False)  # where there are errors, neither is used
        for slot in column
        for note in slot.notes
    ]
    return urls, notes, errors


def _strict_slots(layout: Layout, line: int, held: list[str]) -> tuple[list[list[Slot]], list[RowError]]:
    """The entries of the cells that hold nothing but URLs, and an error for each other cell."""
    slots: list[list[Slot]] = []
    errors: list[RowError] = []
    for column, cell in zip(layout.url_columns, held, strict=True):
        try:
            slots.append(strict_slots_of(cell))
        except NotAUrlError as error:
            message = f"{error.reason}; the cell must hold nothing but URLs"
            value = clipped(error.part)
            errors.append(RowError(line, layout.column_name(column), CsvCode.NOT_A_URL, message, value))
    return slots, errors


def _too_many_urls(line: int, urls: Sequence[str]) -> list[RowError]:
    if len(urls) <= MAX_ROW_URLS and sum(len(url.encode()) for url in urls) <= MAX_ROW_URL_BYTES:
        return []
    message = f"the row has {len(urls):,} URLs; it may have {MAX_ROW_URLS:,}, of {MAX_ROW_URL_BYTES:,} bytes together"
    return [RowError(line, None, CsvCode.TOO_MANY_URLS, message)]


def _first_of_list(layout: Layout, cells: list[str]) -> int | None:
    """The URL column whose list stands there without quotes, spread over as many cells as there are too many."""
    spread = len(cells) - len(layout.header) + 1
    return next((at for at in layout.url_columns if all(map(_is_url, cells[at : at + spread]))), None)


def _is_url(cell: str) -> bool:
    try:
        return bool(urls_of(cell))
    except NotAUrlError:
        return False


def _too_many_cells(layout: Layout, record: Record, first: int | None) -> RowError:
    width, cells = len(layout.header), record.cells
    message = (
        f"the row has {len(cells)} cells, the header {width}; a cell that contains the delimiter, "
        "such as a list of URLs, must be in double quotes"
    )
    if first is not None:
        last = first + len(cells) - width
        joined = f'"{layout.delimiter.join(cells[first : last + 1])}"'
        line = layout.delimiter.join([*cells[:first], joined, *cells[last + 1 :]])
        message += f"; cells {first + 1} to {last + 1} belong together, so write: {line[:MAX_SHOWN_LINE]}"
    return RowError(record.line, None, CsvCode.TOO_MANY_CELLS, message, clipped(layout.delimiter.join(cells[width:])))


def _shown(entry: str) -> str:
    """The entry, with characters that nobody can see as numbers: `<U+200B>`."""
    return clipped("".join(each if each.isprintable() else f"<U+{ord(each):04X}>" for each in entry))


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column].strip() if column is not None and column < len(cells) else ""
