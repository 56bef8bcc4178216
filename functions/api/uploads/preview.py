"""What a person wants to see of a CSV before it is started: how it was understood, and its first rows."""

from collections.abc import Iterable
from itertools import islice

from functions.api.schemas import Preview
from functions.core.catalogue import Survey, read_rows
from functions.core.cost import estimated_dollars
from functions.core.options import Mode

FIRST_ROWS = 5
MAX_COLUMNS = 200  # shown of a CSV, which may have 16,384
MAX_SHOWN = 200  # characters shown of a cell, which may have a million


def preview(content: bytes, found: Survey, mode: Mode, sheet: str | None) -> Preview:
    """`content` is the CSV, or the one that the `sheet` of this name became."""
    layout = found.layout
    rows = islice(read_rows(lambda offset: [content[offset:]], layout, mode=mode), FIRST_ROWS)
    return Preview(
        columns=_shown(layout.header),
        url_columns=list(layout.url_columns),
        name_column=layout.name_column,
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        sheet=sheet,
        first_rows=[_shown(row.cells) for row in rows],
        estimated_cost_usd=estimated_dollars(found.images),
    )


def _shown(cells: Iterable[str]) -> list[str]:
    return [cell if len(cell) <= MAX_SHOWN else f"{cell[: MAX_SHOWN - 1]}…" for cell in islice(cells, MAX_COLUMNS)]
