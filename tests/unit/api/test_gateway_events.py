"""Events as API Gateway sends them, put right for the event handler."""

from typing import Any

import pytest

from functions.api.http.gateway_events import normalise, without_body


def event(path: str = "/upload", method: str = "POST", **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"rawPath": path, "headers": named, "requestContext": {"http": {"method": method, "path": path}}}


@pytest.mark.parametrize(("path", "expected"), [("/upload/", "/upload"), ("/", "/"), ("//", "/"), ("/api/", "/api")])
def test_a_slash_at_the_end_makes_no_difference(path: str, expected: str) -> None:
    given = event(path)
    normalise(given)
    assert given["rawPath"] == expected


@pytest.mark.parametrize("content_type", ["multipart/form-data", "Multipart/Form-Data; boundary=x"])
def test_a_form_is_left_to_the_upload_and_taken_for_json_nowhere(content_type: str) -> None:
    upload, other = event("/api/v1/upload/", content_type=content_type), event("/uploads", content_type=content_type)
    normalise(upload)
    normalise(other)
    assert upload["headers"]["content-type"] == content_type
    assert other["headers"]["content-type"] == "application/x-form"


def test_a_head_is_asked_for_like_the_whole_and_answered_without_it() -> None:
    given = event("/health", "HEAD")
    assert normalise(given)
    assert given["requestContext"]["http"]["method"] == "GET"
    answer = {"statusCode": 200, "body": "eA==", "isBase64Encoded": True, "headers": {"ETag": "x"}}
    assert without_body(answer) == {"statusCode": 200, "body": "", "isBase64Encoded": False, "headers": {"ETag": "x"}}


def test_other_calls_have_bodies() -> None:
    assert not normalise(event())
