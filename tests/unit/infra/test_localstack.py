"""Which parameters `make localstack` deploys with."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.deploy import Stack
from infra.localstack.__main__ import parameters, serve

URL = "http://localhost:8000"


class Gateway:
    def __init__(self, status: int) -> None:
        self.status = status

    def get_apis(self) -> None:
        if self.status != 200:
            answer: Any = {"Error": {"Code": "InternalFailure"}, "ResponseMetadata": {"HTTPStatusCode": self.status}}
            raise ClientError(answer, "GetApis")


def test_an_edition_with_apigatewayv2_serves_the_api_itself() -> None:
    assert parameters(Gateway(200), URL) == ["WithHttpApi=true"]


def test_an_edition_without_it_gets_no_http_api() -> None:
    assert parameters(Gateway(501), URL) == ["WithHttpApi=false", f"PublicUrl={URL}"]


def test_a_localstack_that_is_ill_is_not_taken_for_another_edition() -> None:
    with pytest.raises(ClientError):
        parameters(Gateway(500), URL)


def test_an_api_that_is_served_needs_no_front_door(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(Stack("", {"ApiId": "a", "ApiUrl": "http://a.example"}), 0) == 0
    assert "http://a.example" in capsys.readouterr().out
