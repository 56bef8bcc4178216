"""The status answer, and where an image and a product stand."""

import json
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest

from functions.api.http.problem import ApiError
from functions.api.requests.status import MAX_SUMMED_CHUNKS, PageCursor, StatusAnswer
from functions.api.schemas import MAX_PRODUCTS
from functions.core.catalogue.plan import Cursor, PlannedImage, PlannedRow, SeenUrls, next_part
from functions.core.catalogue.products import MAX_ROW_URL_BYTES, MAX_ROW_URLS, read_rows, survey
from functions.core.catalogue.progress import image_status, product_status
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.csv.errors import RowError
from functions.core.errors import ImageCode, RequestCode
from functions.core.model import CHUNK_SIZE, Chunk, ImageStatus, RequestStatus, Result, WebhookStatus
from functions.core.options import CsvOptions
from functions.core.settings import PublicUrls
from tests.fakes import NOW, REQUEST_ID, Chunks, Plans, Requests, a_request

TEXT = (
    "S. No.,Product Name,Input Image Urls\n"
    '7.,Shoe,"https://x/0.jpg,https://x/1.jpg"\n'
    "A-8,Hat,https://x/2.jpg\n"
    ",Bag,https://x/0.jpg\n"
    "10,Sock,\n"
)
TOO_LONG = '""' * 450_000
LARGEST_ANSWER = 5_000_000  # bytes: a Lambda answers with 6 MB, of which errors of other rows may take the rest
PROCESSING, COMPLETED, FAILED = RequestStatus.PROCESSING, RequestStatus.COMPLETED, RequestStatus.FAILED


def made(n: int) -> Result:
    return Result(n, f"https://x/{n}.jpg", key=f"images/{n}.webp", width=12, height=8, bytes_in=10, bytes_out=4)


def failed(n: int) -> Result:
    return Result(n, f"https://x/{n}.jpg", ImageCode.NOT_FOUND)


class Asking:
    """The answer among fakes, for a request whose CSV is planned."""

    def __init__(self, *results: Result, text: str = TEXT, parts: int = 1, **request: Any) -> None:
        self.chunks = Chunks(Requests())
        self.plans = Plans()
        self._plan(text, parts, request)
        self.chunks.add(Chunk(REQUEST_ID, 0, 0, 0, 3, int(NOW), settled=len(results)), *results)
        usual: dict[str, Any] = {"status": PROCESSING, "parts_planned": parts, "chunks_total": 1, "total_images": 3}
        self.request = a_request(**usual | request)
        self.answer = StatusAnswer(self.plans, self.chunks, PublicUrls("https://api.example", "https://cdn.example"))

    def _plan(self, text: str, parts: int, request: dict[str, Any]) -> None:
        def source(offset: int) -> list[bytes]:
            return [text.encode()[offset:]]

        found = survey(source, CsvOptions())
        rows, seen, cursor = list(read_rows(source, found.layout)), SeenUrls(), Cursor(found.layout.body)
        size = -(-len(rows) // parts)
        for number in range(parts):
            part = next_part(number, cursor, iter(rows[number * size : (number + 1) * size]), seen)
            self.plans.stored[REQUEST_ID, number], cursor = part.to_bytes(), part.end
        record = replace(SurveyRecord.of(found), warnings=("read as windows-1252",))
        self.plans.store_survey(REQUEST_ID, request.pop("survey", record))

    def body(self, limit: int = MAX_PRODUCTS, token: str | None = None) -> dict[str, Any]:
        return self.answer.of(self.request, limit, PageCursor.from_token(token)).model_dump(mode="json")

    def pages(self, limit: int) -> list[list[str]]:
        """The product names of each page."""
        pages, token = list[list[str]](), None
        while not pages or token:
            body = self.body(limit, token)
            pages.append([product["product_name"] for product in body["products"]])
            token = body["next_token"]
        return pages


# --- the answer ------------------------------------------------------------------------------------------------------


def test_the_answer_has_every_documented_field() -> None:
    assert set(Asking().body()) == {
        "request_id", "status", "error", "errors", "errors_total", "warnings", "source_key", "completion_percentage",
        "created_at", "updated_at", "total_images", "processed_images", "failed_images", "webhook_status", "bytes_in",
        "bytes_out", "bytes_saved", "output_csv", "results_csv_url", "products", "images", "next_token",
        "source", "dry_run", "retry_of", "file_name", "csv_url", "csv_etag", "options", "estimated_cost_usd",
    }  # fmt: skip


def test_products_are_told_as_they_stand_in_the_csv() -> None:
    products = Asking().body()["products"]
    assert [(product["serial_number"], product["product_name"]) for product in products] == [
        (7, "Shoe"), ("A-8", "Hat"), (3, "Bag"), (10, "Sock"),
    ]  # fmt: skip


def test_output_urls_stand_where_their_input_urls_do() -> None:
    product = Asking(failed(0), made(1)).body()["products"][0]
    assert product["input_urls"] == ["https://x/0.jpg", "https://x/1.jpg"]
    assert product["output_urls"] == [None, "https://cdn.example/images/1.webp"]


def test_an_image_that_two_products_have_is_told_once() -> None:
    assert [image["input_url"] for image in Asking().body()["images"]] == [f"https://x/{n}.jpg" for n in range(3)]


def test_an_image_that_is_completed_is_told_with_its_sizes() -> None:
    assert Asking(made(0)).body()["images"][0] == {
        "input_url": "https://x/0.jpg",
        "output_url": "https://cdn.example/images/0.webp",
        "status": "completed",
        "error": None,
        "bytes_in": 10,
        "bytes_out": 4,
        "width": 12,
        "height": 8,
        "renditions": {},
        "srcset": None,
        "sizes": None,
    }


def test_an_image_that_failed_is_told_with_its_reason() -> None:
    image = Asking(failed(0)).body()["images"][0]
    assert image["error"] == {"code": "not_found", "message": "the origin has no such image"}
    assert (image["status"], image["output_url"], image["bytes_in"]) == ("failed", None, None)


@pytest.mark.parametrize("status", [RequestStatus.CANCELLED, FAILED])
def test_an_image_that_its_request_ended_without_says_so(status: RequestStatus) -> None:
    done, left, _ = Asking(made(0), status=status).body()["images"]
    assert left["error"] == {"code": "not_processed", "message": "the request ended before the image was done"}
    assert (done["error"], left["status"]) == (None, "failed")


def test_a_format_that_is_not_supported_is_named() -> None:
    refused = Result(0, "https://x/0.jpg", ImageCode.UNSUPPORTED_FORMAT, format="psd")
    assert Asking(refused).body()["images"][0]["error"]["message"].endswith("not supported (psd)")


def test_an_image_that_is_not_done_yet_has_no_error() -> None:
    assert [image["error"] for image in Asking().body()["images"]] == [None] * 3


def test_progress_counts_what_was_settled_in_open_chunks() -> None:
    asking = Asking()
    asking.chunks.add(Chunk(REQUEST_ID, 0, 0, 0, 3, int(NOW), settled=2))
    body = asking.body()
    assert (body["processed_images"], body["completion_percentage"]) == (2, 66.7)


def test_progress_of_a_request_with_many_chunks_counts_whole_chunks() -> None:
    asking = Asking(chunks_total=MAX_SUMMED_CHUNKS + 1)
    asking.chunks.add(Chunk(REQUEST_ID, 0, 0, 0, 3, int(NOW), settled=2))
    assert asking.body()["processed_images"] == 0


def test_progress_is_no_less_than_what_the_same_answer_shows() -> None:
    asking = Asking(made(0), failed(1))
    asking.chunks.add(Chunk(REQUEST_ID, 0, 0, 0, 3, int(NOW), settled=0))
    assert asking.body()["processed_images"] == 2


def test_failures_are_no_fewer_than_what_the_same_answer_shows() -> None:
    body = Asking(made(0), failed(1), failed(2)).body()
    assert (body["processed_images"], body["failed_images"]) == (3, 2)


def test_failures_on_other_pages_count() -> None:
    assert Asking(failed(1), processed_images=3, failed_images=2).body()["failed_images"] == 2


def test_progress_never_exceeds_the_total() -> None:
    """A chunk may be settled between the two reads, and be counted in both."""
    assert Asking(made(0), made(1), processed_images=3).body()["processed_images"] == 3


def test_a_completed_request_is_complete_to_the_percent() -> None:
    assert Asking(status=COMPLETED, processed_images=3).body()["completion_percentage"] == 100.0


def test_a_request_without_images_has_no_progress() -> None:
    assert Asking(status=PROCESSING, total_images=0, chunks_total=None).body()["completion_percentage"] == 0.0


def test_a_request_that_has_ended_tells_what_it_cost_about() -> None:
    body = Asking(status=RequestStatus.COMPLETED, total_images=10_000, processed_images=10_000).body()
    assert body["estimated_cost_usd"] == pytest.approx(0.073, abs=0.001)


def test_a_request_that_runs_does_not_tell_what_it_costs() -> None:
    assert Asking(status=RequestStatus.PROCESSING).body()["estimated_cost_usd"] is None


def test_bytes_saved_are_the_difference() -> None:
    body = Asking(bytes_in=100, bytes_out=40).body()
    assert (body["bytes_in"], body["bytes_out"], body["bytes_saved"]) == (100, 40, 60)


def test_the_output_csv_is_linked_when_it_is_there() -> None:
    body = Asking(status=COMPLETED).body()
    assert body["output_csv"] == body["results_csv_url"] == f"https://api.example/download/{REQUEST_ID}"


def test_the_output_csv_is_not_linked_before() -> None:
    assert Asking().body()["output_csv"] is None


def test_times_are_utc() -> None:
    assert Asking().body()["created_at"] == "2023-11-14T22:13:20.000Z"


def test_the_webhook_status_is_told() -> None:
    assert Asking(webhook_status=WebhookStatus.SENT).body()["webhook_status"] == "sent"


def test_a_request_that_failed_says_why() -> None:
    body = Asking(status=FAILED, error=RequestCode.ALL_IMAGES_FAILED).body()
    assert body["error"] == {"code": "all_images_failed", "message": "none of the images could be compressed"}


@pytest.mark.parametrize("code", [RequestCode.INVALID_CSV, RequestCode.TOO_MANY_IMAGES, RequestCode.TOO_MANY_ROWS])
def test_a_refused_csv_is_told_with_its_errors(code: RequestCode) -> None:
    error: dict[str, Any] = {"line": 3, "column": "Images", "code": "not_a_url", "message": "no URL", "value": "x"}
    refused: dict[str, Any] = {"survey": SurveyRecord.refused([RowError(**error)], 1)}
    body = Asking(status=FAILED, error=code, parts_planned=0, chunks_total=None, **refused).body()
    assert (body["errors"], body["errors_total"], body["products"]) == ([error], 1, [])


def test_warnings_are_told() -> None:
    assert Asking().body()["warnings"] == ["read as windows-1252"]


def test_a_pending_request_has_no_products_yet() -> None:
    body = Asking(status=RequestStatus.PENDING, parts_planned=0, chunks_total=None).body()
    assert (body["products"], body["images"], body["next_token"]) == ([], [], None)


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [1, 2, 4])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
def test_pages_have_every_product_once_and_in_order(limit: int, parts: int) -> None:
    names = ["Shoe", "Hat", "Bag", "Sock"]
    assert Asking(parts=parts).pages(limit) == [names[first : first + limit] for first in range(0, 4, limit)]


def test_a_page_is_cut_where_an_answer_has_no_room() -> None:
    rows = "".join(f"{n},{'x' * 900_000},\n" for n in range(6))
    assert [len(page) for page in Asking(text=f"No,Name,Images\n{rows}").pages(1_000)] == [4, 2]


def test_a_page_is_cut_by_what_quotes_take_in_an_answer() -> None:
    quotes = '""' * 7_500
    urls = [" ".join(f"https://x/{row}-{n}/{quotes}" for n in range(60)) for row in range(2)]
    text = f'No,Name,Images\n1,Shoe,"{urls[0]}"\n2,Hat,"{urls[1]}"\n'
    assert Asking(text=text).pages(1_000) == [["Shoe"], ["Hat"]]


def test_a_page_is_cut_where_its_images_would_take_too_long() -> None:
    rows = "".join(f"{n},Album,{' '.join(f'https://x/{n}/{each}.jpg' for each in range(600))}\n" for n in range(5))
    assert [len(page) for page in Asking(text=f"No,Name,Images\n{rows}").pages(1_000)] == [3, 2]


def test_the_images_of_a_page_are_told_wherever_in_the_request_they_are_counted() -> None:
    rows = "".join(f"{n},Shoe,https://x/{n}.jpg\n" for n in range(CHUNK_SIZE + 1))
    asking, last = Asking(text=f"No,Name,Images\n{rows}"), CHUNK_SIZE - 1
    asking.chunks.add(Chunk(REQUEST_ID, 0, 0, 0, CHUNK_SIZE, int(NOW)), made(last))
    asking.chunks.add(Chunk(REQUEST_ID, 1, 0, CHUNK_SIZE, 1, int(NOW)), failed(last + 1))
    body = asking.body(limit=2, token=PageCursor(0, last).token())
    assert [image["status"] for image in body["images"]] == ["completed", "failed"]


def test_a_row_that_is_larger_than_an_answer_is_a_page_of_its_own() -> None:
    text = f"No,Name,Images,A,B,C,D,E\n1,a,,{','.join(['x' * 900_000] * 5)}\n2,b,,,,,,\n"
    assert [len(page) for page in Asking(text=text).pages(1_000)] == [1, 1]


def test_the_largest_row_that_there_may_be_fits_an_answer() -> None:
    """A row is told as a whole: where that cannot be answered, no token leads past it."""
    start = "http://x/0000/"
    quotes = '""' * (MAX_ROW_URL_BYTES // MAX_ROW_URLS - len(start))  # one each, written as two within a cell
    urls = " ".join(f"http://x/{n:04}/{quotes}" for n in range(MAX_ROW_URLS))
    text = f'Serial,Name,Images\n"{TOO_LONG}","{TOO_LONG}","{urls}"\n'
    asking = Asking(text=text, total_images=MAX_ROW_URLS, chunks_total=MAX_ROW_URLS // CHUNK_SIZE)
    assert len(asking.body()["images"]) == MAX_ROW_URLS
    for n in range(MAX_ROW_URLS):
        result = replace(made(n), key=f"images/{REQUEST_ID}/{n}-{'0' * 12}/{'n' * 100}.jpeg", bytes_in=25_000_000)
        asking.chunks.add(Chunk(REQUEST_ID, n // CHUNK_SIZE, 0, 0, CHUNK_SIZE, int(NOW)), result)
    answer = asking.answer.of(asking.request, MAX_PRODUCTS, PageCursor())
    assert len(json.dumps({"body": answer.model_dump_json()}, ensure_ascii=False).encode()) < LARGEST_ANSWER


@pytest.mark.parametrize("token", ["nonsense", "LTEuMA==", "MS4=", "ÄÖÜ", "MTIzNDU2Nzg5MC4w", "x"])
def test_a_token_that_this_service_did_not_give_is_a_bad_request(token: str) -> None:
    with pytest.raises(ApiError) as caught:
        PageCursor.from_token(token)
    assert caught.value.status is HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("cursor", [PageCursor(), PageCursor(3, 999), PageCursor(1_000_000, 0)])
def test_a_token_is_read_back(cursor: PageCursor) -> None:
    assert PageCursor.from_token(cursor.token()) == cursor


def test_a_token_beyond_the_end_is_an_empty_page() -> None:
    body = Asking().body(token=PageCursor(0, 999).token())
    assert (body["products"], body["next_token"]) == ([], None)


# --- whether there is a CSV ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_fields", "there"),
    [
        ({"status": COMPLETED, "chunks_total": 1}, True),
        ({"status": FAILED, "chunks_total": 1, "error": RequestCode.ALL_IMAGES_FAILED}, True),
        ({"status": FAILED, "chunks_total": 0, "error": RequestCode.NO_IMAGES}, True),
        ({"status": FAILED, "chunks_total": None, "error": RequestCode.INVALID_CSV}, False),
        ({"status": FAILED, "chunks_total": 1, "error": RequestCode.FINALIZE_FAILED}, False),
        ({"status": PROCESSING, "chunks_total": 1}, False),
        ({"status": RequestStatus.CANCELLED, "chunks_total": 1}, False),
    ],
)
def test_a_request_has_a_csv_when_finalize_wrote_one(request_fields: dict[str, Any], there: bool) -> None:
    assert a_request(**request_fields).has_csv == there


# --- where an image and a product stand ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "request_status", "expected"),
    [
        (made(0), PROCESSING, ImageStatus.COMPLETED),
        (failed(0), PROCESSING, ImageStatus.FAILED),
        (made(0), RequestStatus.CANCELLED, ImageStatus.COMPLETED),
        (None, RequestStatus.PENDING, ImageStatus.PENDING),
        (None, PROCESSING, ImageStatus.PROCESSING),
        (None, RequestStatus.CANCELLED, ImageStatus.FAILED),
        (None, FAILED, ImageStatus.FAILED),
    ],
)
def test_an_image_stands_where_its_result_or_its_request_does(
    result: Result | None, request_status: RequestStatus, expected: ImageStatus
) -> None:
    assert image_status(result, request_status) is expected


@pytest.mark.parametrize(
    ("results", "request_status", "expected"),
    [
        ([made(0), made(1)], PROCESSING, ImageStatus.COMPLETED),
        ([made(0), failed(1)], PROCESSING, ImageStatus.COMPLETED),
        ([failed(0), failed(1)], PROCESSING, ImageStatus.FAILED),
        ([made(0)], PROCESSING, ImageStatus.PROCESSING),
        ([], RequestStatus.PENDING, ImageStatus.PENDING),
        ([made(0)], RequestStatus.CANCELLED, ImageStatus.COMPLETED),
    ],
)
def test_a_product_stands_where_its_images_do(
    results: Sequence[Result], request_status: RequestStatus, expected: ImageStatus
) -> None:
    images = tuple(PlannedImage(n, 0, f"https://x/{n}.jpg") for n in range(2))
    row = PlannedRow(2, 1, ("Shoe",), (images,), ())
    assert product_status(row, {result.n: result for result in results}, request_status) is expected


def test_a_product_without_images_is_completed() -> None:
    assert product_status(PlannedRow(2, 1, ("Shoe",), ((),), ()), {}, COMPLETED) is ImageStatus.COMPLETED


def test_a_product_whose_row_is_bad_has_failed() -> None:
    row = PlannedRow(2, 1, ("Shoe",), ((),), (RowError(2, None, "not_a_url", "no URL"),))
    assert product_status(row, {}, PROCESSING) is ImageStatus.FAILED
