"""Service B: paths with a slash at the end, a list of images, and a webhook with that list."""

import json
from collections.abc import Mapping

import pytest
import requests

from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, ended, eventually, products_csv, started, status_of
from tests.system.contracts.replay import UNKNOWN, UUID, Case, csv_file, either, misfits_of
from tests.system.receiver import Receiver

CSV = "S. No.,Product Name,Input Image Urls\n1,SKU1,https://example.com/a.jpg\n"
ACCEPTED = {"request_id": UUID, "message": str}
IMAGE = {"input_url": str, "output_url": either(str, None), "status": either("completed", "failed")}
NOT_FOUND = {"detail": "Request ID not found", "error": "Request ID not found"}
PROBLEM = "application/problem+json"

CASES = [
    Case("a file is taken", "POST", "/upload/", 202, ACCEPTED, csv_file(CSV, "test.csv")),
    Case(
        "an empty webhook_url is none", "POST", "/upload/", 202, {"webhook_url": None},
        csv_file(CSV) | {"data": {"webhook_url": ""}},
    ),
    Case("a missing file is refused", "POST", "/upload/", 400, {"detail": str}, {"data": {"webhook_url": ""}}, PROBLEM),
    Case("a status lists images", "GET", "/status/{request_id}", 200, {"status": "completed", "images": [IMAGE]}),
    Case("a status answers with a slash too", "GET", "/status/{request_id}/", 200, {"request_id": UUID}),
    Case("an unknown id is not found", "GET", f"/status/{UNKNOWN}", 404, NOT_FOUND, content_type=PROBLEM),
    Case("a malformed id is not found", "GET", "/status/5", 404, NOT_FOUND, content_type=PROBLEM),
    Case(
        "the receiver answers as documented", "POST", "/webhook", 200, {"success": True, "message": str},
        {"json": {"request_id": UNKNOWN, "status": "completed", "images": []}},
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_service_b(case: Case, stack: LocalStack, known: Mapping[str, str]) -> None:
    case.check(stack.url, known)


def test_the_images_of_a_request_that_has_just_begun_are_none_or_pending(
    stack: LocalStack, urls: dict[str, str]
) -> None:
    status = status_of(stack.url, started(stack.url, products_csv([[urls["image0"]]])))
    assert {image["status"] for image in status["images"]} <= {"pending", "processing", "completed"}


def test_an_output_url_really_downloads(stack: LocalStack, known: Mapping[str, str]) -> None:
    images = status_of(stack.url, known["request_id"])["images"]
    url = next(image["output_url"] for image in images if image["status"] == "completed")
    picture = requests.get(url, timeout=TIMEOUT)
    assert picture.headers["Content-Type"].startswith("image/")
    assert picture.content


def test_the_webhook_has_the_list_of_images(stack: LocalStack, urls: dict[str, str], receiver: Receiver) -> None:
    csv = products_csv([[urls["image0"], urls["missing"]]])
    request_id = started(stack.url + "/", csv, webhook_url=receiver.url)
    body = json.loads(receiver.next().body)
    shape = {"request_id": request_id, "status": "completed", "images": [IMAGE]}
    assert not list(misfits_of(shape, body, "webhook"))
    assert ended(stack.url, request_id)["status"] == body["status"]


def test_the_webhook_of_a_request_can_be_sent_to_the_service_itself(stack: LocalStack, urls: dict[str, str]) -> None:
    request_id = started(stack.url, products_csv([[urls["image0"]]]), webhook_url=f"{stack.url}/webhook")
    ended(stack.url, request_id)

    def received() -> bool:
        found = requests.get(f"{stack.url}/webhook/received", timeout=TIMEOUT).json()["received"]
        return any(webhook["verified"] and webhook["body"]["request_id"] == request_id for webhook in found)

    eventually(lambda: received() or None, "the webhook in the receiver's list")
