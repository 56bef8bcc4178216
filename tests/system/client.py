"""How the system tests use the service: as users do, over HTTP."""

import csv
import io
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import requests

TIMEOUT = 60  # seconds for something to happen; a test that waits so long fails
POLL = 0.1

Found = TypeVar("Found")


def upload(url: str, content: str | bytes, **fields: str) -> requests.Response:
    return requests.post(f"{url}/upload", files={"file": ("products.csv", content)}, data=fields, timeout=TIMEOUT)


def started(url: str, content: str | bytes, **fields: str) -> str:
    """Upload a CSV that has to be accepted; its request id."""
    answer = upload(url, content, **fields)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["request_id"])


def status_of(url: str, request_id: str, **query: str | int) -> dict[str, Any]:
    answer = requests.get(f"{url}/status/{request_id}", query, timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def ended(url: str, request_id: str, timeout: float = TIMEOUT) -> dict[str, Any]:
    """The status once the request has ended."""
    return eventually(
        lambda: status if (status := status_of(url, request_id))["status"] not in {"pending", "processing"} else None,
        f"request {request_id} to end",
        timeout,
    )


def eventually(look: Callable[[], Found | None], what: str, timeout: float = TIMEOUT) -> Found:
    """The first thing that `look` finds; fails when that takes longer than `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(POLL)
    raise AssertionError(f"waited {timeout} s in vain for {what}")


def products_csv(products: Sequence[Sequence[str]]) -> str:
    """A CSV with a row for each list of URLs."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["S. No.", "Product Name", "Input Image Urls"])
    writer.writerows([number, f"SKU{number}", ",".join(urls)] for number, urls in enumerate(products, 1))
    return text.getvalue()


def rows_of(url: str, request_id: str) -> list[dict[str, str]]:
    """The output CSV."""
    answer = requests.get(f"{url}/download/{request_id}", timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text
    disposition, _extended = answer.headers["Content-Disposition"].split("; filename*=")
    assert disposition == f'attachment; filename="results_{request_id}.csv"'
    return csv_rows(answer.content)


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
