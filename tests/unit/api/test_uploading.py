"""Uploads: dry runs, repeated calls, quotas, options, and what must not be started."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.adapters.workbook.sheets import Workbooks
from functions.api.http.problem import ApiError, Code
from functions.api.keys import Caller
from functions.api.routes.context import attached
from functions.api.schemas import Accepted, DryRun
from functions.api.uploads.checks import Checks
from functions.api.uploads.form import ReadForm
from functions.api.uploads.opening import Opening, idempotent_id
from functions.api.uploads.uploading import MAX_NAME, Upload
from functions.core.cost import estimated_dollars
from functions.core.messages import IngestTask
from functions.core.model import RequestStatus
from functions.core.settings import PublicUrls
from functions.core.uploads.wishes import WishReader
from tests.fakes import NOW, REQUEST_ID, Clock, Journal, KilledError, Objects, Queue, Requests, a_request

ACME = Caller("acme")
CSV = b"Name,Images\nLamp,https://x/1.jpg\nVase,https://x/2.jpg\n"
OTHER = "99999999-2222-4333-8444-555555555555"


@dataclass
class Quota:
    """What an owner used on a day."""

    used: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    def images_of_day(self, owner: str, day: str) -> int:
        self.asked.append((owner, day))
        return self.used


class Uploading:
    """Uploads among fakes."""

    def __init__(self, daily_images: int = 0, used: int = 0, kill_after: int | None = None) -> None:
        self.journal = Journal(kill_after=kill_after)
        self.requests = Requests(self.journal)
        self.uploads = Objects(self.journal)
        self.ingest: Queue[IngestTask] = Queue("ingest", self.journal)
        self.quota = Quota(used)
        self.clock = Clock()
        checks = Checks(
            WishReader(self.requests.find, self.clock, https_only=True),
            Workbooks(60),
            self.quota,
            self.clock,
            daily_images=daily_images,
        )
        opening = Opening(
            requests=self.requests,
            ingest=self.ingest,
            urls=PublicUrls("https://api.example", "https://cdn.example"),
            clock=self.clock,
            new_id=lambda: REQUEST_ID,
            lifetime=1000,
            patience=60,
        )
        self.upload = Upload(checks, self.uploads, opening)

    def accept(self, content: bytes = CSV, key: str | None = None, owner: str = "acme", **fields: str) -> Any:
        return self.upload.accept(Caller(owner), ReadForm(content, "products.csv", fields), key)

    def refusal(self, content: bytes = CSV, key: str | None = None, **fields: str) -> ApiError:
        with pytest.raises(ApiError) as caught:
            self.accept(content, key, "acme", **fields)
        return caught.value


def test_an_upload_is_stored_recorded_and_queued_in_this_order() -> None:
    uploading = Uploading()
    accepted = uploading.accept()
    assert isinstance(accepted, Accepted)
    put = f"objects.put uploads/acme/{REQUEST_ID}/products.csv"
    assert uploading.journal.writes == [put, "requests.create", "ingest.send"]
    assert uploading.ingest.sent == [IngestTask(REQUEST_ID)]


def test_a_dry_run_counts_and_writes_nothing() -> None:
    uploading = Uploading()
    found = uploading.accept(dry_run="true", key="once")
    assert isinstance(found, DryRun)
    assert (found.total_images, found.total_products, found.request_id) == (2, 2, None)
    assert uploading.journal.writes == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CSV, "The CSV is good; nothing was started"),
        (
            CSV + b"Sofa,nothing\n",
            "The CSV is good but for 1 of 3 rows, which would be left as they are; nothing was started",
        ),
        (b"Name,Images\nLamp,\n", "The CSV has no images: its request would fail as no_images; nothing was started"),
    ],
    ids=["good", "a bad row", "no images"],
)
def test_a_dry_run_says_what_would_become_of_the_csv(content: bytes, said: str) -> None:
    assert Uploading().accept(content, dry_run="true", mode="lenient").message == said


def test_a_dry_run_says_how_the_csv_was_understood() -> None:
    content = "Title;Photo;Größe\nLamp;https://x/1.jpg;7\n".encode("windows-1252") + b"Vase;;8\n" * 9
    seen = Uploading().accept(content, dry_run="true").preview
    assert (seen.columns, seen.url_columns, seen.name_column) == (["Title", "Photo", "Größe"], [1], 0)
    assert (seen.encoding, seen.delimiter, seen.sheet) == ("windows-1252", ";", None)
    assert seen.first_rows == [["Lamp", "https://x/1.jpg", "7"]] + [["Vase", "", "8"]] * 4
    assert seen.estimated_cost_usd == estimated_dollars(1)


def test_a_dry_run_shows_no_more_of_a_csv_than_can_be_looked_at() -> None:
    headers = [*(f"c{number}" for number in range(300)), "Images"]
    row = ["x" * 1000] * 300 + ["https://x/1.jpg"]
    seen = Uploading().accept(f"{','.join(headers)}\n{','.join(row)}\n".encode(), dry_run="true").preview
    assert (len(seen.columns), len(seen.first_rows[0]), len(seen.first_rows[0][0])) == (200, 200, 200)
    assert seen.url_columns == [300]


def test_a_dry_run_of_a_bad_csv_says_what_is_wrong() -> None:
    error = Uploading().refusal(b"Name,Images\nLamp,nothing\n", dry_run="true")
    assert (error.code, error.errors[0]["line"]) == (Code.INVALID_CSV, 2)


def test_all_that_is_wrong_with_the_fields_is_told_at_once() -> None:
    error = Uploading().refusal(quality="0", colour="red", webhook_url="ftp://x")
    assert error.code is Code.INVALID_OPTIONS
    assert [wrong["name"] for wrong in error.errors] == ["quality", "colour", "webhook_url"]


# --- repeated calls --------------------------------------------------------------------------------------------------


def test_a_repeated_call_gives_the_request_that_is_there() -> None:
    uploading = Uploading()
    first, second = uploading.accept(key="k-1"), uploading.accept(key="k-1")
    assert first == second
    assert first.request_id == idempotent_id(ACME, "k-1")
    assert len(uploading.requests.records) == len(uploading.uploads.contents) == 1


def test_a_repeated_call_of_a_request_that_runs_starts_nothing() -> None:
    uploading = Uploading()
    accepted = uploading.accept(key="k-1")
    uploading.requests.start(accepted.request_id, images=2, rows=2, row_errors=0, now=NOW)
    assert uploading.accept(key="k-1").status is RequestStatus.PROCESSING
    assert len(uploading.ingest.sent) == 1


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_repeated_call_ends_what_a_call_that_died_began(writes: int) -> None:
    uploading = Uploading(kill_after=writes)
    with pytest.raises(KilledError):
        uploading.accept(key="k-1")
    uploading.journal.kill_after = None
    accepted = uploading.accept(key="k-1")
    assert list(uploading.requests.records) == [accepted.request_id]
    assert uploading.ingest.sent[-1] == IngestTask(accepted.request_id)


@pytest.mark.parametrize("other", [{"content": CSV + b"Sofa,https://x/3.jpg\n"}, {"quality": "7"}])
def test_a_key_that_came_with_something_else_is_refused(other: dict[str, Any]) -> None:
    uploading = Uploading()
    uploading.accept(key="k-1")
    assert uploading.refusal(key="k-1", **other).code is Code.IDEMPOTENCY_KEY_REUSED


def test_a_key_whose_request_has_expired_is_refused() -> None:
    """The record outlives its request, which can be seen by nobody any more."""
    uploading = Uploading()
    uploading.accept(key="k-1")
    uploading.clock.now += 1000
    assert uploading.refusal(key="k-1").code is Code.IDEMPOTENCY_KEY_REUSED


def test_owners_do_not_share_their_keys() -> None:
    uploading = Uploading()
    ids = {uploading.accept(key="k-1", owner=owner).request_id for owner in ("acme", "other")}
    assert len(ids) == 2


# --- quota -----------------------------------------------------------------------------------------------------------


def test_a_csv_that_fits_the_day_is_taken() -> None:
    uploading = Uploading(daily_images=10, used=8)
    uploading.accept()
    assert uploading.quota.asked == [("acme", datetime.fromtimestamp(NOW, UTC).date().isoformat())]


def test_a_csv_that_does_not_fit_the_day_is_refused_until_tomorrow() -> None:
    error = Uploading(daily_images=10, used=9).refusal()
    midnight = datetime.fromtimestamp(NOW + int(error.headers["Retry-After"]), UTC)
    assert error.code is Code.QUOTA_EXCEEDED
    assert (midnight.hour, midnight.minute) == (0, 0)


def test_without_a_quota_nobody_is_asked() -> None:
    uploading = Uploading()
    uploading.accept()
    assert uploading.quota.asked == []


# --- reuse -----------------------------------------------------------------------------------------------------------


def test_an_own_request_can_be_reused() -> None:
    uploading = Uploading()
    uploading.requests.add(a_request(OTHER))
    uploading.accept(reuse=OTHER)
    assert uploading.requests[REQUEST_ID].options.run.reuse == OTHER


@pytest.mark.parametrize("changes", [{"owner": "other"}, {"expires_at": int(NOW) - 1}])
def test_a_request_of_somebody_else_cannot_be_told_from_none(changes: dict[str, Any]) -> None:
    uploading = Uploading()
    uploading.requests.add(a_request(OTHER, **changes))
    foreign, missing = uploading.refusal(reuse=OTHER), Uploading().refusal(reuse=OTHER)
    assert foreign.detail == missing.detail == "reuse: there is no such request"


def test_a_request_whose_images_were_made_otherwise_cannot_be_reused() -> None:
    uploading = Uploading()
    uploading.requests.add(a_request(OTHER))
    assert "another quality" in uploading.refusal(reuse=OTHER, quality="80").detail


# --- the name of the file --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Ü +(2) 副本.csv", "Ü +(2) 副本.csv"),
        ("C:\\Users\\me\\list.csv", "list.csv"),
        ("../../etc/passwd", "passwd"),
        ('a"b\r\nSet-Cookie: x.csv', 'a"bSet-Cookie: x.csv'),
        ("x" * 300, "x" * MAX_NAME),
    ],
)
def test_a_file_is_shown_by_the_name_that_was_given(given: str, shown: str) -> None:
    uploading = Uploading()
    uploading.upload.accept(ACME, ReadForm(content=CSV, file_name=given))
    (request,) = uploading.requests.records.values()
    assert request.file_name == request.shown_name == shown


def test_a_request_without_a_name_is_shown_by_its_object() -> None:
    assert a_request(object_key="incoming/acme/2026/Frühling.csv").shown_name == "Frühling.csv"


def test_a_disposition_has_a_plain_name_and_the_real_one() -> None:
    assert attached("results_1.csv", 'Ü "2".csv') == (
        "attachment; filename=\"results_1.csv\"; filename*=UTF-8''%C3%9C%20%222%22.csv"
    )
