"""What a run of planned rows looks like so far: the results of their images, and the status of each."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from functions.core.model import ImageStatus, RequestStatus, Result
from functions.core.plan import PlannedImage, PlannedRow


class Results(Protocol):
    """The result records."""

    def results(self, request_id: str, chunk: int) -> list[Result]: ...


def distinct_images(rows: Iterable[PlannedRow]) -> list[PlannedImage]:
    """The images of the rows in order of appearance, each once."""
    return list({image.n: image for row in rows for column in row.images for image in column}.values())


def results_of(request_id: str, images: Iterable[PlannedImage], results: Results) -> dict[int, Result]:
    """The results that are there for these images, by n: one query for each chunk that they are in."""
    chunks = {image.chunk for image in images}
    return {result.n: result for chunk in sorted(chunks) for result in results.results(request_id, chunk)}


def image_status(result: Result | None, request: RequestStatus) -> ImageStatus:
    """An image is processing when its request is and it has no result; one that a request ended without, failed."""
    if result is not None:
        return result.status
    if request.is_terminal:
        return ImageStatus.FAILED
    return ImageStatus(request.value)


def product_status(row: PlannedRow, results: Mapping[int, Result], request: RequestStatus) -> ImageStatus:
    """Completed when at least one of its images is and none is missing, or when it has none and its request ended."""
    if row.errors:
        return ImageStatus.FAILED
    statuses = {image_status(results.get(image.n), request) for column in row.images for image in column}
    for status in (ImageStatus.PENDING, ImageStatus.PROCESSING, ImageStatus.COMPLETED, ImageStatus.FAILED):
        if status in statuses:
            return status
    return ImageStatus.COMPLETED
