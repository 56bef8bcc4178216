"""Service E: the prefix /api, progress in per cent, a download, and a webhook that is signed in plain hex."""

import csv
import hmac
import io
import json
from collections.abc import Mapping
from hashlib import sha256

import pytest
import requests

from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, products_csv, started, status_of
from tests.system.contracts.replay import TIME, UNKNOWN, UUID, Case, csv_file, misfits_of
from tests.system.receiver import Receiver

CSV = (
    "S. No.,Product Name,Input Image Urls\n"
    '1,SKU1,"https://example.com/1.jpg,https://example.com/2.jpg"\n'
    '2,SKU2,"https://example.com/3.jpg,https://example.com/4.jpg"\n'
)
STATUS = {
    "request_id": UUID,
    "status": "completed",
    "completion_percentage": 100.0,
    "created_at": TIME,
    "updated_at": TIME,
    "total_images": 3,
    "processed_images": 3,
    "webhook_status": None,
}
ACCEPTED = {"request_id": UUID, "status": "pending", "message": str}
PROBLEM = "application/problem+json"

CASES = [
    Case("a file is accepted", "POST", "/api/upload", 202, ACCEPTED, csv_file(CSV)),
    Case("no file is refused", "POST", "/api/upload", 400, {"error": str}, content_type=PROBLEM),
    Case("a header without rows is refused", "POST", "/api/upload", 400, {"error": str},
         csv_file(CSV.splitlines()[0] + "\n"), PROBLEM),
    Case("a status has progress and times", "GET", "/api/status/{request_id}", 200, STATUS),
    Case("an unknown request is not found", "GET", f"/api/status/{UNKNOWN}", 404, {"error": "Request ID not found"},
         content_type=PROBLEM),
    Case("results are a CSV", "GET", "/api/download/{request_id}", 200, str, content_type="text/csv"),
    Case("unknown results are not found", "GET", f"/api/download/{UNKNOWN}", 404, {"error": str}, content_type=PROBLEM),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_service_e(case: Case, stack: LocalStack, known: Mapping[str, str]) -> None:
    case.check(stack.url, known)


def test_results_are_not_there_before_the_request_has_ended(stack: LocalStack) -> None:
    answer = requests.post(f"{stack.url}/api/uploads", json={}, timeout=TIMEOUT).json()
    early = requests.get(f"{stack.url}/api/download/{answer['request_id']}", timeout=TIMEOUT)
    assert (early.status_code, early.json()["code"]) == (404, "not_ready")


def test_the_output_csv_has_a_column_more(stack: LocalStack, known: Mapping[str, str]) -> None:
    answer = requests.get(f"{stack.url}/api/download/{known['request_id']}", timeout=TIMEOUT)
    disposition, extended = answer.headers["Content-Disposition"].split("; filename*=")
    assert disposition == f'attachment; filename="results_{known["request_id"]}.csv"'
    assert extended.startswith("UTF-8''")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0])[:4] == ["S. No.", "Product Name", "Input Image Urls", "Output Image Urls"]
    assert [[bool(url) for url in row["Output Image Urls"].split(",")] for row in rows] == [[True, True], [False, True]]


def test_the_webhook_is_signed_in_plain_hex(stack: LocalStack, urls: dict[str, str], receiver: Receiver) -> None:
    csv_text = products_csv([[urls["image0"]]])
    request_id = started(f"{stack.url}/api", csv_text, webhook_url=receiver.url)
    assert status_of(f"{stack.url}/api", request_id)["webhook_status"] in {"not_sent", "sent"}
    received = receiver.next()
    secret = stack.webhook_secret.encode()
    assert received.headers["x-webhook-signature"] == hmac.new(secret, received.body, sha256).hexdigest()
    shape = {
        "request_id": request_id,
        "status": "completed",
        "total_images": 1,
        "processed_images": 1,
        "completion_time": TIME,
        "results_csv_url": lambda url: requests.get(url, timeout=TIMEOUT).status_code == 200,
    }
    assert not list(misfits_of(shape, json.loads(received.body), "webhook"))
