"""CSVs in: posted, or announced for a presigned upload."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api.http import KEY_ERRORS, KEYED, Code, answers, leads_to
from functions.api.routes.context import IdempotencyKey, answer, body_of, caller, services
from functions.api.schemas import Accepted, DryRun, Presigned, RenditionSet, RenditionSetList, UploadsBody
from functions.api.uploads import CSV_URL, RETRY_AFTER, fields_of, read_form, refuse_garbled, refuse_packed

router = Router()  # type: ignore[no-untyped-call]  # Powertools left its constructor without annotations

BAD_UPLOADS = (Code.INVALID_CSV, Code.INVALID_OPTIONS, Code.MISSING_FILE, Code.INVALID_FORM, Code.INVALID_PARAMETERS)
WAYS_ON = {"Location": "The status.", "Retry-After": "Seconds until it is worth asking for."}
LINKS = {
    name: leads_to(name, "request_id", "request_id")
    for name in ("getStatus", "download", "listDeliveries", "redeliver", "cancelRequest", "retryRequest")
}


@router.post(
    "/upload",
    operation_id="upload",
    tags=["Requests"],
    summary="Take a CSV and start its request",
    security=KEYED,
    responses=answers(
        HTTPStatus.ACCEPTED,
        Accepted,
        "The request that was made.",
        *BAD_UPLOADS,
        *KEY_ERRORS,
        Code.CSV_TOO_LARGE,
        Code.UNSUPPORTED_MEDIA_TYPE,
        Code.IDEMPOTENCY_KEY_REUSED,
        Code.QUOTA_EXCEEDED,
        headers=WAYS_ON,
        links=LINKS,
    )
    | answers(HTTPStatus.OK, DryRun, "What a dry run found."),
)
def upload(idempotency_key: IdempotencyKey = None) -> Response[str]:
    """Up to 4 MB, as `file` of a form or as the body; larger CSVs go through `POST /uploads`, or through S3.

    `csv_url` in the place of the file is the address of a CSV or a spreadsheet, which is fetched then.
    """
    who = caller(router)  # first: nothing is done for strangers
    event = router.current_event
    refuse_packed(event.headers.get("content-encoding", ""))
    body = body_of(router)
    if not event.is_base64_encoded:
        refuse_garbled(body)
    form = read_form(event.headers.get("content-type", ""), body, event.query_string_parameters or {})
    address = form.fields.pop(CSV_URL, "")
    found = services(router).upload
    if address:
        return _started(found.accept_url(who, address, form.fields, idempotency_key))
    accepted = found.accept(who, form, idempotency_key)
    if isinstance(accepted, DryRun):
        return answer(HTTPStatus.OK, accepted)
    return _started(accepted)


@router.post(
    "/uploads",
    operation_id="prepareUpload",
    tags=["Requests"],
    summary="Get a URL that a large CSV can be posted to",
    security=KEYED,
    responses=answers(
        HTTPStatus.CREATED,
        Presigned,
        "A request that waits for its CSV.",
        Code.INVALID_OPTIONS,
        Code.INVALID_PARAMETERS,
        *KEY_ERRORS,
        Code.UNSUPPORTED_MEDIA_TYPE,
        Code.QUOTA_EXCEEDED,
        headers={"Location": "The status."},
        links=LINKS,
    )
    | answers(HTTPStatus.ACCEPTED, Accepted, "A request whose CSV is being fetched.", headers=WAYS_ON, links=LINKS),
)
def prepare_upload(body: Annotated[UploadsBody, Body()]) -> Response[str]:
    """Up to 1 GB and a million images. A URL that is not used ends its request as `failed` with `not_uploaded`.

    With `csv_url` nothing is to be posted: the CSV is fetched from there, and the answer is that of `POST /upload`.
    """
    who = caller(router)
    if body.csv_url:
        return _started(services(router).upload.accept_url(who, body.csv_url, fields_of(body)))
    presigned = services(router).presign.prepare(who, body)
    return answer(HTTPStatus.CREATED, presigned, {"Location": presigned.links.status})


@router.get(
    "/renditions",
    operation_id="listRenditionSets",
    tags=["Requests"],
    summary="Sets of renditions that have a name here",
    security=KEYED,
    responses=answers(HTTPStatus.OK, RenditionSetList, "None unless the deployment has some.", *KEY_ERRORS),
)
def rendition_sets() -> Response[str]:
    """The option `renditions` takes such a name in the place of the renditions themselves."""
    caller(router)
    sets = [RenditionSet(name=name, renditions=text) for name, text in services(router).rendition_sets.items()]
    return answer(HTTPStatus.OK, RenditionSetList(sets=sets))


def _started(accepted: Accepted) -> Response[str]:
    headers = {"Location": accepted.links.status, "Retry-After": str(RETRY_AFTER)}
    return answer(HTTPStatus.ACCEPTED, accepted, headers)
