"""Forms for CSVs that go straight to S3: what is recorded, what the form allows, what is refused."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import ValidationError

from functions.adapters.workbook.sheets import Workbooks
from functions.api.http.problem import ApiError, Code
from functions.api.keys import Caller
from functions.api.schemas import UploadsBody
from functions.api.uploads.checks import Checks
from functions.api.uploads.opening import Opening
from functions.api.uploads.presigning import WINDOW, Presign
from functions.core.errors import StorageError
from functions.core.model import Request, RequestStatus, Source, WebhookStatus
from functions.core.options import CsvOptions, Format, ImageOptions, Mode, Options, RunOptions
from functions.core.settings import PublicUrls
from functions.core.uploads.presigned import MAX_CSV_BYTES, awaits_upload, presigned_upload
from functions.core.uploads.wishes import WishReader
from tests.fakes import NOW, REQUEST_ID, Clock, Journal, Queue, Requests, a_request

LIFETIME, PATIENCE = 86_400, 60
EARLIER = "99999999-2222-4333-8444-555555555555"
HOOK = "https://hook.example"


@dataclass
class Uploads:
    """A bucket that gives out forms."""

    journal: Journal
    forms: list[tuple[str, int, int]] = field(default_factory=list)

    def signed_post(self, key: str, lifetime: int, max_bytes: int) -> dict[str, Any]:
        self.journal.attempt("uploads.signed_post")
        self.forms.append((key, lifetime, max_bytes))
        return {"url": "https://bucket.example", "fields": {"key": key}}


@dataclass
class Quota:
    """What the owner used today."""

    used: int = 0

    def images_of_day(self, owner: str, day: str) -> int:
        return self.used


class Presigning:
    """The call among fakes."""

    def __init__(self, daily_images: int = 0, used: int = 0) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        self.uploads = Uploads(self.journal)
        opening = Opening(
            requests=self.requests,
            ingest=Queue("ingest", self.journal),
            urls=PublicUrls("https://api.example", "https://cdn.example"),
            clock=Clock(),
            new_id=lambda: REQUEST_ID,
            lifetime=LIFETIME,
            patience=PATIENCE,
        )
        self.presign = Presign(
            Checks(
                WishReader(self.requests.find, Clock(), https_only=True),
                Workbooks(60),
                Quota(used),
                Clock(),
                daily_images=daily_images,
            ),
            self.uploads,
            opening,
        )

    def prepare(self, **body: Any) -> Any:
        return self.presign.prepare(Caller("acme"), UploadsBody.model_validate_json(json.dumps(body)))

    def recorded(self, **body: Any) -> Request:
        self.prepare(**body)
        return self.requests[REQUEST_ID]

    def refusal(self, **body: Any) -> ApiError:
        with pytest.raises(ApiError) as caught:
            self.prepare(**body)
        assert self.journal.writes == []
        assert self.uploads.forms == []
        return caught.value


def test_the_record_waits_for_its_csv_as_long_as_the_form_holds() -> None:
    request = Presigning().recorded()
    assert (request.owner, request.source, request.status) == ("acme", Source.API, RequestStatus.PENDING)
    assert (request.version_id, request.upload_until) == ("", NOW + WINDOW)
    assert (request.created_at, request.expires_at) == (NOW, int(NOW) + LIFETIME)
    assert awaits_upload(request)


def test_recover_looks_for_the_csv_after_the_form_is_void() -> None:
    presigning = Presigning()
    presigning.prepare()
    assert presigning.requests.due_at == {(f"REQUEST#{REQUEST_ID}", "REQUEST"): NOW + WINDOW + PATIENCE}


def test_the_form_is_for_the_key_of_the_record_and_for_a_gigabyte() -> None:
    presigning = Presigning()
    request = presigning.recorded()
    assert presigning.uploads.forms == [(request.object_key, WINDOW, MAX_CSV_BYTES)]


def test_the_answer_is_the_form_and_its_limits() -> None:
    answer = Presigning().prepare(webhook_url=HOOK)
    assert (answer.upload.url, answer.max_bytes) == ("https://bucket.example", 1_000_000_000)
    assert (answer.upload_until, answer.webhook_url) == ("2023-11-14T23:13:20.000Z", HOOK)
    assert answer.links.status == f"https://api.example/status/{REQUEST_ID}"


@pytest.mark.parametrize("name", ["products.csv", "Spring sale 1.CSV.gz", ".csv", f"{'x' * 96}.csv"])
def test_a_notification_of_the_key_leads_back_to_the_request(name: str) -> None:
    request = Presigning().recorded(file_name=name)
    upload = presigned_upload(request.object_key, "v1")
    assert upload is not None
    assert upload.request_id == REQUEST_ID


@pytest.mark.parametrize(("name", "is_packed"), [("a b.CSV", False), ("a b.csv.GZ", True)])
def test_the_key_keeps_the_ending_of_the_file(name: str, is_packed: bool) -> None:
    key = Presigning().recorded(file_name=name).object_key
    assert key.lower().endswith(".csv.gz") is is_packed
    assert " " not in key


def test_a_failing_form_leaves_no_record() -> None:
    presigning = Presigning()
    presigning.journal.failing.add("uploads.signed_post")
    with pytest.raises(StorageError):
        presigning.prepare()
    assert presigning.requests.records == {}


OPTIONS = {
    "none": ({}, Options()),
    "numbers": ({"quality": 30, "max_width": 64}, Options(ImageOptions(quality=30, max_width=64))),
    "flags": ({"dry_run": True, "formula_safe": False}, Options(run=RunOptions(dry_run=True))),
    "names": (
        {"format": "webp", "mode": "lenient"},
        Options(ImageOptions(format=Format.WEBP), CsvOptions(Mode.LENIENT)),
    ),
    "nothing": ({"max_width": None, "webhook_url": None}, Options()),
    "columns": ({"url_columns": "a, b"}, Options(csv=CsvOptions(url_columns=("a", "b")))),
}


@pytest.mark.parametrize(("body", "options"), OPTIONS.values(), ids=OPTIONS)
def test_options_in_json_are_those_of_a_form(body: dict[str, Any], options: Options) -> None:
    assert Presigning().recorded(**body).options == options


@pytest.mark.parametrize(
    ("url", "kept", "status"), [(HOOK, HOOK, WebhookStatus.NOT_SENT), ("", None, None), (None, None, None)]
)
def test_a_webhook_is_expected_only_where_a_url_is_given(
    url: str | None, kept: str | None, status: WebhookStatus | None
) -> None:
    request = Presigning().recorded(webhook_url=url)
    assert (request.webhook_url, request.webhook_status) == (kept, status)


@pytest.mark.parametrize("body", [{"webhook_url": "http://hook.example"}, {"reuse": EARLIER}])
def test_what_cannot_be_used_is_refused_before_a_form_is_made(body: dict[str, str]) -> None:
    error = Presigning().refusal(**body)
    assert (error.code, [wrong["name"] for wrong in error.errors]) == (Code.INVALID_OPTIONS, list(body))


def test_a_request_of_somebody_else_cannot_be_reused() -> None:
    presigning = Presigning()
    presigning.requests.add(a_request(EARLIER, owner="other"))
    assert presigning.refusal(reuse=EARLIER).detail == "reuse: there is no such request"


@pytest.mark.parametrize(
    "body",
    [
        {"quality": 0},
        {"quality": True},
        {"max_width": "12"},
        {"max_height": 12.5},
        {"dry_run": "yes"},
        {"formula_safe": 1},
        {"name_column": 7},
        {"file_name": "a.docx"},
        {"file_name": "../a.csv"},
        {"colour": "red"},
    ],
    ids=str,
)
def test_a_body_that_is_not_as_documented_is_invalid(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Presigning().prepare(**body)


def test_who_has_used_up_the_day_gets_no_form() -> None:
    assert Presigning(daily_images=10, used=10).refusal().code is Code.QUOTA_EXCEEDED


def test_who_has_one_image_left_gets_a_form() -> None:
    """How many the CSV has is not known yet: ingest charges them."""
    assert Presigning(daily_images=10, used=9).recorded().status is RequestStatus.PENDING
