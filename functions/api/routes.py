"""The calls of the API. Each also answers under /api and /api/v1, with and without a slash at the end."""

import base64
import json
import re
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Protocol, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.api.form import read_form
from functions.api.keys import Caller, Keys
from functions.api.problem import ApiError, not_found
from functions.api.status import MAX_PRODUCTS, Cursor, StatusAnswer
from functions.api.uploading import RETRY_AFTER, Upload
from functions.core.errors import NotFoundError
from functions.core.model import Request

MAX_DOWNLOAD_BYTES = 4_000_000  # larger ones do not fit a Lambda's answer
SIGNED_SECONDS = 900  # for which a redirect to S3 works
CACHED_SECONDS = 600  # for which it may be cached; less, so that it works for whoever gets it last
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PICTURE = re.compile(r"images/[0-9a-f-]{36}/[0-9]+-[0-9a-f]{12}/[A-Za-z0-9._-]+")

router = Router()  # type: ignore[no-untyped-call]  # Powertools left its constructor without annotations


class ObjectHead(Protocol):
    """What is known of an object without reading it."""

    @property
    def size(self) -> int: ...


class Results(Protocol):
    """The bucket of pictures and output CSVs."""

    def head(self, key: str) -> ObjectHead: ...
    def get(self, key: str) -> bytes: ...
    def signed_url(self, key: str, lifetime: int, disposition: str | None = None) -> str: ...


class Requests(Protocol):
    """The request records."""

    def find(self, request_id: str) -> Request | None: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What the calls are answered with."""

    keys: Keys
    upload: Upload
    status: StatusAnswer
    requests: Requests
    results: Results
    now: Any


@router.get("/health")
def health() -> Response[str]:
    """Whether the API answers."""
    return _json(HTTPStatus.OK, {"status": "ok"}, {"Cache-Control": "no-store"})


@router.post("/upload")
def upload() -> Response[str]:
    """Take a CSV and start its request."""
    caller = _caller()  # first: nothing is done for strangers
    event = router.current_event
    content_type = event.headers.get("content-type", "")
    raw = event.body or ""
    body = base64.b64decode(raw) if event.is_base64_encoded else raw.encode()
    form = read_form(content_type, body, event.query_string_parameters or {})
    accepted = _services().upload.accept(caller, form)
    headers = {"Location": accepted["links"]["status"], "Retry-After": str(RETRY_AFTER)}
    return _json(HTTPStatus.ACCEPTED, accepted, headers)


@router.get("/status/<request_id>")
def status(request_id: str) -> Response[str]:
    """Where a request stands, with a page of its products."""
    request = _request(request_id)
    event = router.current_event
    query = event.query_string_parameters or {}
    cursor = Cursor.from_token(query.get("next_token"))
    body = json.dumps(_services().status.body(request, _limit(query.get("limit")), cursor), ensure_ascii=False)
    etag = f'"{sha256(body.encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if not request.status.is_terminal:
        headers["Retry-After"] = str(RETRY_AFTER)
    if etag in event.headers.get("if-none-match", ""):
        return Response(HTTPStatus.NOT_MODIFIED.value, body="", headers=headers)
    return Response(HTTPStatus.OK.value, content_type="application/json", body=body, headers=headers)


@router.get("/download/<request_id>")
def download(request_id: str) -> Response[Any]:
    """The output CSV."""
    request = _request(request_id)
    if not request.has_csv:
        raise not_found("the output CSV is not ready" if not request.status.is_terminal else "there is no output CSV")
    key, disposition = f"results/{request_id}.csv", f'attachment; filename="results_{request_id}.csv"'
    results = _services().results
    if results.head(key).size > MAX_DOWNLOAD_BYTES:
        return _redirect(results.signed_url(key, SIGNED_SECONDS, disposition), "no-store")
    headers = {"Content-Disposition": disposition}
    return Response(HTTPStatus.OK.value, content_type="text/csv; charset=utf-8", body=results.get(key), headers=headers)


@router.get("/images/<request_id>/<version>/<name>")
def picture(request_id: str, version: str, name: str) -> Response[Any]:
    """A picture, for everybody who knows its URL: the hash in it cannot be guessed."""
    key = f"images/{request_id}/{version}/{name}"
    if not PICTURE.fullmatch(key):
        raise not_found("there is no such picture")
    results = _services().results
    try:
        results.head(key)
    except NotFoundError:
        raise not_found("there is no such picture") from None
    return _redirect(results.signed_url(key, SIGNED_SECONDS), f"public, max-age={CACHED_SECONDS}")


def _services() -> Services:
    return cast(Services, router.context["services"])


def _caller() -> Caller:
    return _services().keys.caller(router.current_event.headers.get("x-api-key"))


def _request(request_id: str) -> Request:
    """The caller's request of this id. Raises ApiError 404 for any other."""
    caller = _caller()
    request = _services().requests.find(request_id) if UUID.fullmatch(request_id) else None
    if request is None or not caller.may_see(request.owner) or request.expires_at <= _services().now():
        raise not_found()
    return request


def _limit(text: str | None) -> int:
    if text is None:
        return MAX_PRODUCTS
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_PRODUCTS):
        raise ApiError(HTTPStatus.BAD_REQUEST, f"limit must be a whole number from 1 to {MAX_PRODUCTS}")
    return int(text[:9])


def _json(status: HTTPStatus, body: dict[str, Any], headers: dict[str, str]) -> Response[str]:
    text = json.dumps(body, ensure_ascii=False)
    return Response(status.value, content_type="application/json", body=text, headers=headers)


def _redirect(url: str, cache_control: str) -> Response[str]:
    return Response(HTTPStatus.FOUND.value, body="", headers={"Location": url, "Cache-Control": cache_control})
