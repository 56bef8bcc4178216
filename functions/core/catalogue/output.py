"""The output CSV: the input's rows, with the URLs of what was made of their images."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from functions.core.catalogue.cell_urls import with_urls
from functions.core.csv import Layout, same
from functions.core.options import Options, Output

OUTPUT_COLUMN = "Output Image Urls"
ERRORS_COLUMN = "Errors"
CHUNK = 64 * 1024  # characters written at once

_FORMULA_STARTS = tuple("=+-@\t\r")  # owasp.org/www-community/attacks/CSV_Injection
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?\s?%?")


@dataclass(frozen=True, slots=True)
class OutputRow:
    """One row: its cells as they were read; per URL column the URLs and, aligned, their outputs (None: failed).

    `errors` are sentences. `renditions` has, by name, the outputs of each rendition, aligned in the same way.
    """

    cells: tuple[str, ...]
    outputs: tuple[tuple[str | None, ...], ...]
    urls: tuple[tuple[str, ...], ...]
    errors: tuple[str, ...] = ()
    renditions: Mapping[str, tuple[tuple[str | None, ...], ...]] = field(default_factory=dict)


def write_csv(layout: Layout, options: Options, rows: Iterable[OutputRow], with_errors: bool) -> Iterator[bytes]:
    """The output CSV in chunks: same inputs, same bytes.

    It is UTF-8, because any text survives that, with a byte order mark unless the input was UTF-8 without one: Excel
    needs it. Delimiter and line ends are the input's. Only outputs that are appended may have errors beside them.
    """
    chunk = "" if layout.encoding == "utf-8" and not layout.bom else "\ufeff"
    if layout.sep_line:
        chunk += f"sep={layout.delimiter}{layout.newline}"
    for text in _lines(layout, output_cells(layout, options, rows, with_errors)):
        chunk += text
        if len(chunk) >= CHUNK:
            yield chunk.encode()
            chunk = ""
    if chunk:
        yield chunk.encode()


def output_cells(layout: Layout, options: Options, rows: Iterable[OutputRow], with_errors: bool) -> Iterator[list[str]]:
    """The header of the output, and then the cells of each row."""
    columns = _OutputColumns.of(layout, options, with_errors)
    yield list(map(neutral, columns.header)) if columns.formula_safe else columns.header
    for row in rows:
        yield columns.cells(row, layout.delimiter, len(layout.header))


def neutral(text: str) -> str:
    """The text such that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text) else text


@dataclass(frozen=True, slots=True)
class _OutputColumns:
    """Where what goes: the header of the output, and the columns that we write."""

    header: list[str]
    output_column: int | None
    errors_column: int | None
    url_columns: tuple[int, ...]
    formula_safe: bool
    renditions: Mapping[str, int]

    @classmethod
    def of(cls, layout: Layout, options: Options, with_errors: bool) -> "_OutputColumns":
        header, safe = list(layout.header), options.csv.formula_safe
        names = [rendition.name for rendition in options.image.made()]
        if options.csv.output is Output.REPLACE:
            # To be imported again: with the columns that it came with, and those of renditions that are not in them.
            beside = [name for name in names if name != options.image.primary_name]
            others = {name: _place(header, rendition_column(name)) for name in beside}
            return cls(header, None, None, layout.url_columns, safe, others)
        had_output = any(same(name) == same(OUTPUT_COLUMN) for name in header)
        had_errors = any(same(name) == same(ERRORS_COLUMN) for name in header)
        renditions = {name: _place(header, rendition_column(name)) for name in names}
        output = None if names else _place(header, OUTPUT_COLUMN)
        # Errors beside outputs are ours, from an earlier run: they must not stay.
        errors = _place(header, ERRORS_COLUMN) if with_errors or (had_output and had_errors) else None
        return cls(header, output, errors, (), safe, renditions)

    def cells(self, row: OutputRow, delimiter: str, width: int) -> list[str]:
        """The row's cells, as many as the header has.

        Cells beyond that are told in the errors, or kept without that column.
        """
        adds = self.output_column is not None or self.errors_column is not None or self.renditions
        kept = row.cells[:width] if adds else row.cells
        cells = [*kept, *[""] * (len(self.header) - len(kept))]
        for column, urls, outputs in zip(self.url_columns, row.urls, row.outputs, strict=False):
            if any(outputs):
                cells[column] = neutral(with_urls(cells[column], urls, outputs))
        if self.output_column is not None:
            cells[self.output_column] = neutral(joined(row.outputs))
        for name, column in self.renditions.items():
            cells[column] = neutral(joined(row.renditions.get(name, row.outputs)))
        if self.errors_column is not None:
            extra = (f"cells too many: {delimiter.join(row.cells[width:])}",) if len(row.cells) > width else ()
            cells[self.errors_column] = neutral("; ".join((*row.errors, *extra)))
        return list(map(neutral, cells)) if self.formula_safe else cells


def rendition_column(name: str) -> str:
    """The header of the column with the URLs of a rendition."""
    return f"{OUTPUT_COLUMN} ({name})"


def joined(outputs: Iterable[Sequence[str | None]]) -> str:
    """One entry per URL, empty where it failed. A comma always separates: within a URL it is written as %2C."""
    return ",".join((url or "").replace(",", "%2C") for column in outputs for url in column)


def _place(header: list[str], name: str) -> int:
    """The column of that name, added where there is none."""
    for index, present in enumerate(header):
        if same(present) == same(name):
            return index
    header.append(name)
    return len(header) - 1


class _Written:
    """What csv.writer takes for a file: it keeps the row that was written last."""

    def __init__(self) -> None:
        self.row = ""

    def write(self, row: str) -> None:
        self.row = row


def _lines(layout: Layout, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    written = _Written()
    # Always with CRLF, put right afterwards: older Pythons quote only those line ends that are the terminator's.
    writer = csv.writer(written, delimiter=layout.delimiter, lineterminator="\r\n")
    for cells in rows:
        writer.writerow(cells)
        yield written.row[:-2] + layout.newline
