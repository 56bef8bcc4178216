"""What the routes share: the services, the caller, the caller's request, and ways to answer."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Protocol, cast
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from pydantic import BaseModel

from functions.api.http import ApiError, Code, not_found
from functions.api.keys import Caller, Keys
from functions.api.requests import Export, Lifecycle, Listing, StatusAnswer
from functions.api.uploads import Presign, Upload
from functions.api.webhooks import DeliveryLog, Receiver, Subscriptions
from functions.core.model import Request
from functions.core.options import UUID
from functions.core.ports import RequestFinder

SIGNED_SECONDS = 900  # for which a redirect to S3 works
MAX_ANSWER = 4_000_000  # bytes of a CSV; larger ones do not fit a Lambda's answer

PageToken = Annotated[str | None, Query(description="`next_token` of the page before.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Of your choice: a repeated call with it gives the same request instead of another one.",
    ),
]


class ObjectHead(Protocol):
    """What is known of an object without reading it."""

    @property
    def size(self) -> int: ...


class ResultsBucket(Protocol):
    """The bucket of pictures and CSVs."""

    def head(self, key: str) -> ObjectHead: ...
    def get(self, key: str) -> bytes: ...
    def signed_url(self, key: str, lifetime: int, disposition: str | None = None, *, for_head: bool = False) -> str: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What the calls are answered with. `base_url` is the API's own, without a slash at the end."""

    keys: Keys
    requests: RequestFinder
    results: ResultsBucket
    rendition_sets: Mapping[str, str]
    upload: Upload
    presign: Presign
    lifecycle: Lifecycle
    status: StatusAnswer
    listing: Listing
    export: Export
    subscriptions: Subscriptions
    delivery_log: DeliveryLog
    receiver: Receiver
    base_url: str
    clock: Callable[[], float]


def services(router: Router) -> Services:
    """The services of this invocation."""
    return cast(Services, router.context["services"])


def is_head(router: Router) -> bool:
    """Whether only the head of the answer is asked for."""
    return bool(router.context.get("is_head"))


def caller(router: Router) -> Caller:
    """Who calls. Raises ApiError 401."""
    return services(router).keys.caller(router.current_event.headers.get("x-api-key"))


def own_request(router: Router, request_id: str) -> Request:
    """The caller's request of this id. Raises ApiError 404 for any other."""
    who = caller(router)
    request = services(router).requests.find(request_id) if UUID.fullmatch(request_id) else None
    if request is None or not who.may_see(request.owner) or request.expires_at <= services(router).clock():
        raise not_found()
    return request


def refuse_lists(router: Router) -> None:
    """Raises ApiError 400 for JSON that is no object. The event handler takes such a body for none."""
    event = router.current_event
    if event.body and not isinstance(event.json_body, Mapping | None):
        raise ApiError(Code.INVALID_PARAMETERS, "the body must be a JSON object, or left out")


def body_of(router: Router) -> bytes:
    """The bytes of the call's body."""
    event = router.current_event
    raw = event.body or ""
    return base64.b64decode(raw) if event.is_base64_encoded else raw.encode()


def answer(status: HTTPStatus, model: BaseModel, headers: Mapping[str, str] | None = None) -> Response[str]:
    """A model as JSON."""
    body = model.model_dump_json()
    return Response(status.value, content_type="application/json", body=body, headers=dict(headers or {}))


def attached(file_name: str, shown_name: str | None = None) -> str:
    """A Content-Disposition (RFC 6266): an ASCII name, and beside it the one that browsers take, in any letters."""
    extended = f"; filename*=UTF-8''{quote(shown_name, safe='')}" if shown_name else ""
    return f'attachment; filename="{file_name}"{extended}'


def csv_answer(content: bytes, file_name: str, shown_name: str | None = None) -> Response[str]:
    """A CSV to save under this name."""
    headers = {"Content-Disposition": attached(file_name, shown_name)}
    return file_answer(content, "text/csv; charset=utf-8", headers)


def file_answer(content: bytes, media_type: str, headers: dict[str, Any]) -> Response[str]:
    """An answer with these bytes."""
    body = base64.b64encode(content).decode()  # here, because the event handler takes an answer's bytes for text
    found = Response(HTTPStatus.OK.value, content_type=media_type, body=body, headers=headers)
    found.base64_encoded = True
    return found


def redirect(url: str, cache_control: str) -> Response[str]:
    """An answer that redirects, mostly to S3."""
    headers = {"Location": url, "Cache-Control": cache_control}
    return Response(HTTPStatus.FOUND.value, content_type="text/plain", body="", headers=headers)
