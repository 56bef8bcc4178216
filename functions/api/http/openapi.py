"""The OpenAPI document: what the routes declare, with what the event handler cannot know of them."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import APIKey, APIKeyIn, License
from pydantic import BaseModel

from functions.api.http.problem import MEDIA_TYPE, STATUSES, Code
from functions.api.schemas import Problem, UploadForm
from functions.core import __version__

PREFIXES = ("", "/api", "/api/v1")  # of every path, so that the clients of the older services can go on
KEYED: list[dict[str, list[str]]] = [{"ApiKey": []}]
KEY_ERRORS = (Code.MISSING_KEY, Code.INVALID_KEY, Code.DISABLED_KEY)
DESCRIPTION = (
    "Takes a CSV of products with image URLs, compresses the images, and gives the CSV back with the URLs of the "
    "results. Every path also answers under `/api` and `/api/v1`, with and without a slash at the end."
)
CSV_EXAMPLE = "S. No.,Product Name,Input Image Urls\n1,Lamp,https://example.com/lamp.jpg\n"
TOPICS = ("Requests", "Results", "Webhooks", "Service")
FIRST = ("/upload", "/uploads", "/status/{request_id}", "/webhook/configure")
_ADDED_BY_VALIDATION = {"HTTPValidationError", "ValidationError", "ResponseValidationError"}  # we answer with Problem


def answers(
    status: HTTPStatus,
    model: type[BaseModel] | None,
    description: str,
    *errors: Code,
    headers: Mapping[str, str] | None = None,
    links: Mapping[str, Any] | None = None,
    media_type: str = "application/json",
) -> dict[int, Any]:
    """The `responses` of a route: its one success, and the errors that it can end with."""
    success: dict[str, Any] = {"description": description}
    if model is not None:
        success["content"] = {media_type: {"model": model}}
    if headers:
        described = {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}
        success["headers"] = described
    if links:
        success["links"] = links
    return {status.value: success, **_problems(errors)}


def leads_to(operation_id: str, parameter: str, field: str) -> dict[str, Any]:
    """A link: the field of this answer is the path parameter of that call."""
    return {"operationId": operation_id, "parameters": {parameter: f"$response.body#/{field}"}}


def document(app: APIGatewayHttpResolver, base_url: str) -> dict[str, Any]:
    """The document of the whole API, with its servers at this base URL."""
    text = app.get_openapi_json_schema(
        title="Imagepress",
        version=__version__,
        description=DESCRIPTION,
        license_info=License(name="MIT"),
        security_schemes={"ApiKey": APIKey.model_validate({"name": "X-API-Key", "in": APIKeyIn.header})},
    )
    found: dict[str, Any] = json.loads(text)
    found["servers"] = [{"url": f"{base_url}{prefix}" or "/"} for prefix in PREFIXES]
    for operation in (operation for path in found["paths"].values() for operation in path.values()):
        _tidy(operation)
    found["paths"] = dict(sorted(found["paths"].items(), key=_place))
    for name in _ADDED_BY_VALIDATION:
        found["components"]["schemas"].pop(name, None)
    _describe_upload(found["paths"]["/upload"]["post"])
    return found


def _place(path: tuple[str, dict[str, Any]]) -> tuple[int, int, str]:
    """The place of a path in the document: by topic, uploads first, general before special."""
    (operation, *_) = path[1].values()
    first = FIRST.index(path[0]) if path[0] in FIRST else len(FIRST) + path[0].count("/")
    return TOPICS.index(operation["tags"][0]), first, path[0]


def _tidy(operation: dict[str, Any]) -> None:
    """The document without foreign error answers, and with header names as they are written."""
    if "HTTPValidationError" in str(operation["responses"].get("422")):
        del operation["responses"]["422"]
    operation["responses"] = dict(sorted(operation["responses"].items()))
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "header":
            parameter["name"] = parameter["name"].title()


def _describe_upload(operation: dict[str, Any]) -> None:
    """The two forms of an upload, which the event handler cannot declare for one route."""
    form = UploadForm.model_json_schema(ref_template="#/components/schemas/{model}")
    form.pop("$defs", None)
    options = {name: schema for name, schema in form["properties"].items() if name != "file"}
    operation["parameters"] += [{"name": name, "in": "query", "schema": schema} for name, schema in options.items()]
    raw = {"schema": {"type": "string", "description": "Options are in the query."}, "example": CSV_EXAMPLE}
    bytes_ = {"schema": {"type": "string", "format": "binary", "description": "The CSV in any encoding."}}
    content = {"multipart/form-data": {"schema": form}, "text/csv": raw, "application/octet-stream": bytes_}
    operation["requestBody"] = {"required": True, "content": content}


def _problems(errors: Iterable[Code]) -> dict[int, Any]:
    by_status: dict[int, list[Code]] = {}
    for code in (*errors, Code.INTERNAL_ERROR, Code.UNAVAILABLE):
        by_status.setdefault(STATUSES[code].value, []).append(code)
    return {
        status: {
            "description": " or ".join(f"`{code}`" for code in codes),
            "content": {MEDIA_TYPE: {"model": Problem}},
        }
        for status, codes in by_status.items()
    }
