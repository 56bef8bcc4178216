"""The output CSV, from the plan and the results, one plan part in memory at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import NamedTuple

from functions.core.catalogue import (
    OutputRow,
    PlannedImage,
    PlannedRow,
    PlanPart,
    PlanReader,
    ResultReader,
    distinct_images,
    output_cells,
    planned_layout,
    write_csv,
)
from functions.core.errors import ImageCode, image_message
from functions.core.model import IMAGES_A_READ, Request, Result

READERS = 8  # reads at a time


class Picture(NamedTuple):
    """The object key of a picture, and those of its renditions by their names."""

    key: str
    renditions: Mapping[str, str]


class NoPicture(NamedTuple):
    """Why there is no picture of an image."""

    code: ImageCode
    message: str


Outcome = Picture | NoPicture


def output_csv(
    request: Request, plans: PlanReader, results: ResultReader, image_url: Callable[[str], str]
) -> Iterator[bytes]:
    """The output CSV in chunks. `image_url` makes what stands in it for a picture from its object key."""
    layout = planned_layout(plans, request.request_id)
    rows = output_rows(request, plans, results, image_url)
    return write_csv(layout, request.options, rows, _has_errors(request))


def output_table(
    request: Request, plans: PlanReader, results: ResultReader, image_url: Callable[[str], str]
) -> Iterator[list[str]]:
    """The cells of the output CSV, row by row, its header first."""
    layout = planned_layout(plans, request.request_id)
    rows = output_rows(request, plans, results, image_url)
    return output_cells(layout, request.options, rows, _has_errors(request))


def _has_errors(request: Request) -> bool:
    return bool(request.failed_images or request.row_errors)


def output_rows(
    request: Request, plans: PlanReader, results: ResultReader, image_url: Callable[[str], str]
) -> Iterator[OutputRow]:
    """Every row of the plan with what became of its images."""
    names = [rendition.name for rendition in request.options.image.made()]
    with ThreadPoolExecutor(READERS) as readers:
        for number in range(request.parts_planned):
            part = plans.part(request.request_id, number)
            outcomes = _outcomes(request.request_id, part, results, readers)
            for row in part.rows:
                yield _output_row(row, outcomes, image_url, names)


def _outcomes(
    request_id: str, part: PlanPart, results: ResultReader, readers: ThreadPoolExecutor
) -> dict[int, Outcome]:
    """By n, of all images of the part: whole chunks of the new ones, and those alone that earlier parts have, too."""
    earlier = [image for image in distinct_images(part.rows) if image.n < part.start.n]
    some = [earlier[first : first + IMAGES_A_READ] for first in range(0, len(earlier), IMAGES_A_READ)]
    found = chain(
        readers.map(lambda chunk: results.results(request_id, chunk.number), part.chunks()),
        readers.map(lambda images: results.results_of(request_id, images), some),
    )
    return {each.n: _outcome(each) for each in chain.from_iterable(found)}


def _outcome(result: Result) -> Outcome:
    if result.key:
        return Picture(result.key, {made.name: made.key for made in result.renditions})
    code = result.code or ImageCode.GAVE_UP
    return NoPicture(code, image_message(code, result.format))


def _output_row(
    row: PlannedRow, outcomes: Mapping[int, Outcome], image_url: Callable[[str], str], names: Sequence[str]
) -> OutputRow:
    def urls_of(name: str) -> tuple[tuple[str | None, ...], ...]:
        return tuple(tuple(url_of(image, name) for image in column) for column in row.images)

    def url_of(image: PlannedImage, name: str = "") -> str | None:
        outcome = outcomes[image.n]
        key = None if isinstance(outcome, NoPicture) else outcome.renditions.get(name) if name else outcome.key
        return image_url(key) if key else None

    return OutputRow(
        cells=row.cells,
        urls=tuple(tuple(image.url for image in column) for column in row.images),
        outputs=urls_of(""),
        renditions={name: urls_of(name) for name in names},
        errors=(*(f"line {error.line}: {error.message}" for error in row.errors), *_failures(row, outcomes)),
    )


def _failures(row: PlannedRow, outcomes: Mapping[int, Outcome]) -> Iterator[str]:
    """One text for each image of the row that failed."""
    images = {image.n: image for column in row.images for image in column}
    for image in images.values():
        outcome = outcomes[image.n]
        if isinstance(outcome, NoPicture):
            yield f"{image.url}: {outcome.code} ({outcome.message})"
