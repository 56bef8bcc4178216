"""The event that the front door invokes the api function with, and what becomes of its answer."""

import base64
import io
import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from infra.local.invoke import ByInvocation, answer_of, decoded, event_of
from infra.local.ways import Call

SENT = Path(__file__).parents[2] / "events" / "api_upload.json"
MISTAKE = (500, b'{"message": "Internal Server Error"}')


def a_call(target: str = "/health", method: str = "GET", body: bytes = b"", **headers: str) -> Call:
    return Call(method, target, [(name.replace("_", "-"), value) for name, value in headers.items()], body)


class Functions:
    """A client of Lambda that answers so."""

    def __init__(self, answered: object = None, error: Exception | None = None, **more: str) -> None:
        self.answered, self.error, self.more = answered, error, more
        self.asked: dict[str, Any] = {}

    def invoke(self, **arguments: Any) -> dict[str, Any]:
        self.asked = arguments
        if self.error:
            raise self.error
        return {"Payload": io.BytesIO(json.dumps(self.answered).encode()), **self.more}


def passed_on(functions: Functions) -> tuple[int, bytes]:
    answer = ByInvocation(functions, "imagepress-api").answer(a_call())
    return answer.status, answer.body


def refusal(code: str) -> Functions:
    return Functions(error=ClientError({"Error": {"Code": code, "Message": ""}}, "Invoke"))


def test_an_event_has_what_the_events_of_an_http_api_have() -> None:
    sent = json.loads(SENT.read_text())
    made = event_of(
        a_call("/api/v1/upload/", "POST", b"x", user_agent="curl/8.5.0", content_type="multipart/form-data")
    )
    assert made.keys() == sent.keys()
    assert made["requestContext"].keys() == sent["requestContext"].keys()
    assert made["requestContext"]["http"].keys() == sent["requestContext"]["http"].keys()
    assert made["rawPath"] == made["requestContext"]["http"]["path"] == "/api/v1/upload/"


def test_headers_have_small_names_and_commas_between_their_values() -> None:
    call = Call("GET", "/", [("X-Api-Key", "k"), ("Accept", "a/b"), ("ACCEPT", "c/d")], b"")
    assert event_of(call)["headers"] == {"x-api-key": "k", "accept": "a/b,c/d"}


def test_cookies_are_told_apart_from_the_headers() -> None:
    event = event_of(a_call(Cookie="a=1; b=2"))
    assert (event["cookies"], event["headers"]) == (["a=1", "b=2"], {})


def test_a_query_comes_as_it_was_sent_and_decoded() -> None:
    event = event_of(a_call("/requests?status=a%20b&status=c&empty="))
    assert event["rawQueryString"] == "status=a%20b&status=c&empty="
    assert event["queryStringParameters"] == {"status": "a b,c", "empty": ""}


def test_what_a_call_does_not_have_its_event_does_not_have() -> None:
    assert {"cookies", "queryStringParameters", "body"}.isdisjoint(event_of(a_call()))


@pytest.mark.parametrize("kind", ["text/csv", "application/json", "Application/JSON; charset=utf-8"])
def test_text_is_sent_as_text(kind: str) -> None:
    event = event_of(a_call(body="ü".encode(), content_type=kind))
    assert (event["body"], event["isBase64Encoded"]) == ("ü", False)


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded", ""])
def test_every_other_body_is_sent_in_base64(kind: str) -> None:
    event = event_of(a_call(body=b"\xff\x00", content_type=kind))
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (b"\xff\x00", True)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/a%20b", "/a b"),
        ("/%C3%BC", "/ü"),
        ("/a%252Fb", "/a%252Fb"),
        ("/%FF", "/\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_path_is_decoded_once_but_for_the_percent_sign(path: str, told: str) -> None:
    assert decoded(path) == told


def test_an_answer_has_the_functions_status_headers_cookies_and_text() -> None:
    answered = {"statusCode": 201, "headers": {"Location": "/a", "X-N": 1}, "cookies": ["a=1", "b=2"], "body": "ü"}
    answer = answer_of(answered)
    assert (answer.status, answer.body.decode()) == (201, "ü")
    assert answer.headers == [("Location", "/a"), ("X-N", "1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]


def test_an_answer_in_base64_is_decoded() -> None:
    answer = answer_of({"statusCode": 200, "body": base64.b64encode(b"\xff\x00").decode(), "isBase64Encoded": True})
    assert answer.body == b"\xff\x00"


def test_a_redirect_needs_no_body() -> None:
    assert answer_of({"statusCode": 302, "headers": {"Location": "/a"}}).body == b""


@pytest.mark.parametrize("answered", [None, "text", {}, {"statusCode": "200"}], ids=repr)
def test_an_answer_that_is_none_is_the_functions_mistake(answered: object) -> None:
    assert passed_on(Functions(answered)) == MISTAKE


def test_a_function_that_died_is_not_quoted() -> None:
    assert passed_on(Functions({"errorMessage": "secret"}, FunctionError="Unhandled")) == MISTAKE


def test_the_function_is_invoked_by_its_name_with_the_event() -> None:
    functions = Functions({"statusCode": 204})
    assert passed_on(functions) == (204, b"")
    assert functions.asked["FunctionName"] == "imagepress-api"
    assert json.loads(functions.asked["Payload"])["rawPath"] == "/health"


@pytest.mark.parametrize(
    ("functions", "status"),
    [
        (refusal("RequestEntityTooLargeException"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (refusal("TooManyRequestsException"), HTTPStatus.SERVICE_UNAVAILABLE),
        (refusal("ResourceNotFoundException"), HTTPStatus.BAD_GATEWAY),
        (Functions(error=EndpointConnectionError(endpoint_url="http://gone")), HTTPStatus.BAD_GATEWAY),
    ],
)
def test_an_invocation_that_is_refused_is_an_answer_too(functions: Functions, status: HTTPStatus) -> None:
    assert passed_on(functions)[0] == status
