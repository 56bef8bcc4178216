"""What a browser gets: the page, the documentation, and the files that these need. No key is needed for any of it."""

import gzip
import json
from functools import cache
from http import HTTPStatus
from importlib import resources
from typing import cast
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.api.http import STATIC, answers, document, not_found, static_file, version
from functions.api.routes.context import answer, file_answer, services
from functions.api.schemas import Health

router = Router()  # type: ignore[no-untyped-call]  # Powertools left its constructor without annotations

SWAGGER = "aws_lambda_powertools.event_handler.openapi.swagger_ui"  # ships Swagger UI
ASSETS = {  # name: the package that has it, its name there, media type
    "swagger-ui-bundle.js": (SWAGGER, "swagger-ui-bundle.min.js", "text/javascript"),
    "swagger-ui.css": (SWAGGER, "swagger-ui.min.css", "text/css"),
    "redoc.standalone.js": (STATIC, "vendor/redoc.standalone.js", "text/javascript"),
    "docs.js": (STATIC, "docs.js", "text/javascript"),
    "redoc.js": (STATIC, "redoc.js", "text/javascript"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src * data: blob:; "
    "font-src 'self' data:; connect-src *; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)  # connect: uploads go straight to S3; inline styles: Swagger UI and ReDoc make theirs in the browser
CACHED = "public, max-age=3600"
FOR_GOOD = "public, max-age=31536000, immutable"


@router.get(
    "/health",
    operation_id="health",
    tags=["Service"],
    summary="Whether the API answers",
    responses=answers(HTTPStatus.OK, Health, "It does."),
)
def health() -> Response[str]:
    """Touches nothing else."""
    return answer(HTTPStatus.OK, Health(status="ok"), {"Cache-Control": "no-store"})


@router.get(
    "/openapi.json",
    operation_id="openapi",
    tags=["Service"],
    summary="This document",
    responses={200: {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}},
)
def openapi() -> Response[str]:
    """Made of the routes themselves."""
    app = cast(APIGatewayHttpResolver, router.api_resolver)
    body = json.dumps(document(app, services(router).base_url))
    return _file(body.encode(), "application/json", "no-cache")


@router.get("/", include_in_schema=False)
def page() -> Response[str]:
    """The web page."""
    return _page("index.html")


@router.get("/docs", include_in_schema=False)
def docs() -> Response[str]:
    """Swagger UI."""
    return _page("docs.html")


@router.get("/redoc", include_in_schema=False)
def redoc() -> Response[str]:
    """ReDoc."""
    return _page("redoc.html")


@router.get("/assets/<name>", include_in_schema=False)
def asset(name: str) -> Response[str]:
    """Scripts and styles of the pages."""
    if name not in ASSETS:
        raise not_found("there is no such file")
    package, path, media_type = ASSETS[name]
    return _file(_read(package, path), f"{media_type}; charset=utf-8", CACHED)


@router.get("/assets/<release>/<folder>/<name>", include_in_schema=False)
def page_file(release: str, folder: str, name: str) -> Response[str]:
    """Modules, styles and sample of the page. Of a page from before a deploy: the files of today."""
    found = static_file(folder, name)
    if found is None:
        raise not_found("there is no such file")
    cached = FOR_GOOD if release == version() else CACHED
    return _file(found.content, found.media_type, cached, is_packed=not found.is_text)


def _page(name: str) -> Response[str]:
    base = urlsplit(services(router).base_url).path.rstrip("/")
    content = _read(STATIC, name).replace(b"{{assets}}", f"{base}/assets/{version()}".encode())
    content = content.replace(b"{{base}}", base.encode())
    return _file(content, "text/html; charset=utf-8", "no-cache", {"Content-Security-Policy": POLICY})


def _file(
    content: bytes,
    media_type: str,
    cache_control: str,
    headers: dict[str, str] | None = None,
    *,
    is_packed: bool = False,
) -> Response[str]:
    found = {"Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if not is_packed and "gzip" in router.current_event.headers.get("accept-encoding", ""):
        content = _gzipped(content)
        found["Content-Encoding"] = "gzip"
    return file_answer(content, media_type, found | (headers or {}))


@cache
def _read(package: str, path: str) -> bytes:
    return resources.files(package).joinpath(path).read_bytes()


@cache
def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=6, mtime=0)
