"""Requests: where they stand, the list of them, cancel and retry."""

from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Header, Query

from functions.api.http import KEY_ERRORS, KEYED, Code, answers
from functions.api.requests import PageCursor
from functions.api.routes.context import IdempotencyKey, PageToken, answer, caller, own_request, services
from functions.api.routes.uploads import LINKS, WAYS_ON
from functions.api.schemas import MAX_PRODUCTS, Accepted, Cancelled, RequestList, Status
from functions.api.uploads import RETRY_AFTER

MAX_REQUESTS = 100  # in a page of the list: what one BatchGetItem reads

router = Router()  # type: ignore[no-untyped-call]  # Powertools left its constructor without annotations


@router.get(
    "/status/<request_id>",
    operation_id="getStatus",
    tags=["Requests"],
    summary="Where a request stands, with a page of its products",
    security=KEYED,
    responses=answers(
        HTTPStatus.OK,
        Status,
        "The status.",
        Code.INVALID_PARAMETERS,
        *KEY_ERRORS,
        Code.NOT_FOUND,
        headers={"ETag": "For If-None-Match.", "Retry-After": "While it runs: seconds until it is worth asking again."},
    )
    | answers(HTTPStatus.NOT_MODIFIED, None, "Nothing has changed since the ETag was given."),
)
def status(
    request_id: str,
    limit: Annotated[int, Query(ge=1, le=MAX_PRODUCTS, description="Products, of up to 2,000 images.")] = MAX_PRODUCTS,
    next_token: PageToken = None,
    if_none_match: Annotated[str, Header(alias="If-None-Match", description="The last ETag.")] = "",
) -> Response[str]:
    """`images[]` are those of the page's products."""
    request = own_request(router, request_id)
    found = answer(HTTPStatus.OK, services(router).status.of(request, limit, PageCursor.from_token(next_token)))
    etag = f'"{sha256((found.body or "").encode()).hexdigest()[:32]}"'
    found.headers |= {"ETag": etag, "Cache-Control": "no-cache"}
    if not request.status.is_terminal:
        found.headers["Retry-After"] = str(RETRY_AFTER)
    if etag in if_none_match:
        return Response(HTTPStatus.NOT_MODIFIED.value, body="", headers=found.headers)
    return found


@router.get(
    "/requests",
    operation_id="listRequests",
    tags=["Requests"],
    summary="Your requests, newest first",
    security=KEYED,
    responses=answers(HTTPStatus.OK, RequestList, "A page of requests.", Code.INVALID_PARAMETERS, *KEY_ERRORS),
)
def requests(
    key: Annotated[str | None, Query(max_length=1024, description="Only those of this `source_key`.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_REQUESTS)] = MAX_REQUESTS,
    next_token: PageToken = None,
    owner: Annotated[str | None, Query(max_length=64, description="Of whom, where keys are off.")] = None,
) -> Response[str]:
    """A request that was made in this second may be missing. A page may be short; the last one has no `next_token`."""
    return answer(HTTPStatus.OK, services(router).listing.page(caller(router), owner, key, limit, next_token))


@router.post(
    "/requests/<request_id>/cancel",
    operation_id="cancelRequest",
    tags=["Requests"],
    summary="Stop what is not done yet",
    security=KEYED,
    responses=answers(HTTPStatus.OK, Cancelled, "It is cancelled.", *KEY_ERRORS, Code.NOT_FOUND, Code.ALREADY_ENDED),
)
def cancel(request_id: str) -> Response[str]:
    """Results that are there stay; no completion is announced."""
    return answer(HTTPStatus.OK, services(router).lifecycle.cancel(own_request(router, request_id)))


@router.post(
    "/requests/<request_id>/retry",
    operation_id="retryRequest",
    tags=["Requests"],
    summary="Run again what failed",
    security=KEYED,
    responses=answers(
        HTTPStatus.ACCEPTED,
        Accepted,
        "Another request over the same CSV.",
        Code.INVALID_PARAMETERS,
        *KEY_ERRORS,
        Code.NOT_FOUND,
        Code.STILL_RUNNING,
        Code.NOTHING_TO_RETRY,
        Code.IDEMPOTENCY_KEY_REUSED,
        Code.QUOTA_EXCEEDED,
        headers=WAYS_ON,
        links=LINKS,
    ),
)
def retry(request_id: str, idempotency_key: IdempotencyKey = None) -> Response[str]:
    """It adopts what was completed and runs what was not, so that its output CSV is whole."""
    accepted = services(router).lifecycle.retry(caller(router), own_request(router, request_id), idempotency_key)
    return answer(HTTPStatus.ACCEPTED, accepted, {"Location": accepted.links.status, "Retry-After": str(RETRY_AFTER)})
