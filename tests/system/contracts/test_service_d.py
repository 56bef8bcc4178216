"""Service D: the export of everything processed, and a receiver that can be called by hand."""

import csv
import io
from collections.abc import Mapping

import pytest
import requests

from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, eventually
from tests.system.contracts.replay import UUID, Case, csv_file

CSV = "S. No.,Product Name,Input Image Urls\n1,SKU1,https://example.com/a.jpg\n"
BY_HAND = {"image_id": 5, "status": "completed", "output_images": ["compressed_images/compressed_5_0.jpg"]}

CASES = [
    Case("a CSV of any name is taken", "POST", "/upload", 202, {"request_id": UUID}, csv_file(CSV, "sample.csv")),
    Case("a status is there", "GET", "/status/{request_id}", 200, {"status": "completed"}),
    Case("an export is a CSV", "GET", "/export?request_id={request_id}", 200, str, content_type="text/csv"),
    Case("a webhook can be posted by hand", "POST", "/webhook", 200, {"success": True}, {"json": BY_HAND}),
    Case("what was posted is listed", "GET", "/webhook/received", 200, {"received": [{"body": lambda _: True}]}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_service_d(case: Case, stack: LocalStack, known: Mapping[str, str]) -> None:
    case.check(stack.url, known)


def test_the_webhook_that_was_posted_by_hand_is_kept_as_it_was(stack: LocalStack) -> None:
    requests.post(f"{stack.url}/webhook", json=BY_HAND, timeout=TIMEOUT)
    received = requests.get(f"{stack.url}/webhook/received", timeout=TIMEOUT).json()["received"]
    assert BY_HAND in [webhook["body"] for webhook in received]


def _exported(stack: LocalStack, query: str) -> requests.Response | None:
    """The export, once it is written: of many requests it is a file."""
    answer = requests.get(f"{stack.url}/export{query}", timeout=TIMEOUT)
    return answer if answer.status_code == 200 else None


@pytest.mark.parametrize("query", ["", "?since=2020-01-01", "?request_id={request_id}"])
def test_the_export_has_the_documented_columns_and_every_image(
    stack: LocalStack, known: Mapping[str, str], query: str
) -> None:
    answer = eventually(lambda: _exported(stack, query.format(**known)), "an export")
    rows = [row for row in csv.DictReader(io.StringIO(answer.text)) if row["Image ID"].startswith(known["request_id"])]
    assert list(rows[0]) == ["Image ID", "Product Name", "Input Image URLs", "Output Image URLs", "Status"]
    assert {(row["Product Name"], row["Input Image URLs"], row["Status"]) for row in rows} == {
        ("SKU1", known["image0"], "completed"),
        ("SKU1", known["image1"], "completed"),
        ("SKU2", known["missing"], "failed"),
    }
    pictures = [requests.get(row["Output Image URLs"], timeout=TIMEOUT) for row in rows if row["Output Image URLs"]]
    assert [picture.headers["Content-Type"].partition("/")[0] for picture in pictures] == ["image", "image"]
