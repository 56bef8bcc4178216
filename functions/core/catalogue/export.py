"""The export: every image of some requests that has ended, as one CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from functions.core.catalogue.output import neutral
from functions.core.catalogue.plan import PlannedImage, PlanPart
from functions.core.catalogue.ports import PlanReader, ResultReader, planned_layout
from functions.core.catalogue.products import Layout, product_name
from functions.core.model import Request

HEADER = ("Image ID", "Product Name", "Input Image URLs", "Output Image URLs", "Status")


@dataclass(frozen=True, slots=True)
class Ordered:
    """An export that is written to a file: when it was asked for, for which time, and since when it is there."""

    export_id: str
    asked_at: float
    tries: int = 1
    ready_at: float | None = None


def export_csv(
    requests: Iterable[Request], plans: PlanReader, results: ResultReader, image_url: Callable[[str], str]
) -> Iterator[bytes]:
    """The CSV in pieces, one for each part of a plan: a row for each image that has ended, with its first product."""
    yield export_header()
    for request in requests:
        yield from export_rows(request, plans, results, image_url)


def export_header() -> bytes:
    """The first line."""
    return _csv([HEADER])


def export_rows(
    request: Request, plans: PlanReader, results: ResultReader, image_url: Callable[[str], str]
) -> Iterator[bytes]:
    """The rows of one request, in pieces."""
    if not request.parts_planned:
        return
    layout = planned_layout(plans, request.request_id)
    for number in range(request.parts_planned):
        part = plans.part(request.request_id, number)
        rows = list(_rows(request.request_id, part, _products(part, layout), results, image_url))
        if rows:
            yield _csv(rows)


def _rows(
    request_id: str, part: PlanPart, products: Mapping[int, str], results: ResultReader, image_url: Callable[[str], str]
) -> Iterator[tuple[str, ...]]:
    for chunk in part.chunks():
        for result in results.results(request_id, chunk.number):
            output = image_url(result.key) if result.key else ""
            name = neutral(products.get(result.n, ""))
            yield f"{request_id}/{result.n}", name, neutral(result.url), output, str(result.status)


def _products(part: PlanPart, layout: Layout) -> dict[int, str]:
    """The name of the first product of each image that is new in this part."""
    names: dict[int, str] = {}
    for row in part.rows:
        for image in _images(row.images):
            names.setdefault(image.n, product_name(layout, row.cells))
    return names


def _images(columns: Iterable[Iterable[PlannedImage]]) -> Iterator[PlannedImage]:
    return (image for column in columns for image in column)


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
