"""Service C: the prefix /api/v1, two columns, products with numbers, and webhooks that are configured."""

import json
from collections.abc import Iterator, Mapping

import pytest
import requests

from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, ended, started, status_of
from tests.system.contracts.replay import UNKNOWN, UUID, Case, csv_file, misfits_of
from tests.system.receiver import Receiver

CSV = "product_name,image_url\nproduct1,http://example.com/image1.jpg\nproduct2,http://example.com/image2.png\n"
PRODUCT = {
    "serial_number": int,
    "product_name": str,
    "input_urls": [str],
    "output_urls": list,
    "processing_status": "completed",
}
ACCEPTED = {"request_id": UUID, "message": str, "status": str}
PROBLEM = "application/problem+json"

CASES = [
    Case("two columns are a CSV", "POST", "/api/v1/upload", 202, ACCEPTED, csv_file(CSV, "your_file.csv")),
    Case(
        "an API key does no harm where none is needed", "POST", "/api/v1/upload", 202, ACCEPTED,
        csv_file(CSV) | {"headers": {"X-API-Key": "your_api_key"}},
    ),
    Case("a status has products", "GET", "/api/v1/status/{request_id}", 200, {"products": [PRODUCT]}),
    Case(
        "an unknown id is not found", "GET", f"/api/v1/status/{UNKNOWN}", 404, {"detail": "Request ID not found"},
        content_type=PROBLEM,
    ),
    Case("invalid input is refused", "POST", "/api/v1/upload", 400, {"detail": str}, csv_file("a,b\n"), PROBLEM),
    Case(
        "a webhook is configured", "POST", "/api/v1/webhook/configure", 200, {"message": str, "secret": str},
        {"json": {"webhook_url": "https://your-webhook-url.com", "events": ["processing.completed"]}},
    ),
    Case(
        "an unknown event is refused", "POST", "/api/v1/webhook/configure", 400, {"detail": str},
        {"json": {"webhook_url": "https://your-webhook-url.com", "events": ["processing.paused"]}}, PROBLEM,
    ),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _without_endpoints(stack: LocalStack) -> Iterator[None]:
    """What is configured here would hear of every other test's requests."""
    yield
    for endpoint in requests.get(f"{stack.url}/webhook/endpoints", timeout=TIMEOUT).json()["endpoints"]:
        requests.delete(f"{stack.url}/webhook/endpoints/{endpoint['endpoint_id']}", timeout=TIMEOUT)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_service_c(case: Case, stack: LocalStack, known: Mapping[str, str]) -> None:
    case.check(stack.url, known)


def test_events_arrive_at_the_configured_url(stack: LocalStack, urls: dict[str, str], receiver: Receiver) -> None:
    events = ["processing.started", "processing.completed", "processing.failed"]
    wanted = {"webhook_url": receiver.url, "events": events}
    requests.post(f"{stack.url}/api/v1/webhook/configure", json=wanted, timeout=TIMEOUT)
    csv = f"product_name,image_url\nproduct1,{urls['image0']}\n"
    request_id = started(f"{stack.url}/api/v1", csv)
    ended(stack.url, request_id)
    heard: list[str] = []
    while len(heard) < 2:  # the endpoint hears of the other requests too
        body = json.loads(receiver.next().body)
        heard += [body["type"]] if body["request_id"] == request_id else []
    assert set(heard) == set(events[:2])


def test_a_product_keeps_a_slot_for_each_url(stack: LocalStack, known: Mapping[str, str]) -> None:
    products = status_of(stack.url, known["request_id"])["products"]
    shape = {"serial_number": 2, "input_urls": [str], "processing_status": "completed"}
    assert not list(misfits_of(shape, products[1], "product"))
    assert [bool(url) for url in products[1]["output_urls"]] == [False, True]
