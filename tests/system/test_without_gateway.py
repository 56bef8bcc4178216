"""The template without its HTTP API: the front door invokes the api function, and nobody outside sees a difference."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, ended, products_csv, rows_of, started
from tests.system.targets import ONLY_BOTH_WAYS, stack_of_its_own

pytestmark = ONLY_BOTH_WAYS


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with stack_of_its_own(tmp_path_factory.mktemp("bare"), 0, {"WithHttpApi": "false"}) as running:
        yield running


def test_the_stack_has_no_http_api(bare: LocalStack) -> None:
    resources = bare.stack.client("cloudformation").describe_stack_resources(StackName="imagepress")["StackResources"]
    kinds = {resource["ResourceType"] for resource in resources}
    assert "ApiId" not in bare.stack.outputs
    assert "AWS::Lambda::Function" in kinds
    assert not {kind for kind in kinds if "ApiGateway" in kind}


def test_an_upload_goes_through(bare: LocalStack, photos: list[Path], photo_origin: str) -> None:
    request_id = started(bare.url, products_csv([[f"{photo_origin}/{photos[0].name}"]]))
    assert ended(bare.url, request_id)["status"] == "completed"
    (row,) = rows_of(bare.url, request_id)
    assert row["Output Image Urls"].startswith(f"{bare.url}/images/")
    picture = requests.get(row["Output Image Urls"], timeout=TIMEOUT)
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")


@pytest.mark.parametrize(
    "call",
    [
        ("GET", "/health"),
        ("GET", "/"),
        ("HEAD", "/health"),
        ("GET", "/requests?next_token=none&next_token=none"),
        ("GET", "/requests?limit=none"),
        ("GET", "/status/%C3%BC%252F"),
        ("GET", "/static/none.js"),
        ("DELETE", "/upload"),
        ("POST", "/upload"),
    ],
    ids=" ".join,
)
def test_the_answer_is_the_one_that_the_gateway_gives(
    stack: LocalStack, bare: LocalStack, call: tuple[str, str]
) -> None:
    method, path = call
    answers = [requests.request(method, url + path, timeout=TIMEOUT) for url in (stack.url, bare.url)]
    told, wanted = ([each.status_code, each.headers["Content-Type"], each.content[:40]] for each in answers)
    assert told == wanted
