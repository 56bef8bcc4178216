"""What a run of planned rows looks like so far: the results of their images, and the status of each."""

from collections.abc import Iterable, Mapping

from functions.core.catalogue.plan import PlannedImage, PlannedRow
from functions.core.model import ImageStatus, RequestStatus, Result


def distinct_images(rows: Iterable[PlannedRow]) -> list[PlannedImage]:
    """The images of the rows in order of appearance, each once."""
    return list({image.n: image for row in rows for column in row.images for image in column}.values())


def image_status(result: Result | None, request: RequestStatus) -> ImageStatus:
    """Processing without a result while the request runs. Failed without a result once the request has ended."""
    if result is not None:
        return result.status
    if request.is_terminal:
        return ImageStatus.FAILED
    return ImageStatus(request.value)


def product_status(row: PlannedRow, results: Mapping[int, Result], request: RequestStatus) -> ImageStatus:
    """Completed when one image is and none is missing, or when there are no images and the request has ended."""
    if row.errors:
        return ImageStatus.FAILED
    statuses = {image_status(results.get(image.n), request) for column in row.images for image in column}
    for status in (ImageStatus.PENDING, ImageStatus.PROCESSING, ImageStatus.COMPLETED, ImageStatus.FAILED):
        if status in statuses:
            return status
    return ImageStatus.COMPLETED
