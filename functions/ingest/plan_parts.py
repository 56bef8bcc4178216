"""Where the parts of a plan come from: the CSV, or the plan of the request that is retried.

Each part is stored before it comes, and the first writer of it decides: what comes is the part that holds.
"""

from collections.abc import Iterator
from itertools import count

from functions.core.catalogue import Cursor, Layout, PlanPart, SeenUrls, Source, next_part, read_rows
from functions.core.errors import NotFoundError
from functions.core.model import Request
from functions.ingest.ports import Plans


def csv_parts(plans: Plans, request: Request, first: int, layout: Layout, source: Source) -> Iterator[PlanPart]:
    """The parts of a CSV from number `first` on. The URLs of those before it are read from where they are stored."""
    seen, cursor = SeenUrls(), Cursor(layout.body)
    for number in range(first):
        part = plans.part(request.request_id, number)
        seen.add_all(part.new_images())
        cursor = part.end
    rows = read_rows(source, layout, cursor.position)
    for number in count(first):
        planned = next_part(number, cursor, rows, seen)
        part = plans.store(request.request_id, planned)
        if part is not planned:  # an earlier run wrote it, perhaps with another parser: go on where that one ended
            seen.forget(planned.new_images())
            seen.add_all(part.new_images())
            rows = read_rows(source, layout, part.end.position)
        yield part
        if part.is_last:
            return
        cursor = part.end


def copied_parts(plans: Plans, request: Request, parent: Request, layout: Layout, source: Source) -> Iterator[PlanPart]:
    """The parts of the parent's plan from the checkpoint on; where that ends too early, the CSV is read on."""
    for number in count(request.parts_planned):
        try:
            part = plans.copy(parent.request_id, request.request_id, number)
        except NotFoundError:
            yield from csv_parts(plans, request, number, layout, source)
            return
        yield part
        if part.is_last:
            return
