"""The status answer: where a request stands, and a page of its products with their images."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from functions.api.http import ApiError, Code, page_place, page_token
from functions.api.schemas import Image, ImageFailure, ImageRendition, Product, RowProblem, Status
from functions.core.catalogue import (
    Layout,
    PlannedImage,
    PlannedRow,
    PlanReader,
    ResultReader,
    SurveyRecord,
    distinct_images,
    image_status,
    product_name,
    product_status,
    serial_number,
)
from functions.core.cost import estimated_dollars
from functions.core.errors import REQUEST_MESSAGES, ImageCode, RequestCode, image_message
from functions.core.model import IMAGES_A_READ, Chunk, ImageStatus, MadeRendition, Request, RequestStatus, Result
from functions.core.settings import PublicUrls
from functions.core.times import iso

MAX_PAGE_BYTES = 4_000_000  # a Lambda answers with 6 MB at the most
BYTES_PER_IMAGE = 700  # of a page besides its URLs: two output URLs, sizes, names
BYTES_PER_RENDITION = 420  # of a page: its URL, twice with srcset, and its figures
SAME_SHAPE = 0.02  # of proportions: sizes are whole pixels
MAX_NAME = 1_000  # characters of a product's name or serial number that are told; a cell may have a million
MAX_PAGE_IMAGES = 2_000  # to read the result of one takes 0.2 ms of a core, of which the function has a half
MAX_SUMMED_CHUNKS = 100  # open ones whose results are added to those that are counted: one BatchGetItem

REFUSALS = {
    RequestCode.INVALID_CSV,
    RequestCode.INVALID_OPTIONS,
    RequestCode.CSV_NOT_FETCHED,
    RequestCode.TOO_MANY_IMAGES,
    RequestCode.TOO_MANY_ROWS,
}


class Chunks(ResultReader, Protocol):
    """The chunk and result records."""

    def find(self, request_id: str, numbers: range) -> list[Chunk]: ...


@dataclass(frozen=True, slots=True)
class PageCursor:
    """The next product of a page: the plan part and the row in it."""

    part: int = 0
    row: int = 0

    @classmethod
    def from_token(cls, token: str | None) -> "PageCursor":
        """From `next_token`. Raises ApiError 400."""
        place = page_place(token, int, int)
        if place and min(place) < 0:
            raise ApiError(Code.INVALID_PARAMETERS, "next_token is not one that this service gave")
        return cls(*place) if place else cls()

    def token(self) -> str:
        return page_token(self.part, self.row)


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """Answers where a request stands, with a page of its products."""

    plans: PlanReader
    chunks: Chunks
    urls: PublicUrls

    def of(self, request: Request, limit: int, cursor: PageCursor) -> Status:
        """The answer, with at most `limit` products from the cursor on."""
        survey = self._survey(request)
        layout = survey.layout
        rows, following = self._page(request, limit, cursor)
        images = distinct_images(rows)
        results = self._results(request, images)
        request = self._counted(request, list(results.values()))
        return Status(
            **summary(request, self.urls),
            options=request.options.to_json(),
            errors=[RowProblem(**error.to_json()) for error in survey.errors],
            errors_total=survey.errors_total,
            warnings=list(survey.warnings),
            estimated_cost_usd=estimated_dollars(request.processed_images) if request.status.is_terminal else None,
            products=[_product(row, layout, results, request.status, self.urls.image) for row in rows if layout],
            images=[_image(image, results.get(image.n), request.status, self.urls.image) for image in images],
            next_token=following.token() if following else None,
        )

    def _survey(self, request: Request) -> SurveyRecord:
        """What the first pass over the CSV found, if there was one."""
        is_there = request.parts_planned or request.error in REFUSALS or request.options.run.dry_run
        return (self.plans.survey(request.request_id) if is_there else None) or SurveyRecord(layout=None)

    def _counted(self, request: Request, results: list[Result]) -> Request:
        """The request with counts that are no less than these results, which may not be counted yet."""
        failed = sum(result.status is ImageStatus.FAILED for result in results)
        return replace(
            request,
            processed_images=max(self._processed(request), len(results)),
            failed_images=max(request.failed_images, failed),
        )

    def _processed(self, request: Request) -> int:
        """Images that ended. Of a running request also those in open chunks, if these are few."""
        is_running = request.status is RequestStatus.PROCESSING and request.chunks_total is not None
        if not is_running or (request.chunks_total or 0) > MAX_SUMMED_CHUNKS:
            return request.processed_images
        chunks = self.chunks.find(request.request_id, range(request.chunks_total or 0))
        in_open_chunks = sum(chunk.settled for chunk in chunks if not chunk.is_done)
        return min(request.processed_images + in_open_chunks, request.total_images)

    def _results(self, request: Request, images: list[PlannedImage]) -> dict[int, Result]:
        """Results by n, in as few reads as possible: every image may be in a different chunk."""
        chunks = {image.chunk for image in images}
        if len(chunks) * IMAGES_A_READ > len(images):
            return {result.n: result for result in self.chunks.results_of(request.request_id, images)}
        found = (self.chunks.results(request.request_id, chunk) for chunk in sorted(chunks))
        return {result.n: result for results in found for result in results}

    def _page(self, request: Request, limit: int, cursor: PageCursor) -> tuple[list[PlannedRow], PageCursor | None]:
        """The rows of the page, and where the next page begins if there is more."""
        rows: list[PlannedRow] = []
        images = size = 0
        for row, at in self._rows_from(request, cursor):
            images += sum(map(len, row.images))
            size += _size(row, len(request.options.image.renditions))
            if rows and (len(rows) >= limit or images > MAX_PAGE_IMAGES or size > MAX_PAGE_BYTES):
                return rows, at
            rows.append(row)
        return rows, None

    def _rows_from(self, request: Request, cursor: PageCursor) -> Iterator[tuple[PlannedRow, PageCursor]]:
        for number in range(cursor.part, request.parts_planned):
            part = self.plans.part(request.request_id, number)
            first = cursor.row if number == cursor.part else 0
            for row in range(first, len(part.rows)):
                yield part.rows[row], PageCursor(number, row)


def summary(request: Request, urls: PublicUrls) -> dict[str, Any]:
    """The fields of a Summary."""
    csv_url = urls.download(request.request_id) if request.has_csv else None
    return {
        "request_id": request.request_id,
        "status": request.status,
        "error": {"code": request.error, "message": REQUEST_MESSAGES[request.error]} if request.error else None,
        "source": request.source,
        "source_key": request.object_key,
        "file_name": request.shown_name,
        "csv_url": request.csv_url,
        "csv_etag": request.csv_etag,
        "dry_run": request.options.run.dry_run,
        "retry_of": request.retry_of,
        "completion_percentage": _percentage(request),
        "created_at": iso(request.created_at),
        "updated_at": iso(request.updated_at),
        "total_images": request.total_images,
        "processed_images": request.processed_images,
        "failed_images": request.failed_images,
        "webhook_status": request.webhook_status,
        "bytes_in": request.bytes_in,
        "bytes_out": request.bytes_out,
        "bytes_saved": request.bytes_in - request.bytes_out,
        "output_csv": csv_url,
        "results_csv_url": csv_url,
    }


def _percentage(request: Request) -> float:
    if request.status is RequestStatus.COMPLETED:
        return 100.0
    return round(100 * request.processed_images / request.total_images, 1) if request.total_images else 0.0


def _size(row: PlannedRow, renditions: int) -> int:
    images = [image for column in row.images for image in column]
    texts = sum(len(cell.encode("utf-8", "replace")) for cell in row.cells)
    of_image = BYTES_PER_IMAGE + renditions * BYTES_PER_RENDITION
    return texts + sum(2 * _told(image.url) + of_image for image in images)


def _told(url: str) -> int:
    """The bytes that a URL takes in an answer.

    The answer is JSON within Lambda's JSON: a quote takes four characters.
    """
    return len(url.encode("utf-8", "replace")) + 3 * (url.count('"') + url.count("\\"))


def _product(
    row: PlannedRow,
    layout: Layout,
    results: dict[int, Result],
    request: RequestStatus,
    image_url: Callable[[str], str],
) -> Product:
    images = [image for column in row.images for image in column]
    serial = serial_number(layout, row.cells, row.number)
    return Product(
        serial_number=serial[:MAX_NAME] if isinstance(serial, str) else serial,
        product_name=product_name(layout, row.cells)[:MAX_NAME],
        input_urls=[image.url for image in images],
        output_urls=[_output_url(results.get(image.n), image_url) for image in images],
        processing_status=product_status(row, results, request),
    )


def _image(
    image: PlannedImage, result: Result | None, request: RequestStatus, image_url: Callable[[str], str]
) -> Image:
    status = image_status(result, request)
    failed = status is ImageStatus.FAILED
    return Image(
        input_url=image.url,
        output_url=_output_url(result, image_url),
        status=status,
        error=_error(result) if failed else None,
        bytes_in=result.bytes_in if result and not failed else None,
        bytes_out=result.bytes_out if result and not failed else None,
        width=result.width if result else None,
        height=result.height if result else None,
        renditions={made.name: _rendition(made, image_url) for made in result.renditions} if result else {},
        srcset=srcset_of(result, image_url) if result else None,
        sizes=sizes_of(result) if result else None,
    )


def _rendition(made: MadeRendition, image_url: Callable[[str], str]) -> ImageRendition:
    return ImageRendition(
        url=image_url(made.key),
        format=made.format,
        width=made.width,
        height=made.height,
        bytes=made.bytes,
        warning=made.warning,
    )


def srcset_of(result: Result, image_url: Callable[[str], str]) -> str | None:
    """The text of an <img>'s `srcset`: the renditions that show what the primary one shows, each width once."""
    widths = {made.width: image_url(made.key) for made in reversed(_alike(result))}
    return ", ".join(f"{url} {width}w" for width, url in sorted(widths.items())) or None


def sizes_of(result: Result) -> str | None:
    """The text of an <img>'s `sizes`: as wide as the page, up to the largest rendition."""
    widest = max((made.width for made in _alike(result)), default=None)
    return f"(max-width: {widest}px) 100vw, {widest}px" if widest else None


def _alike(result: Result) -> list[MadeRendition]:
    """The renditions in the proportions of the primary one: others are cut, or have a canvas around them."""
    own = (result.width or 1) / (result.height or 1)
    return [made for made in result.renditions if abs(made.width / made.height / own - 1) < SAME_SHAPE]


def _output_url(result: Result | None, image_url: Callable[[str], str]) -> str | None:
    return image_url(result.key) if result and result.key else None


def _error(result: Result | None) -> ImageFailure:
    """The error of a failed image: from its result, or because it has none."""
    code = (result.code if result else None) or ImageCode.NOT_PROCESSED
    return ImageFailure(code=code, message=image_message(code, result.format if result else None))
