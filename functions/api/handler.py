"""Lambda: everything that comes over HTTP."""

import os
import time
from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.chunks import ChunkTable
from functions.adapters.objects import Objects, Plans
from functions.adapters.queues import Queue
from functions.adapters.table import RequestTable
from functions.adapters.telemetry import logger
from functions.api.keys import Keys
from functions.api.problem import ApiError, not_found
from functions.api.routes import Services, router
from functions.api.status import StatusAnswer
from functions.api.uploading import Upload
from functions.core.errors import NotFoundError as MissingError
from functions.core.errors import StorageError
from functions.core.settings import Links, address_policy, setting

app = APIGatewayHttpResolver(strip_prefixes=["/api/v1", "/api"])
app.include_router(router)


@cache
def services() -> Services:
    """Built once, on the first event."""
    env = os.environ
    requests = RequestTable.connect(setting(env, "TABLE", str))
    results = Objects.connect(setting(env, "RESULTS_BUCKET", str))
    links = Links.from_env(env)
    upload = Upload(
        uploads=Objects.connect(setting(env, "UPLOADS_BUCKET", str)),
        requests=requests,
        ingest=Queue.connect(setting(env, "INGEST_QUEUE", str)),
        links=links,
        clock=time.time,
        new_id=lambda: str(uuid4()),
        lifetime=setting(env, "RECORD_DAYS", int) * 86_400,
        patience=setting(env, "PATIENCE", float),
        https_only=not address_policy(env).allowed,
    )
    keys = Keys(requests.table, setting(env, "REQUIRE_KEYS", str) == "true", time.time)
    status = StatusAnswer(Plans(results), ChunkTable(requests.table), links)
    return Services(keys, upload, status, requests, results, time.time)


@app.exception_handler(ApiError)  # type: ignore[untyped-decorator]  # Powertools left it without annotations
def on_api_error(error: ApiError) -> Response[str]:
    """An error that the caller can mend."""
    return error.response()


@app.exception_handler(StorageError)  # type: ignore[untyped-decorator]  # Powertools left it without annotations
def on_storage_error(error: StorageError) -> Response[str]:
    """AWS did not do what it was asked for; nothing was promised yet, so that the caller may try again."""
    logger.exception("storage failed", exc_info=error)
    detail = "the service cannot do this now; please try again"
    return ApiError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "5"}).response()


@app.exception_handler(MissingError)  # type: ignore[untyped-decorator]  # Powertools left it without annotations
def on_missing(_error: MissingError) -> Response[str]:
    """What a record promised is gone: it has expired meanwhile."""
    return not_found("this is not there any more").response()


@app.not_found
def on_unknown_path(_error: NotFoundError) -> Response[str]:
    """No such call."""
    return not_found(f"there is no {app.current_event.http_method} {app.current_event.path}").response()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """API Gateway's payload format 2.0 in and out."""
    event["rawPath"] = event["rawPath"].rstrip("/") or "/"
    app.append_context(services=services())  # type: ignore[no-untyped-call]  # likewise
    return app.resolve(event, context)
