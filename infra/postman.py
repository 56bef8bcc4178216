"""The Postman collection, made of the OpenAPI document: every call once, in an order in which they can all be run.

https://schema.postman.com/json/collection/v2.1.0/docs/index.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
CSV = "S. No.,Product Name,Input Image Urls\n1,Lamp,{{image_url}}\n2,Vase,{{image_url}}.gone\n"
VARIABLES = {
    "base_url": "http://localhost:8000",
    "api_key": "",
    "image_url": "https://example.com/lamp.jpg",
    "webhook_url": "https://example.com/hook",
    "request_id": "",
    "waiting_id": "",
    "endpoint_id": "",
    "picture": "",
}
WAIT = (
    "if (['pending', 'processing'].includes(pm.response.json().status)) pm.execution.setNextRequest(pm.info.requestId);"
)
TAKE_PICTURE = (
    "const done = pm.response.json().images.find((image) => image.output_url);",
    "if (done) pm.collectionVariables.set('picture', done.output_url.split('/images/')[1]);",
)


@dataclass(frozen=True)
class Example:
    """How a call is shown: its body, what its answer is expected to be, and what later calls take from that."""

    call: str
    status: int
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, str] = field(default_factory=dict)
    script: tuple[str, ...] = ()
    title: str = ""


def _raw(text: str, language: str) -> dict[str, Any]:
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": language}}}


def _form(**fields: str) -> dict[str, Any]:
    texts = [{"key": name, "value": value, "type": "text"} for name, value in fields.items()]
    return {"mode": "formdata", "formdata": [{"key": "file", "type": "file", "src": "sample.csv"}, *texts]}


EXAMPLES = (
    Example("health", 200),
    Example("openapi", 200),
    Example("listRenditionSets", 200),
    Example("upload", 202, _raw(CSV, "text"), {"quality": "60"}, takes={"request_id": "request_id"}),
    Example("upload", 200, _form(dry_run="true"), title="Check a CSV without starting anything"),
    Example("getStatus", 200, script=(WAIT, *TAKE_PICTURE)),
    Example("listRequests", 200, query={"limit": "10"}),
    Example("download", 200),
    Example("getPicture", 302),
    Example("export", 200, query={"request_id": "{{request_id}}"}),
    Example("prepareUpload", 201, _raw('{"file_name": "products.csv"}', "json"), takes={"waiting_id": "request_id"}),
    Example("cancelRequest", 200, path={"request_id": "{{waiting_id}}"}),
    Example("retryRequest", 202),
    Example(
        "configureWebhook", 200,
        _raw('{"webhook_url": "{{webhook_url}}", "events": ["processing.completed", "processing.failed"]}', "json"),
        takes={"endpoint_id": "endpoint_id"},
    ),
    Example("listEndpoints", 200),
    Example("testEndpoint", 202),
    Example("rotateSecret", 200),
    Example("deleteEndpoint", 200),
    Example("getSecret", 200),
    Example("rotateDefaultSecret", 200),
    Example("listDeliveries", 200),
    Example("listEndpointDeliveries", 200, path={"endpoint_id": "request"}),
    Example("redeliver", 404, _raw('{"event": "processing.completed"}', "json")),
    Example("receiveWebhook", 200, _raw('{"image_id": 5, "status": "completed", "output_images": []}', "json")),
    Example("listReceived", 200),
)  # fmt: skip


def collection(document: Mapping[str, Any]) -> dict[str, Any]:
    """The collection of a document. Raises LookupError when a call has no example, or an example no call."""
    operations = dict(_operations(document))
    missing = operations.keys() ^ {example.call for example in EXAMPLES}
    if missing:
        raise LookupError(f"calls without an example, or examples without a call: {', '.join(sorted(missing))}")
    return {
        "info": {
            "name": document["info"]["title"],
            "description": document["info"]["description"],
            "schema": SCHEMA,
        },
        "variable": [{"key": name, "value": value} for name, value in VARIABLES.items()],
        "item": [_item(example, *operations[example.call]) for example in EXAMPLES],
    }  # fmt: skip


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], (method.upper(), path, operation)


def _item(example: Example, method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        f"pm.test('answers {example.status}', () => pm.response.to.have.status({example.status}));",
        *(
            f"pm.collectionVariables.set('{name}', pm.response.json().{taken});"
            for name, taken in example.takes.items()
        ),
        *example.script,
    ]
    request: dict[str, Any] = {
        "method": method,
        "description": operation.get("description", ""),
        "header": _headers(example),
        "url": _url(example, path, operation),
    }
    if example.body:
        request["body"] = example.body
    return {
        "name": example.title or operation["summary"],
        "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": lines}}],
        "request": request,
        "protocolProfileBehavior": {"followRedirects": False},
    }


def _headers(example: Example) -> list[dict[str, str]]:
    headers = [{"key": "X-API-Key", "value": "{{api_key}}"}]
    if example.body and example.body["mode"] == "raw":
        is_json = example.body["options"]["raw"]["language"] == "json"
        headers.append({"key": "Content-Type", "value": "application/json" if is_json else "text/csv"})
    return headers


def _url(example: Example, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    """With every query parameter that there is, those that are not used switched off."""
    filled = "/images/{{picture}}" if example.call == "getPicture" else _filled(path, example.path)
    query = [
        {"key": parameter["name"], "value": example.query.get(parameter["name"], ""),
         "description": parameter.get("description") or parameter["schema"].get("description", ""),
         "disabled": parameter["name"] not in example.query}
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    ]  # fmt: skip
    used = "&".join(f"{name}={value}" for name, value in example.query.items())
    raw = "{{base_url}}" + filled + (f"?{used}" if used else "")
    return {"raw": raw, "host": ["{{base_url}}"], "path": filled.strip("/").split("/"), "query": query}


def _filled(path: str, values: Mapping[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda match: values.get(match[1], f"{{{{{match[1]}}}}}"), path)
