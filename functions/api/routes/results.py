"""What came out: output CSVs, pictures, exports."""

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api.http import KEY_ERRORS, KEYED, ApiError, Code, answers, not_found
from functions.api.requests import Prepared
from functions.api.routes.context import (
    MAX_ANSWER,
    SIGNED_SECONDS,
    attached,
    caller,
    csv_answer,
    is_head,
    own_request,
    redirect,
    services,
)
from functions.core.errors import NotFoundError

CACHED_SECONDS = (
    600  # for which a redirect may be cached; less than it works, so that it works for whoever gets it last
)
TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
EXPORT_RETRY_AFTER = "10"  # seconds
PREPARING = "The file is still being written. Ask again in some seconds: it goes on.\n"
PICTURE = re.compile(r"images/[0-9a-f-]{36}/[0-9]+-[0-9a-f]{12}/[A-Za-z0-9._-]+")
CSV = {"content": {"text/csv": {"schema": {"type": "string"}}}}
ATTACHED = {"headers": {"Content-Disposition": {"description": "The file name.", "schema": {"type": "string"}}}}
REDIRECT = {
    302: {
        "description": "Where it is, for some minutes.",
        "headers": {"Location": {"description": "Of S3.", "schema": {"type": "string"}}},
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}
PENDING = answers(
    HTTPStatus.ACCEPTED,
    None,
    "It is too much for one answer, and still being written: a sentence, as text.",
    headers={"Retry-After": "Seconds until it is worth asking again."},
)
PENDING[HTTPStatus.ACCEPTED.value] |= {"content": {"text/plain": {"schema": {"type": "string"}}}}

router = Router()  # type: ignore[no-untyped-call]  # Powertools left its constructor without annotations


def _csv(description: str, *errors: Code) -> dict[int, Any]:
    found = answers(HTTPStatus.OK, None, description, *errors)
    found[HTTPStatus.OK.value] |= CSV | ATTACHED
    return found | REDIRECT


@router.get(
    "/download/<request_id>",
    operation_id="download",
    tags=["Results"],
    summary="The output CSV",
    security=KEYED,
    responses=_csv("The CSV.", Code.INVALID_PARAMETERS, *KEY_ERRORS, Code.NOT_FOUND, Code.NOT_READY) | PENDING,
)
def download(
    request_id: str,
    form: Annotated[
        Literal["csv", "zip", "xlsx"],
        Query(
            alias="as", description="`zip`: all pictures, and the CSV with their paths. `xlsx`: the CSV as a workbook."
        ),
    ] = "csv",
    part: Annotated[int, Query(ge=1, le=2_000, description="Of the ZIP, of 50,000 pictures or 20 GB each.")] = 1,
) -> Response[str]:
    """`results_<request_id>.csv`; over 4 MB a redirect to it.

    A ZIP or a workbook is written when it is asked for. The call waits up to 20 s for it: then 302, or 202.
    """
    request = own_request(router, request_id)
    if not request.has_csv:
        ended = request.status.is_terminal
        raise ApiError(Code.NOT_READY, "there is no output CSV" if ended else "the output CSV is not ready")
    if form == "zip":
        name = f"pictures_{request_id}{f'_{part}' if part > 1 else ''}.zip"
        return _prepared(services(router).export.archive_of(request, part), name)
    stem = re.sub(r"(?i)(\.csv|\.xlsx|\.xlsm|\.ods|\.xls)?(\.gz)?\Z", "", request.shown_name)
    if form == "xlsx":
        found = services(router).export.workbook_of(request)
        return _prepared(found, f"results_{request_id}.xlsx", f"{stem}_compressed.xlsx")
    return _csv_of(f"results/{request_id}.csv", f"results_{request_id}.csv", f"{stem}_compressed.csv")


@router.get(
    "/images/<request_id>/<version>/<name>",
    operation_id="getPicture",
    tags=["Results"],
    summary="A picture",
    responses=REDIRECT
    | {
        status: described
        for status, described in answers(HTTPStatus.OK, None, "", Code.NOT_FOUND).items()
        if status != HTTPStatus.OK
    },
)
def picture(request_id: str, version: str, name: str) -> Response[str]:
    """For everybody who knows its URL: the hash in it cannot be guessed."""
    key = f"images/{request_id}/{version}/{name}"
    if not PICTURE.fullmatch(key):
        raise not_found("there is no such picture")
    try:
        services(router).results.head(key)
    except NotFoundError:
        raise not_found("there is no such picture") from None
    return _redirect_to(key, f"public, max-age={CACHED_SECONDS}")


@router.get(
    "/export",
    operation_id="export",
    tags=["Results"],
    summary="Every image that was worked on",
    security=KEYED,
    responses=_csv("A row for each image.", Code.INVALID_PARAMETERS, *KEY_ERRORS, Code.NOT_FOUND) | PENDING,
)
def export(
    since: Annotated[str | None, Query(pattern=TIME, description="Requests that were made from then on; UTC.")] = None,
    until: Annotated[str | None, Query(pattern=TIME, description="Requests that were made before.")] = None,
    request_id: Annotated[str | None, Query(description="Of one request only.")] = None,
) -> Response[str]:
    """Over 10,000 images or 1,000 requests it is written to a file, which is given out for an hour.

    The call waits up to 20 s for it: then 302 to the file, or 202 with a sentence.
    """
    exports = services(router).export
    if request_id:
        found = exports.of_request(own_request(router, request_id))
    else:
        found = exports.of_requests(caller(router), _time("since", since), _time("until", until))
    if not isinstance(found, Prepared):
        return csv_answer(found, "processed_images.csv")
    return _prepared(found, "processed_images.csv")


def _prepared(found: Prepared, file_name: str, shown_name: str | None = None) -> Response[str]:
    if found.key:
        return _redirect_to(found.key, "no-store", attached(file_name, shown_name))
    headers = {"Retry-After": EXPORT_RETRY_AFTER}
    return Response(
        HTTPStatus.ACCEPTED.value, content_type="text/plain; charset=utf-8", body=PREPARING, headers=headers
    )


def _csv_of(key: str, file_name: str, shown_name: str) -> Response[str]:
    results = services(router).results
    if results.head(key).size > MAX_ANSWER:
        return _redirect_to(key, "no-store", attached(file_name, shown_name))
    return csv_answer(results.get(key), file_name, shown_name)


def _redirect_to(key: str, cache_control: str, disposition: str | None = None) -> Response[str]:
    for_head = is_head(router)
    url = services(router).results.signed_url(key, SIGNED_SECONDS, disposition, for_head=for_head)
    # S3 takes a URL by the one method that it is signed for: no cache may give that of a HEAD to a GET
    return redirect(url, "no-store" if for_head else cache_control)


def _time(name: str, text: str | None) -> datetime | None:
    """A time in UTC unless it says otherwise. Raises ApiError 400 for a day or an hour that there is not."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise ApiError(Code.INVALID_PARAMETERS, f"{name}: {error}") from error
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
