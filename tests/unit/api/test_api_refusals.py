"""Calls that cannot be answered: each is a problem+json, and nothing is done for strangers."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from functions.api.handler import app
from functions.api.keys import Keys
from functions.api.routes.context import Services
from functions.core.errors import NotFoundError, RequestCode, StorageError
from functions.core.model import RequestStatus
from tests.fakes import NOW, REQUEST_ID, Clock, Objects, Requests, a_request

UPLOAD: dict[str, Any] = json.loads((Path(__file__).parents[2] / "events" / "api_upload.json").read_text())
CSV = f"results/{REQUEST_ID}.csv"
DOWNLOAD, STATUS = f"/download/{REQUEST_ID}", f"/status/{REQUEST_ID}"
KEY = "ip_0123456789"


class Failing(Objects):
    """A bucket of which one call fails."""

    call = ""
    error: Exception = StorageError("HeadObject")

    def head(self, key: str, _version_id: str = "") -> Any:
        self._fail("head")
        return super().head(key)

    def get(self, key: str) -> bytes:
        self._fail("get")
        return super().get(key)

    def _fail(self, call: str) -> None:
        if call == self.call:
            raise self.error


class Untouched:
    """What must not be asked for anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was used")


class KeyRecords:
    """The table with the one key that there is."""

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        return {"key_owner": "acme"} if pk == f"KEY#{sha256(KEY.encode()).hexdigest()}" else None


class Api:
    """The calls over fakes, with a completed request whose CSV is there."""

    def __init__(self, *, keys_required: bool = False) -> None:
        self.requests = Requests()
        self.requests.add(a_request(status=RequestStatus.COMPLETED, chunks_total=1))
        self.results = Failing(contents={CSV: b"S. No.\n1\n"})
        self.keys = Keys(KeyRecords(), keys_required, Clock())
        self.upload: Any = Untouched()
        self.status: Any = Untouched()

    def call(self, path: str, method: str = "GET", **changes: Any) -> dict[str, Any]:
        results: Any = self.results  # has no signed URLs, which are for what is there
        named: dict[str, Any] = dict.fromkeys(Services.__slots__, Untouched()) | {
            "keys": self.keys,
            "upload": self.upload,
            "status": self.status,
            "requests": self.requests,
            "results": results,
            "clock": lambda: NOW,
        }
        services = Services(**named)
        http = {**UPLOAD["requestContext"]["http"], "method": method, "path": path}
        event = {**UPLOAD, "rawPath": path, "requestContext": {**UPLOAD["requestContext"], "http": http}, **changes}
        app.append_context(services=services)  # type: ignore[no-untyped-call]  # Powertools left it without annotations
        context: Any = None
        return app.resolve(event, context)


@pytest.fixture
def api() -> Api:
    return Api()


def problem(answered: dict[str, Any]) -> dict[str, Any]:
    """The body, of what must be a problem."""
    assert answered["headers"]["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answered["body"])
    assert body["status"] == answered["statusCode"]
    return body


# --- what is gone ----------------------------------------------------------------------------------------------------


def test_a_csv_that_is_there_is_downloaded(api: Api) -> None:
    assert api.call(DOWNLOAD)["statusCode"] == 200


def test_a_csv_that_is_gone_is_a_problem_with_404(api: Api) -> None:
    """S3 deletes it by its own clock, which may be ahead of the record's."""
    api.results.contents.clear()
    answered = api.call(DOWNLOAD)
    assert answered["statusCode"] == 404
    assert "not there any more" in problem(answered)["detail"]


def test_a_csv_that_goes_between_two_looks_is_a_problem_with_404(api: Api) -> None:
    api.results.call, api.results.error = "get", NotFoundError(CSV)
    answered = api.call(DOWNLOAD)
    assert (answered["statusCode"], problem(answered)["title"]) == (404, "Not Found")


def test_what_is_gone_does_not_name_the_object(api: Api) -> None:
    api.results.contents.clear()
    assert "results/" not in api.call(DOWNLOAD)["body"]


def test_a_status_whose_plan_is_gone_is_a_problem_with_404(api: Api) -> None:
    class Gone:
        def of(self, *_args: object) -> Any:
            raise NotFoundError(f"plans/{REQUEST_ID}/0")

    api.status = Gone()
    answered = api.call(STATUS)
    assert (answered["statusCode"], problem(answered)["title"]) == (404, "Not Found")


@pytest.mark.parametrize("call", ["head", "get"])
def test_storage_that_fails_for_the_moment_is_a_problem_with_503(api: Api, call: str) -> None:
    api.results.call = call
    answered = api.call(DOWNLOAD)
    assert (answered["statusCode"], problem(answered)["title"]) == (503, "Service Unavailable")
    assert answered["headers"]["Retry-After"] == "5"


def test_a_csv_that_finalize_could_not_write_is_a_problem_with_404(api: Api) -> None:
    failed = a_request(status=RequestStatus.FAILED, error=RequestCode.FINALIZE_FAILED, chunks_total=1)
    api.requests.add(failed)
    api.results.call = "head"  # which is not even asked
    answered = api.call(DOWNLOAD)
    assert (answered["statusCode"], problem(answered)["detail"]) == (404, "there is no output CSV")


# --- strangers -------------------------------------------------------------------------------------------------------

UNREADABLE = {
    "multipart without a boundary": {"headers": {"content-type": "multipart/form-data"}},
    "multipart that is none": {"headers": {"content-type": "multipart/form-data; boundary=x"}, "body": "bm9uZQ=="},
    "base64 that is none": {"body": "a"},
    "no body": {"body": None},
}


@pytest.mark.parametrize("changes", UNREADABLE.values(), ids=UNREADABLE)
def test_an_upload_without_a_key_is_refused_before_its_body_is_read(changes: dict[str, Any]) -> None:
    answered = Api(keys_required=True).call("/upload", "POST", **changes)
    assert (answered["statusCode"], problem(answered)["code"]) == (401, "missing_key")


def test_an_upload_with_a_wrong_key_is_refused_before_its_body_is_read() -> None:
    answered = Api(keys_required=True).call("/upload", "POST", body="a", headers={"x-api-key": "guessed"})
    assert (answered["statusCode"], problem(answered)["code"]) == (401, "invalid_key")


def test_an_upload_with_a_key_is_refused_for_its_body() -> None:
    headers = {"content-type": "multipart/form-data", "x-api-key": KEY}
    assert Api(keys_required=True).call("/upload", "POST", headers=headers)["statusCode"] == 400


@pytest.mark.parametrize("path", [STATUS, DOWNLOAD, "/status/no-uuid"])
def test_a_call_without_a_key_looks_up_nothing(path: str) -> None:
    api = Api(keys_required=True)
    api.requests.journal.failing.add("requests.find")
    assert api.call(path)["statusCode"] == 401


def test_a_compressed_upload_is_not_told_that_it_is_no_utf8(api: Api) -> None:
    headers = {"content-type": "text/csv", "content-encoding": "gzip"}
    answered = api.call("/upload", "POST", headers=headers, body="\x1f\ufffd", isBase64Encoded=False)
    assert (answered["statusCode"], problem(answered)["code"]) == (415, "unsupported_media_type")


# --- bodies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["[]", "[null, null]", '"all"', "3", "false"])
def test_a_body_that_may_be_left_out_is_an_object_or_refused(api: Api, body: str) -> None:
    """Seen: a list was taken for no body, so that everything was sent again."""
    headers = {"content-type": "application/json"}
    redeliver = f"/requests/{REQUEST_ID}/deliveries/redeliver"
    answered = api.call(redeliver, "POST", body=body, headers=headers, isBase64Encoded=False)
    assert (answered["statusCode"], problem(answered)["code"]) == (400, "invalid_parameters")
