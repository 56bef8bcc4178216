"""Errors as users get them: application/problem+json (RFC 9457), with the text under `error` too and a code of ours."""

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

MEDIA_TYPE = "application/problem+json"


class Code(StrEnum):
    """What programs can tell errors by; documented in docs/api.md."""

    INVALID_PARAMETERS = "invalid_parameters"
    INVALID_FORM = "invalid_form"
    MISSING_FILE = "missing_file"
    INVALID_CSV = "invalid_csv"
    INVALID_OPTIONS = "invalid_options"
    MISSING_KEY = "missing_key"
    INVALID_KEY = "invalid_key"
    DISABLED_KEY = "disabled_key"
    INVALID_SIGNATURE = "invalid_signature"
    NOT_FOUND = "not_found"
    NOT_READY = "not_ready"
    NO_SUCH_CALL = "no_such_call"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    ALREADY_ENDED = "already_ended"
    STILL_RUNNING = "still_running"
    NOTHING_TO_RETRY = "nothing_to_retry"
    TOO_MANY_ENDPOINTS = "too_many_endpoints"
    CSV_TOO_LARGE = "csv_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    QUOTA_EXCEEDED = "quota_exceeded"
    INTERNAL_ERROR = "internal_error"
    UNAVAILABLE = "unavailable"


STATUSES: dict[Code, HTTPStatus] = {
    Code.INVALID_PARAMETERS: HTTPStatus.BAD_REQUEST,
    Code.INVALID_FORM: HTTPStatus.BAD_REQUEST,
    Code.MISSING_FILE: HTTPStatus.BAD_REQUEST,
    Code.INVALID_CSV: HTTPStatus.BAD_REQUEST,
    Code.INVALID_OPTIONS: HTTPStatus.BAD_REQUEST,
    Code.MISSING_KEY: HTTPStatus.UNAUTHORIZED,
    Code.INVALID_KEY: HTTPStatus.UNAUTHORIZED,
    Code.DISABLED_KEY: HTTPStatus.UNAUTHORIZED,
    Code.INVALID_SIGNATURE: HTTPStatus.UNAUTHORIZED,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.NOT_READY: HTTPStatus.NOT_FOUND,
    Code.NO_SUCH_CALL: HTTPStatus.NOT_FOUND,
    Code.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Code.ALREADY_ENDED: HTTPStatus.CONFLICT,
    Code.STILL_RUNNING: HTTPStatus.CONFLICT,
    Code.NOTHING_TO_RETRY: HTTPStatus.CONFLICT,
    Code.TOO_MANY_ENDPOINTS: HTTPStatus.CONFLICT,
    Code.CSV_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Code.IDEMPOTENCY_KEY_REUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.QUOTA_EXCEEDED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


class ApiError(Exception):
    """An answer that is an error: its code, the text, and all that is wrong where that is many things."""

    def __init__(
        self,
        code: Code,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.status = STATUSES[code]
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = more

    def response(self) -> Response[str]:
        fields: dict[str, Any] = {
            "title": self.status.phrase,
            "status": self.status.value,
            "code": self.code,
            "detail": self.detail,
            "error": self.detail,
            **self.more,
        }
        if self.errors:
            fields["errors"] = self.errors
        body = json.dumps(fields)
        return Response(self.status.value, content_type=MEDIA_TYPE, body=body, headers=self.headers)


def not_found(detail: str = "Request ID not found") -> ApiError:
    """The same for an unknown, a malformed, an expired and a foreign id, so that nobody can tell them apart."""
    return ApiError(Code.NOT_FOUND, detail)


def invalid_parameters(found: Iterable[Mapping[str, Any]]) -> ApiError:
    """The problem for what pydantic found wrong with a query, a header or a JSON body."""
    errors = [{"name": ".".join(map(str, error["loc"])), "message": str(error["msg"])} for error in found]
    return ApiError(Code.INVALID_PARAMETERS, "; ".join("{name}: {message}".format(**error) for error in errors), errors)
