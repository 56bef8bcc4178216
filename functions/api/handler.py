"""Lambda: everything that comes over HTTP."""

import os
import time
from functools import cache
from typing import Any
from uuid import uuid4

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestUnsupportedContentType, RequestValidationError
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.aws.objects import Objects, Plans
from functions.adapters.aws.queues import Queue
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.deliveries import DeliveryTable
from functions.adapters.table.endpoints import EndpointTable
from functions.adapters.table.exports import ExportTable
from functions.adapters.table.listing import RequestIndex
from functions.adapters.table.quota import QuotaTable
from functions.adapters.table.received_webhooks import ReceivedTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.table.webhook_secrets import SecretTable, default_secrets, fresh_secret
from functions.adapters.telemetry import logger
from functions.api.http import ApiError, Code, hardened, invalid_parameters, not_found, parsed, put_right, without_body
from functions.api.keys import Keys
from functions.api.requests import Export, Lifecycle, Listing, StatusAnswer
from functions.api.routes import pages, requests, results, uploads, webhooks
from functions.api.routes.context import Services
from functions.api.uploads import Checks, Presign, Upload
from functions.api.webhooks import Receiver, Subscriptions
from functions.core.errors import NotFoundError as MissingError
from functions.core.errors import StorageError
from functions.core.settings import PublicUrls, address_policy, setting

app = APIGatewayHttpResolver(strip_prefixes=["/api/v1", "/api"], enable_validation=True, json_body_deserializer=parsed)
for topic in (uploads, requests, results, webhooks, pages):
    app.include_router(topic.router)


@cache
def table() -> RequestTable:
    """Built once, on the first event."""
    return RequestTable.connect(setting(os.environ, "TABLE", str))


@cache
def bucket(name: str) -> Objects:
    """The bucket whose name the setting of this name holds."""
    return Objects.connect(setting(os.environ, name, str))


@cache
def queue(name: str) -> Queue:
    """The queue whose URL the setting of this name holds."""
    return Queue.connect(setting(os.environ, name, str))


@cache
def services() -> Services:
    """Built once, on the first event."""
    env, links = os.environ, PublicUrls.from_env(os.environ)
    plans, chunks, index = Plans(bucket("RESULTS_BUCKET")), ChunkTable(table().table), RequestIndex(table().table)
    https_only = not address_policy(env).allowed
    checks = Checks(table(), QuotaTable(table().table), time.time, https_only, setting(env, "DAILY_IMAGES", int))
    kept: dict[str, Any] = {
        "requests": table(),
        "links": links,
        "clock": time.time,
        "new_id": _new_id,
        "lifetime": setting(env, "RECORD_DAYS", int) * 86_400,
        "patience": setting(env, "PATIENCE", float),
    }
    return Services(
        keys=Keys(table().table, setting(env, "REQUIRE_KEYS", str) == "true", time.time),
        requests=table(),
        results=bucket("RESULTS_BUCKET"),
        upload=Upload(checks=checks, uploads=bucket("UPLOADS_BUCKET"), ingest=queue("INGEST_QUEUE"), **kept),
        presign=Presign(checks=checks, uploads=bucket("UPLOADS_BUCKET"), **kept),
        lifecycle=Lifecycle(checks=checks, ingest=queue("INGEST_QUEUE"), **kept),
        status=StatusAnswer(plans, chunks, links),
        listing=Listing(index, links, time.time),
        export=Export(index, plans, chunks, ExportTable(table().table), queue("FINALIZE_QUEUE"), links, time.time),
        subscriptions=_subscriptions(https_only),
        receiver=Receiver(table(), ReceivedTable(table().table), _secrets_of, time.time),
        base_url=links.api,
        clock=time.time,
    )


def _subscriptions(https_only: bool) -> Subscriptions:
    return Subscriptions(
        endpoints=EndpointTable(table().table),
        deliveries=DeliveryTable(table().table),
        requests=table(),
        notify=queue("NOTIFY_QUEUE"),
        secrets=SecretTable(table().table),
        is_shared=bool(_shared_secret()),
        new_secret=fresh_secret,
        new_id=_new_id,
        clock=time.time,
        https_only=https_only,
    )


def _shared_secret() -> str:
    return os.environ.get("WEBHOOK_SECRET", "")


def _default_secrets(owner: str) -> list[str]:
    return default_secrets(_shared_secret(), SecretTable(table().table), owner, time.time())


def _secrets_of(owner: str) -> list[str]:
    """All that a webhook of the owner may be signed with."""
    endpoints = EndpointTable(table().table).of_owner(owner)
    return _default_secrets(owner) + [secret for endpoint in endpoints for secret in endpoint.secrets(time.time())]


def _new_id() -> str:
    return str(uuid4())


@app.exception_handler(ApiError)  # type: ignore[untyped-decorator]  # Powertools left it without annotations
def on_api_error(error: ApiError) -> Response[str]:
    """An error that the caller can mend."""
    return error.response()


@app.exception_handler(RequestValidationError)  # type: ignore[untyped-decorator]  # likewise
def on_invalid_parameters(error: RequestValidationError) -> Response[str]:
    """A query, a header or a JSON body that is not as documented."""
    return invalid_parameters(error.errors()).response()


@app.exception_handler(RequestUnsupportedContentType)  # type: ignore[untyped-decorator]  # likewise
def on_unsupported_type(_error: RequestUnsupportedContentType) -> Response[str]:
    """A body of another kind than JSON."""
    return ApiError(Code.UNSUPPORTED_MEDIA_TYPE, "send application/json").response()


@app.exception_handler(StorageError)  # type: ignore[untyped-decorator]  # likewise
def on_storage_error(error: StorageError) -> Response[str]:
    """AWS did not do what it was asked for; nothing was promised yet, so that the caller may try again."""
    logger.exception("storage failed", exc_info=error)
    detail = "the service cannot do this now; please try again"
    return ApiError(Code.UNAVAILABLE, detail, headers={"Retry-After": "5"}).response()


@app.exception_handler(MissingError)  # type: ignore[untyped-decorator]  # likewise
def on_missing(_error: MissingError) -> Response[str]:
    """What a record promised is gone: it has expired meanwhile."""
    return not_found("this is not there any more").response()


@app.exception_handler(Exception)  # type: ignore[untyped-decorator]  # likewise
def on_defect(error: Exception) -> Response[str]:
    """A mistake of ours: told in the log, not to the caller."""
    logger.exception("a call failed", exc_info=error)
    return ApiError(Code.INTERNAL_ERROR, "the service made a mistake; it is logged").response()


@app.not_found
def on_unknown_path(_error: NotFoundError) -> Response[str]:
    """No such call; of one that is there with another method, which methods it knows."""
    method, path = app.current_event.http_method, app.context["_path"]
    routes = app._static_routes + app._dynamic_routes
    allowed = sorted({route.method for route in routes if route.rule.match(path)})
    if allowed:
        text = f"{path} takes {' and '.join(allowed)}, not {method}"
        return ApiError(Code.METHOD_NOT_ALLOWED, text, headers={"Allow": ", ".join(allowed)}).response()
    return ApiError(Code.NO_SUCH_CALL, f"there is no {method} {path}").response()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """API Gateway's payload format 2.0 in and out."""
    is_head = put_right(event)
    app.append_context(services=services(), is_head=is_head)  # type: ignore[no-untyped-call]  # likewise
    answer = hardened(app.resolve(event, context), is_https=services().base_url.startswith("https://"))
    return without_body(answer) if is_head else answer
