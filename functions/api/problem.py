"""Errors as users get them: application/problem+json (RFC 9457), with the text under `error` too."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

MEDIA_TYPE = "application/problem+json"


class ApiError(Exception):
    """An answer that is an error: the HTTP status, the text, and all that is wrong where that is many things."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = more

    def response(self) -> Response[str]:
        """The HTTP answer."""
        fields: dict[str, Any] = {
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "error": self.detail,
            **self.more,
        }
        if self.errors:
            fields["errors"] = self.errors
        body = json.dumps(fields, ensure_ascii=False)
        return Response(self.status.value, content_type=MEDIA_TYPE, body=body, headers=self.headers)


def not_found(detail: str = "Request ID not found") -> ApiError:
    """The same for an unknown, a malformed, an expired and a foreign id, so that nobody can tell them apart."""
    return ApiError(HTTPStatus.NOT_FOUND, detail)
