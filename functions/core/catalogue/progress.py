"""What a run of planned rows looks like so far: the results of their images, and the status of each."""

from collections.abc import Iterable, Mapping

from functions.core.catalogue.plan import PlannedImage, PlannedRow
from functions.core.model import ImageStatus, RequestStatus, Result


def distinct_images(rows: Iterable[PlannedRow]) -> list[PlannedImage]:
    """The images of the rows in order of appearance, each once."""
    return list({image.n: image for row in rows for column in row.images for image in column}.values())


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
