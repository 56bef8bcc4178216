"""The export: every image of some requests that has ended, as one CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from functions.core.catalogue.output import neutral
from functions.core.catalogue.plan import PlannedImage, PlanPart
from functions.core.catalogue.products import Layout, product_name
from functions.core.model import Request, Result

HEADER = ("Image ID", "Product Name", "Input Image URLs", "Output Image URLs", "Status")


@dataclass(frozen=True, slots=True)
class Ordered:
    """An export that is written to a file: when it was asked for, for which time, and since when it is there."""

    export_id: str
    asked_at: float
    tries: int = 1
    ready_at: float | None = None


class Plans(Protocol):
    """The plans, and what the first pass over each CSV found."""

    def part(self, request_id: str, number: int) -> PlanPart: ...
    def survey(self, request_id: str) -> dict[str, object] | None: ...


class Results(Protocol):
    """The result records."""

    def results(self, request_id: str, chunk: int) -> list[Result]: ...


def export_csv(
    requests: Iterable[Request], plans: Plans, results: Results, image_url: Callable[[str], str]
) -> Iterator[bytes]:
    """The CSV in pieces, one for each part of a plan: a row for each image that has ended, with its first product."""
    yield _csv([HEADER])
    for request in requests:
        if request.parts_planned:
            yield from _of_request(request, plans, results, image_url)


def _of_request(request: Request, plans: Plans, results: Results, image_url: Callable[[str], str]) -> Iterator[bytes]:
    found = plans.survey(request.request_id) or {}
    layout = Layout.from_json(found["layout"])  # type: ignore[arg-type]  # what `to_json` wrote
    for number in range(request.parts_planned):
        part = plans.part(request.request_id, number)
        rows = list(_rows(request.request_id, part, _products(part, layout), results, image_url))
        if rows:
            yield _csv(rows)


def _rows(
    request_id: str, part: PlanPart, products: Mapping[int, str], results: Results, image_url: Callable[[str], str]
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
