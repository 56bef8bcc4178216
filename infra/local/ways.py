"""What the front door passes on, and its first way to the API: over HTTP to the emulated API Gateway."""

import http.client
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

TIMEOUT = 35  # seconds; more than the api function has

Headers = Sequence[tuple[str, str]]
JSON: Headers = (("Content-Type", "application/json"),)


@dataclass(frozen=True)
class Call:
    """One HTTP request; the target is the path with its query, as it was sent."""

    method: str
    target: str
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Answer:
    """One HTTP response."""

    status: int
    headers: Headers
    body: bytes


class Way(Protocol):
    """A way to the API. It always has an answer: 502 where nobody is there."""

    def answer(self, call: Call) -> Answer: ...


def said(status: HTTPStatus, message: str) -> Answer:
    """What the front door says itself, in the words of API Gateway."""
    return Answer(status, JSON, f'{{"message": "{message}"}}'.encode())


@dataclass(frozen=True)
class OverHttp:
    """To an API Gateway, emulated at this URL."""

    url: str

    def answer(self, call: Call) -> Answer:
        api = urlsplit(self.url)
        connection = http.client.HTTPConnection(api.hostname or "", api.port, timeout=TIMEOUT)
        headers = {name: value for name, value in call.headers if name.lower() != "host"}
        try:
            connection.request(call.method, api.path + call.target, call.body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        except (OSError, http.client.HTTPException):
            return said(HTTPStatus.BAD_GATEWAY, "the engine does not answer")
        finally:
            connection.close()
