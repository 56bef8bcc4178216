"""What all calls share: problems, page tokens, JSON bodies, headers, and the events of the gateway."""

from functions.api.http.gateway_events import normalise, without_body
from functions.api.http.json_body import parsed
from functions.api.http.openapi import KEY_ERRORS, KEYED, answers, document, leads_to
from functions.api.http.page_tokens import page_place, page_token
from functions.api.http.problem import ApiError, Code, invalid_parameters, not_found
from functions.api.http.security_headers import with_security_headers
from functions.api.http.static_files import STATIC, static_file, version

__all__ = [
    "KEYED",
    "KEY_ERRORS",
    "STATIC",
    "ApiError",
    "Code",
    "answers",
    "document",
    "invalid_parameters",
    "leads_to",
    "normalise",
    "not_found",
    "page_place",
    "page_token",
    "parsed",
    "static_file",
    "version",
    "with_security_headers",
    "without_body",
]
