"""Where the parts of a plan come from: the CSV, or the plan of the request that is retried.

The first writer of a part decides for everybody: what comes back is the part that holds.
"""

from collections.abc import Iterator
from typing import Protocol

from functions.core.catalogue import Cursor, Layout, PlanPart, Row, SeenUrls, Source, next_part, read_rows
from functions.core.errors import NotFoundError
from functions.core.model import Request
from functions.ingest.ports import Plans


class PlanParts(Protocol):
    """The parts of one request, stored one after the other."""

    def store(self, number: int) -> PlanPart:
        """Plan part `number`, which follows the one before, and store it."""
        ...


class CsvParts:
    """The parts of a CSV from the request's checkpoint on. Those before it were stored by an earlier run."""

    def __init__(self, plans: Plans, request: Request, layout: Layout, source: Source) -> None:
        self.plans, self.request_id = plans, request.request_id
        self._layout, self._source, self._mode = layout, source, request.options.csv.mode
        self._first = request.parts_planned
        self._seen, self._cursor = SeenUrls(), Cursor(layout.body)
        self._rows: Iterator[Row] | None = None

    def store(self, number: int) -> PlanPart:
        """Read the CSV up to the end of the part. Raises CsvGoneError."""
        rows = self._rows or self._begin()
        planned = next_part(number, self._cursor, rows, self._seen)
        part = self.plans.store(self.request_id, planned)
        if part is not planned:
            self._go_on_after(planned, part)
        self._cursor = part.end
        return part

    def start_at(self, number: int) -> None:
        """Begin with a later part: those before it have been stored meanwhile."""
        self._first = number

    def _begin(self) -> Iterator[Row]:
        """The rows after the parts that are there, whose URLs are read from where they are stored."""
        for number in range(self._first):
            part = self.plans.part(self.request_id, number)
            self._seen.add_all(part.new_images())
            self._cursor = part.end
        return self._read_from(self._cursor)

    def _go_on_after(self, planned: PlanPart, part: PlanPart) -> None:
        """An earlier run wrote the part, perhaps with another parser: go on where that one ended."""
        self._seen.forget(planned.new_images())
        self._seen.add_all(part.new_images())
        self._read_from(part.end)

    def _read_from(self, cursor: Cursor) -> Iterator[Row]:
        self._rows = read_rows(self._source, self._layout, cursor.position, self._mode)
        return self._rows


class CopiedParts:
    """The parts of the parent's plan. Where that stops too early, the CSV is read from there on."""

    def __init__(self, parts: CsvParts, parent_id: str) -> None:
        self._parts, self._parent_id = parts, parent_id
        self._is_over = False

    def store(self, number: int) -> PlanPart:
        """Copy the parent's part. Raises CsvGoneError where there is none, and no CSV either."""
        if not self._is_over:
            try:
                return self._parts.plans.copy(self._parent_id, self._parts.request_id, number)
            except NotFoundError:
                self._is_over = True
                self._parts.start_at(number)
        return self._parts.store(number)
