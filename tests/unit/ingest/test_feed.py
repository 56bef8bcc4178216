"""A CSV that is fetched from its address: kept like an upload, tried again, or refused with a reason."""

import gzip

import pytest

from functions.core.errors import ImageCode, PermanentError, RequestCode, StorageError, TransientError
from functions.core.messages import FinalizeTask
from functions.core.model import RequestStatus
from functions.core.network import Fetched, csv_address
from functions.ingest.feed import FEED_SECONDS, REASONS
from tests.fakes import REQUEST_ID
from tests.ingesting import SMALL, Ingesting
from tests.workbooks import products

URL = "https://shop.example/feed.csv"
KEY = f"uploads/acme/{REQUEST_ID}/feed.csv"
SHEET = "https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKlMnOp"


def fetching(answer: Fetched | Exception) -> Ingesting:
    world = Ingesting("", version_id="", csv_url=URL, object_key=KEY)
    world.origins.answers[URL] = answer
    world.uploads.contents.clear()
    return world


def test_a_csv_is_fetched_once_and_kept_with_the_origins_tag() -> None:
    world = fetching(Fetched(SMALL.encode(), etag='"7"'))
    world.run()
    world.run()
    held = world.requests[REQUEST_ID]
    assert (held.status, held.total_images, held.csv_etag) == (RequestStatus.PROCESSING, 2, '"7"')
    assert world.uploads.contents[KEY] == SMALL.encode()
    assert (held.version_id != "", world.origins.fetched) == (True, [URL])


PACKED = {"a gzip": gzip.compress(SMALL.encode()), "a workbook": products("https://x/1.jpg", "https://x/2.jpg")}


@pytest.mark.parametrize("kind", PACKED)
def test_what_was_fetched_is_known_by_its_bytes_and_not_by_its_name(kind: str) -> None:
    world = fetching(Fetched(PACKED[kind]))
    world.run()
    assert world.requests[REQUEST_ID].total_images == 2


@pytest.mark.parametrize("code", [*REASONS, ImageCode.ORIGIN_ERROR])
def test_a_csv_that_cannot_be_fetched_fails_its_request_with_the_reason(code: ImageCode) -> None:
    world = fetching(PermanentError(code))
    world.run()
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.CSV_NOT_FETCHED)]
    survey = world.plans.survey(REQUEST_ID)
    assert survey is not None
    (error,) = survey.errors
    assert (error.code, error.value) == ("not_fetched", URL)
    assert error.message.startswith("csv_url could not be fetched: ")


def test_an_origin_that_is_busy_is_asked_again_later() -> None:
    world = fetching(TransientError(ImageCode.TIMEOUT))
    with pytest.raises(StorageError):
        world.run()
    assert (world.finalize.sent, world.requests[REQUEST_ID].status) == ([], RequestStatus.PENDING)


def test_a_request_that_was_cancelled_is_not_fetched() -> None:
    world = fetching(Fetched(SMALL.encode()))
    world.requests.end(REQUEST_ID, RequestStatus.CANCELLED, None, 0.0)
    world.run()
    assert world.origins.fetched == []


def test_a_fetch_ends_well_before_the_function() -> None:
    assert FEED_SECONDS < 900 / 2


@pytest.mark.parametrize(
    ("shared", "address"),
    [
        (f"{SHEET}/edit", f"https://docs.google.com/spreadsheets/d/{SHEET[39:]}/export?format=csv"),
        (f"{SHEET}/edit?usp=sharing#gid=7", f"{SHEET}/export?format=csv&gid=7"),
        (f"{SHEET}/edit?gid=12#gid=12", f"{SHEET}/export?format=csv&gid=12"),
        (f"{SHEET}/edit#gid=x", f"{SHEET}/export?format=csv"),
        (SHEET, f"{SHEET}/export?format=csv"),
        (
            "https://docs.google.com/spreadsheets/d/e/2PACX-1vAbCdEf/pubhtml?gid=3&single=true",
            "https://docs.google.com/spreadsheets/d/e/2PACX-1vAbCdEf/pub?output=csv&gid=3",
        ),
        ("https://www.dropbox.com/s/abc/feed.csv?dl=0", "https://www.dropbox.com/s/abc/feed.csv?raw=1"),
        ("https://docs.google.com.evil.example/spreadsheets/d/1AbCdEfGhIjKlMnOp/edit",) * 2,
        ("https://docs.google.com/document/d/1AbCdEfGhIjKlMnOp/edit",) * 2,
        (URL, URL),
    ],
)
def test_a_share_link_of_a_spreadsheet_becomes_its_csv(shared: str, address: str) -> None:
    assert csv_address(shared) == address
