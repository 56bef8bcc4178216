"""Lambda: everything that comes over HTTP."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, exceptions
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestUnsupportedContentType, RequestValidationError
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.telemetry import logger
from functions.api.http import (
    ApiError,
    Code,
    invalid_parameters,
    normalise,
    not_found,
    parsed,
    with_security_headers,
    without_body,
)
from functions.api.routes import pages, requests, results, uploads, webhooks
from functions.api.wiring import services
from functions.core.errors import NotFoundError, StorageError

app = APIGatewayHttpResolver(strip_prefixes=["/api/v1", "/api"], enable_validation=True, json_body_deserializer=parsed)
for topic in (uploads, requests, results, webhooks, pages):
    app.include_router(topic.router)


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


@app.exception_handler(NotFoundError)  # type: ignore[untyped-decorator]  # likewise
def on_missing(_error: NotFoundError) -> Response[str]:
    """What a record promised is gone: it has expired meanwhile."""
    return not_found("this is not there any more").response()


@app.exception_handler(Exception)  # type: ignore[untyped-decorator]  # likewise
def on_defect(error: Exception) -> Response[str]:
    """A mistake of ours: told in the log, not to the caller."""
    logger.exception("a call failed", exc_info=error)
    return ApiError(Code.INTERNAL_ERROR, "the service made a mistake; it is logged").response()


@app.not_found
def on_unknown_path(_error: exceptions.NotFoundError) -> Response[str]:
    """404 for an unknown path. For a known path with another method: 405 with the methods that it takes."""
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
    is_head = normalise(event)
    app.append_context(services=services(), is_head=is_head)  # type: ignore[no-untyped-call]  # likewise
    answer = with_security_headers(app.resolve(event, context), is_https=services().base_url.startswith("https://"))
    return without_body(answer) if is_head else answer
