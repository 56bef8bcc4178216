"""The rows of the output CSV, from the plan and the results, one plan part in memory at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from functions.core.errors import IMAGE_MESSAGES, ImageCode
from functions.core.model import Request, Result
from functions.core.output_csv import OutputRow
from functions.core.plan import PlannedImage, PlannedRow, PlanPart

READERS = 8  # chunks that are queried at a time

Outcome = str | ImageCode  # the object key of a picture, or why there is none


class Plans(Protocol):
    """The plans."""

    def part(self, request_id: str, number: int) -> PlanPart: ...


class Results(Protocol):
    """The result records."""

    def results(self, request_id: str, chunk: int) -> list[Result]: ...


def output_rows(
    request: Request, plans: Plans, results: Results, image_url: Callable[[str], str]
) -> Iterator[OutputRow]:
    """Every row of the plan with what became of its images. About 150 bytes are held per image, for later rows."""
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(READERS) as readers:
        for number in range(request.parts_planned):
            part = plans.part(request.request_id, number)
            chunks = [chunk.number for chunk in part.chunks()]
            for found in readers.map(lambda chunk: results.results(request.request_id, chunk), chunks):
                outcomes.extend(result.key or result.code or ImageCode.GAVE_UP for result in found)
            for row in part.rows:
                yield _output_row(row, outcomes, image_url)


def _output_row(row: PlannedRow, outcomes: list[Outcome], image_url: Callable[[str], str]) -> OutputRow:
    def url_of(image: PlannedImage) -> str | None:
        outcome = outcomes[image.n]
        return None if isinstance(outcome, ImageCode) else image_url(outcome)

    return OutputRow(
        cells=row.cells,
        urls=tuple(tuple(image.url for image in column) for column in row.images),
        outputs=tuple(tuple(url_of(image) for image in column) for column in row.images),
        errors=(*(f"line {error.line}: {error.message}" for error in row.errors), *_failures(row, outcomes)),
    )


def _failures(row: PlannedRow, outcomes: list[Outcome]) -> Iterator[str]:
    """One text for each image of the row that failed."""
    images = {image.n: image for column in row.images for image in column}
    for image in images.values():
        outcome = outcomes[image.n]
        if isinstance(outcome, ImageCode):
            yield f"{image.url}: {outcome} ({IMAGE_MESSAGES[outcome]})"
