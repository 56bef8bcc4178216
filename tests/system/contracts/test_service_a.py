"""Service A: upload, status with products and output_csv, and documentation that a browser can open."""

from collections.abc import Mapping

import pytest

from infra.local.stack import LocalStack
from tests.system.contracts.replay import UNKNOWN, UUID, Case, csv_file

CSV = "S. No.,Product Name,Input Image Urls\n1,SKU1,https://example.com/a.jpg\n"
PRODUCT = {"product_name": str, "input_urls": list, "output_urls": list, "processing_status": str}
STATUS = {
    "request_id": UUID,
    "status": "completed",
    "products": [PRODUCT],
    "output_csv": lambda url: url.startswith("http"),
}

CASES = [
    Case("an upload gives a request_id", "POST", "/upload", 202, {"request_id": UUID}, csv_file(CSV)),
    Case("a status has products and the output CSV", "GET", "/status/{request_id}", 200, STATUS),
    Case(
        "an unknown id is not found",
        "GET",
        f"/status/{UNKNOWN}",
        404,
        {"detail": str},
        content_type="application/problem+json",
    ),
    Case("Swagger UI is there", "GET", "/docs", 200, content_type="text/html"),
    Case("ReDoc is there", "GET", "/redoc", 200, content_type="text/html"),
    Case("the OpenAPI document is there", "GET", "/openapi.json", 200, {"openapi": str, "paths": {"/upload": dict}}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_service_a(case: Case, stack: LocalStack, known: Mapping[str, str]) -> None:
    case.check(stack.url, known)
