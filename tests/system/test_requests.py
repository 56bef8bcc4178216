"""What users do with requests: repeat them safely, try them dry, list, stop, retry, reuse and export them."""

import base64
import csv
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from PIL import Image

from infra.local.stack import LocalStack
from tests import loopback
from tests.images import encoded, photo
from tests.system.client import TIMEOUT, ended, eventually, products_csv, rows_of, started, status_of, upload
from tests.system.receiver import Receiver
from tests.system.targets import needs_loopback
from tests.system.test_drop import drop

PICTURE = encoded(photo(), "JPEG", quality=95)


@dataclass
class Shop:
    """An origin with pictures; `sent` are those that went out whole. While it is not open, it lets visitors wait."""

    server: loopback.Server
    sent: list[str] = field(default_factory=list)
    is_open: threading.Event = field(default_factory=threading.Event)

    @property
    def asked(self) -> list[str]:
        return [request.line.split()[1] for request in self.server.requests]

    def offers(self, path: str, etag: str = '"1"') -> str:
        """Have a picture there; its URL."""

        def show(exchange: loopback.Exchange) -> None:
            is_known = self.server.requests[-1].headers.get("if-none-match") == etag
            self.is_open.wait(loopback.PATIENCE)
            if is_known:
                exchange.send(loopback.answer("304 Not Modified", ETag=etag))
            else:
                self.sent.append(path)
                exchange.send(loopback.answer(body=PICTURE, ETag=etag))

        return self.server.does(path, show)


@pytest.fixture
def shop() -> Iterator[Shop]:
    needs_loopback()
    with loopback.serving() as server:
        found = Shop(server)
        found.is_open.set()
        yield found
        found.is_open.set()


def get(stack: LocalStack, path: str, **query: Any) -> dict[str, Any]:
    answer = requests.get(f"{stack.url}{path}", query, timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def post(stack: LocalStack, path: str, **body: Any) -> requests.Response:
    return requests.post(f"{stack.url}{path}", json=body or None, timeout=TIMEOUT)


def listed(stack: LocalStack, limit: int = 100, **query: str) -> list[str]:
    """The ids of all requests, page by page."""
    ids: list[str] = []
    token: str | None = ""
    while token is not None:
        page = get(stack, "/requests", limit=limit, next_token=token, **query)
        ids += [request["request_id"] for request in page["requests"]]
        token = page["next_token"]
    return ids


def output_urls(status: dict[str, Any]) -> list[str | None]:
    return [image["output_url"] for image in status["images"]]


# --- repeated calls --------------------------------------------------------------------------------------------------


def upload_once(stack: LocalStack, key: str, content: str) -> requests.Response:
    files, headers = {"file": ("products.csv", content)}, {"Idempotency-Key": key}
    return requests.post(f"{stack.url}/upload", files=files, headers=headers, timeout=TIMEOUT)


def test_a_repeated_upload_is_one_request(stack: LocalStack, shop: Shop) -> None:
    content = products_csv([[shop.offers("/a.jpg")]])
    ids = {upload_once(stack, "repeated", content).json()["request_id"] for _ in range(2)}
    assert len(ids) == 1
    assert listed(stack).count(*ids) == 1


def test_a_key_that_comes_with_another_csv_is_refused(stack: LocalStack, shop: Shop) -> None:
    upload_once(stack, "another", products_csv([[shop.offers("/a.jpg")]]))
    refused = upload_once(stack, "another", products_csv([[shop.offers("/b.jpg")]]))
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


# --- dry runs, other ways to upload ----------------------------------------------------------------------------------


def test_a_dry_run_counts_and_starts_nothing(stack: LocalStack, shop: Shop) -> None:
    before = listed(stack)
    answer = upload(
        stack.url, products_csv([[shop.server.url("/a.jpg"), shop.server.url("/b.jpg")], []]), dry_run="true"
    )
    body = answer.json()
    assert (answer.status_code, body["dry_run"], body["total_images"], body["total_products"]) == (200, True, 2, 2)
    assert listed(stack) == before


def test_a_csv_can_be_the_body_with_its_options_in_the_query(stack: LocalStack, shop: Shop) -> None:
    answer = requests.post(
        f"{stack.url}/upload",
        products_csv([[shop.offers("/a.jpg")]]),
        params={"max_width": "60", "format": "webp"},
        headers={"Content-Type": "text/csv; charset=utf-8"},
        timeout=TIMEOUT,
    )
    (image,) = ended(stack.url, answer.json()["request_id"])["images"]
    with Image.open(io.BytesIO(requests.get(image["output_url"], timeout=TIMEOUT).content)) as picture:
        assert (picture.format, picture.width) == ("WEBP", 60)


# --- lists and status ------------------------------------------------------------------------------------------------


def test_the_pages_of_the_list_are_every_request_once_and_newest_first(stack: LocalStack) -> None:
    made = [post(stack, "/uploads", file_name="unused.csv").json()["request_id"] for _ in range(5)]
    ids = listed(stack, limit=2)
    assert ids[:5] == made[::-1]
    assert len(ids) == len(set(ids))


def test_a_key_that_is_put_twice_lists_two_requests(stack: LocalStack, shop: Shop) -> None:
    key, content = "incoming/acme/twice.csv", products_csv([[shop.offers("/a.jpg")]])
    versions = [drop(stack, key, content) for _ in range(2)]
    assert listed(stack, key=key) == versions[::-1]


# --- cancel ----------------------------------------------------------------------------------------------------------


def test_a_cancelled_request_ends_and_nobody_is_told(stack: LocalStack, shop: Shop, receiver: Receiver) -> None:
    shop.is_open.clear()
    url = shop.offers("/slow.jpg")
    request_id = started(stack.url, products_csv([[url]]), webhook_url=receiver.url)
    eventually(lambda: shop.asked or None, "the picture to be asked for")
    answers = [post(stack, f"/requests/{request_id}/cancel") for _ in range(2)]
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "cancelled")] * 2
    (left,) = status_of(stack.url, request_id)["images"]
    assert (left["status"], left["error"]["code"]) == ("failed", "not_processed")
    shop.is_open.set()
    eventually(lambda: output_urls(status_of(stack.url, request_id))[0], "the picture that was under way")
    later = started(stack.url, products_csv([[url]]), webhook_url=receiver.url)
    assert json.loads(receiver.next().body)["request_id"] == later
    assert status_of(stack.url, request_id)["status"] == "cancelled"
    assert get(stack, f"/requests/{request_id}/deliveries")["deliveries"] == []


def test_a_completed_request_cannot_be_cancelled(stack: LocalStack, shop: Shop) -> None:
    request_id = started(stack.url, products_csv([[shop.offers("/a.jpg")]]))
    ended(stack.url, request_id)
    refused = post(stack, f"/requests/{request_id}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_ended")


# --- retry and reuse -------------------------------------------------------------------------------------------------


def test_a_retry_runs_what_failed_and_keeps_what_did_not(stack: LocalStack, shop: Shop) -> None:
    good, missing = shop.offers("/good.jpg"), shop.server.url("/late.jpg")
    parent = started(stack.url, products_csv([[good, missing]]))
    first = ended(stack.url, parent)
    shop.offers("/late.jpg")
    answer = post(stack, f"/requests/{parent}/retry")
    assert (answer.status_code, answer.json()["retry_of"]) == (202, parent)
    second = ended(stack.url, answer.json()["request_id"])
    assert (second["status"], second["failed_images"], second["retry_of"]) == ("completed", 0, parent)
    assert output_urls(second)[0] == output_urls(first)[0]
    assert shop.sent == ["/good.jpg", "/late.jpg"], "what was completed is not fetched again"
    (row,) = rows_of(stack.url, second["request_id"])
    assert row["Output Image Urls"].split(",") == output_urls(second)


def test_a_retry_of_what_did_not_fail_is_refused(stack: LocalStack, shop: Shop) -> None:
    request_id = started(stack.url, products_csv([[shop.offers("/a.jpg")]]))
    ended(stack.url, request_id)
    refused = post(stack, f"/requests/{request_id}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_retry")


def test_a_retry_of_what_still_runs_is_refused(stack: LocalStack, shop: Shop) -> None:
    shop.is_open.clear()
    request_id = started(stack.url, products_csv([[shop.offers("/a.jpg")]]))
    refused = post(stack, f"/requests/{request_id}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "still_running")


def test_reuse_adopts_what_the_origin_has_not_changed(stack: LocalStack, shop: Shop) -> None:
    content = products_csv([[shop.offers("/a.jpg")]])
    first = ended(stack.url, started(stack.url, content))
    again = ended(stack.url, started(stack.url, content, reuse=first["request_id"]))
    assert output_urls(again) == output_urls(first)
    assert (shop.asked, shop.sent) == (["/a.jpg"] * 2, ["/a.jpg"])


def test_reuse_compresses_anew_what_the_origin_has_changed(stack: LocalStack, shop: Shop) -> None:
    content = products_csv([[shop.offers("/a.jpg")]])
    first = ended(stack.url, started(stack.url, content))
    shop.offers("/a.jpg", '"2"')
    again = ended(stack.url, started(stack.url, content, reuse=first["request_id"]))
    assert output_urls(again) != output_urls(first)
    assert shop.sent == ["/a.jpg"] * 2


# --- export ----------------------------------------------------------------------------------------------------------


def test_an_export_of_many_requests_is_answered_with_the_csv(stack: LocalStack, shop: Shop) -> None:
    """As `curl … -o processed_images.csv` keeps it, whatever the status is."""
    began = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    request_ids = [started(stack.url, products_csv([[shop.offers(f"/{n}.jpg")]])) for n in range(25)]
    for request_id in request_ids:
        ended(stack.url, request_id)
    for _ in range(20):
        post(stack, "/uploads", file_name="unused.csv")
    answer = requests.get(f"{stack.url}/export", {"since": began}, timeout=TIMEOUT)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert {row["Image ID"].partition("/")[0] for row in rows} == set(request_ids)
    assert {row["Status"] for row in rows} == {"completed"}


def test_all_pictures_come_as_a_zip_with_the_csv(stack: LocalStack, shop: Shop) -> None:
    urls = [shop.offers(f"/{n}.jpg") for n in range(3)]
    request_id = started(stack.url, products_csv([[url] for url in urls]))
    status = ended(stack.url, request_id)
    answer = requests.get(f"{stack.url}/download/{request_id}", {"as": "zip"}, timeout=TIMEOUT)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="pictures_{request_id}.zip"'
    found = zipfile.ZipFile(io.BytesIO(answer.content))
    assert found.testzip() is None
    *pictures, table = found.namelist()
    assert [len(found.read(name)) for name in pictures] == [image["bytes_out"] for image in status["images"]]
    rows = csv.DictReader(io.StringIO(found.read(table).decode("utf-8-sig")))
    assert [row["Output Image Urls"] for row in rows] == pictures
    missing = requests.get(f"{stack.url}/download/{request_id}", {"as": "zip", "part": "2"}, timeout=TIMEOUT)
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


# --- refusals --------------------------------------------------------------------------------------------------------

REFUSED = {
    "another method": (("PUT", "/upload", "text/csv"), 405, "method_not_allowed"),
    "another type": (("POST", "/upload", "application/xml"), 415, "unsupported_media_type"),
    "another path": (("GET", "/uploaded", "text/csv"), 404, "no_such_call"),
}


@pytest.mark.parametrize(("call", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_call_is_told_as_a_problem(
    stack: LocalStack, call: tuple[str, str, str], status: int, code: str
) -> None:
    method, path, kind = call
    refused = requests.request(method, stack.url + path, data=b"<x/>", headers={"Content-Type": kind}, timeout=TIMEOUT)
    body = refused.json()
    assert (refused.status_code, body["status"], body["code"]) == (status, status, code)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert body["error"] == body["detail"]
    assert refused.headers.get("Allow") == ("POST" if status == 405 else None)


@pytest.mark.parametrize("place", ['["x", NaN]', '["x", 1e99]', "[" * 3000], ids=["nan", "huge", "deep"])
def test_a_next_token_that_was_made_up_is_a_bad_request(stack: LocalStack, place: str) -> None:
    token = base64.urlsafe_b64encode(place.encode()).decode()
    answer = requests.get(f"{stack.url}/requests", {"next_token": token}, timeout=TIMEOUT)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameters")
