"""The front door's second way to the API, where the emulated AWS has no API Gateway: it invokes the function itself.

The event is the one that an HTTP API sends (payload format 2.0), and the function's answer is read as an HTTP API reads
it. CORS and throttling are the gateway's own, so that there is neither here.
"""

import base64
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.ways import TIMEOUT, Answer, Call, Headers, said

TEXT = {"application/json", "application/xml", "application/javascript"}  # and text/*: everything else comes in base64
CONFIG = Config(
    read_timeout=TIMEOUT,
    retries={"total_max_attempts": 1},  # a call that was made twice would be two uploads
    max_pool_connections=64,  # one for each visitor at a time
)


@dataclass(frozen=True)
class ByInvocation:
    """To the function of this name, by a client of Lambda that was made with CONFIG."""

    functions: Any
    name: str

    def answer(self, call: Call) -> Answer:
        payload = json.dumps(event_of(call)).encode()
        try:
            invoked = self.functions.invoke(FunctionName=self.name, Payload=payload)
            content = invoked["Payload"].read()
        except ClientError as error:
            return _refused(error)
        except (BotoCoreError, OSError):
            return said(HTTPStatus.BAD_GATEWAY, "the engine does not answer")
        if "FunctionError" in invoked:
            return said(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")
        return answer_of(json.loads(content))


def event_of(call: Call) -> dict[str, Any]:
    """The event of payload format 2.0."""
    target = urlsplit(call.target)
    path, now, headers = decoded(target.path), time.time(), _joined(call.headers)
    domain = headers.get("host", "localhost").partition(":")[0]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": target.query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": call.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": str(uuid4()),
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    optional = {"cookies": _cookies(call.headers), "queryStringParameters": _query(target.query)}
    return event | {name: value for name, value in optional.items() if value} | _body(call.body, headers)


def answer_of(answered: Any) -> Answer:
    """The response that the function's answer stands for; one that is none is the mistake of the function."""
    if not isinstance(answered, dict) or not isinstance(answered.get("statusCode"), int):
        return said(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")
    headers = [(name, str(value)) for name, value in (answered.get("headers") or {}).items()]
    cookies = [("Set-Cookie", cookie) for cookie in answered.get("cookies") or []]
    text = answered.get("body") or ""
    body = base64.b64decode(text) if answered.get("isBase64Encoded") else text.encode()
    return Answer(answered["statusCode"], [*headers, *cookies], body)


def decoded(path: str) -> str:
    """A path as an HTTP API tells it: everything is decoded but %25, so that nobody decodes anything twice."""
    return "%25".join(map(unquote, path.split("%25")))


def _joined(headers: Headers) -> dict[str, str]:
    """Names in lower case, values of the same name with commas between; cookies are told apart from them."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value)
    return {name: ",".join(values) for name, values in found.items() if name != "cookie"}


def _cookies(headers: Headers) -> list[str]:
    return [each.strip() for name, value in headers if name.lower() == "cookie" for each in value.split(";")]


def _query(query: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return {name: ",".join(values) for name, values in found.items()}


def _body(body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """None at all for a call without one."""
    if not body:
        return {}
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in TEXT:
        return {"body": body.decode("utf-8", "replace")}
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _refused(error: ClientError) -> Answer:
    """An invocation may carry 6 MB, so that an HTTP API refuses some bodies that it takes by themselves."""
    match error.response["Error"]["Code"]:
        case "RequestTooLargeException" | "RequestEntityTooLargeException" | "413":
            return said(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Entity Too Large")
        case "TooManyRequestsException":
            return said(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")
        case _:
            return said(HTTPStatus.BAD_GATEWAY, "the function cannot be invoked")
