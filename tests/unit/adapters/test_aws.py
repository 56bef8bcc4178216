"""What goes over the wire with each call of AWS."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from functions.adapters.aws.clients import client
from functions.adapters.aws.objects import Objects
from tests.aws import CREDENTIALS


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[AWSPreparedRequest]]:
    """The requests that S3 is sent; it is content with all of them."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    requests: list[AWSPreparedRequest] = []

    def answered(request: AWSPreparedRequest, **_more: Any) -> AWSResponse:
        requests.append(request)
        answer = AWSResponse(request.url, 200, HTTPHeaders(), None)
        answer._content = b""  # type: ignore[attr-defined]  # nothing is read from a connection
        return answer

    client.cache_clear()
    client("s3").meta.events.register_first("before-send", answered)
    yield requests
    client.cache_clear()


def test_a_picture_is_sent_without_asking_first(sent: list[AWSPreparedRequest]) -> None:
    Objects(client("s3"), "results").put_picture("images/1.jpg", b"picture", "image/jpeg")
    (request,) = sent
    assert "Expect" not in request.headers
    assert "imagepress " in str(request.headers["User-Agent"])  # with what Powertools adds once, not for each call
