"""A CSV by its address, through the running service: a feed, a spreadsheet, and what is no feed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.stack import LocalStack
from tests.loopback import Server, answer, serving
from tests.system.client import TIMEOUT, ended, products_csv, rows_of
from tests.workbooks import products


@pytest.fixture
def feed() -> Iterator[Server]:
    with serving() as server:
        yield server


def posted(stack: LocalStack, csv_url: str, **fields: str) -> requests.Response:
    return requests.post(f"{stack.url}/upload", data={"csv_url": csv_url, **fields}, timeout=TIMEOUT)


def started(stack: LocalStack, csv_url: str, **fields: str) -> str:
    answered = requests.post(f"{stack.url}/uploads", json={"csv_url": csv_url, **fields}, timeout=TIMEOUT)
    assert answered.status_code == 202, answered.text
    return str(answered.json()["request_id"])


def test_a_feed_is_fetched_and_worked_on(
    stack: LocalStack, feed: Server, photos: list[Path], photo_origin: str
) -> None:
    text = products_csv([[f"{photo_origin}/{photo.name}"] for photo in photos[:2]])
    url = feed.says("/feeds/autumn.csv", answer(body=text.encode(), ETag='"v1"'))
    multipart = {"csv_url": (None, url), "max_width": (None, "64")}
    answered = requests.post(f"{stack.url}/upload", files=multipart, timeout=TIMEOUT)
    assert answered.status_code == 202, answered.text
    status = ended(stack.url, answered.json()["request_id"])
    assert (status["status"], status["total_images"], status["images"][0]["width"]) == ("completed", 2, 64)
    assert (status["csv_url"], status["csv_etag"], status["file_name"]) == (url, '"v1"', "autumn.csv")
    assert [row["Product Name"] for row in rows_of(stack.url, status["request_id"])] == ["SKU1", "SKU2"]
    assert feed.requests[0].headers["accept"].startswith("text/csv")


def test_the_address_may_be_in_the_query(stack: LocalStack, feed: Server, photo_origin: str) -> None:
    url = feed.says("/a.csv", answer(body=products_csv([[f"{photo_origin}/none.jpg"]]).encode()))
    answered = requests.post(f"{stack.url}/upload", params={"csv_url": url}, timeout=TIMEOUT)
    assert ended(stack.url, answered.json()["request_id"])["error"]["code"] == "all_images_failed"


def test_a_spreadsheet_is_fetched_too(stack: LocalStack, feed: Server, photos: list[Path], photo_origin: str) -> None:
    url = feed.says("/download?id=7", answer(body=products(f"{photo_origin}/{photos[0].name}")))
    status = ended(stack.url, started(stack, url))
    assert (status["status"], status["total_images"]) == ("completed", 1)


def test_a_dry_run_of_a_feed_says_what_is_in_it(stack: LocalStack, feed: Server) -> None:
    url = feed.says("/a.csv", answer(body=products_csv([["https://shop.example/1.jpg"]]).encode()))
    request_id = posted(stack, url, dry_run="true").json()["request_id"]
    status = ended(stack.url, request_id)
    assert (status["status"], status["total_images"], status["images"]) == ("completed", 1, [])


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (answer("404 Not Found"), "the origin has no such file"),
        (answer("403 Forbidden"), "is it shared with everybody who has the link?"),
    ],
)
def test_a_feed_that_is_not_there_fails_with_the_reason(
    stack: LocalStack, feed: Server, raw: bytes, words: str
) -> None:
    status = ended(stack.url, started(stack, feed.says("/a.csv", raw)))
    assert (status["status"], status["error"]["code"]) == ("failed", "csv_not_fetched")
    assert words in status["errors"][0]["message"]


def test_a_page_that_asks_for_a_login_is_named(stack: LocalStack, feed: Server) -> None:
    url = feed.says("/a.csv", answer(body=b"<!doctype html><title>Sign in</title>"))
    status = ended(stack.url, started(stack, url))
    assert status["error"]["code"] == "invalid_csv"
    assert "a page that needs a login?" in status["errors"][0]["message"]


def test_a_feed_that_was_not_there_is_fetched_again_by_a_retry(
    stack: LocalStack, feed: Server, photos: list[Path], photo_origin: str
) -> None:
    request_id = started(stack, feed.says("/a.csv", answer("404 Not Found")))
    ended(stack.url, request_id)
    feed.says("/a.csv", answer(body=products_csv([[f"{photo_origin}/{photos[0].name}"]]).encode()))
    answered = requests.post(f"{stack.url}/requests/{request_id}/retry", timeout=TIMEOUT)
    assert ended(stack.url, answered.json()["request_id"])["status"] == "completed"


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/feed.csv", "http://10.0.0.1/feed.csv"])
def test_an_address_that_is_not_public_is_not_connected_to(stack: LocalStack, url: str) -> None:
    status = ended(stack.url, started(stack, url))
    assert "is not on the public internet" in status["errors"][0]["message"]


@pytest.mark.parametrize("url", ["feed.csv", "ftp://shop.example/feed.csv", "https://a.example/1 https://b.example/2"])
def test_what_is_no_address_is_refused_at_once(stack: LocalStack, url: str) -> None:
    answered = posted(stack, url)
    assert (answered.status_code, answered.json()["code"]) == (400, "invalid_options")
    assert answered.json()["errors"][0]["name"] == "csv_url"


def test_a_file_and_an_address_are_one_too_many(stack: LocalStack) -> None:
    fields: Any = {"file": ("a.csv", b"x"), "csv_url": (None, "https://shop.example/feed.csv")}
    answered = requests.post(f"{stack.url}/upload", files=fields, timeout=TIMEOUT)
    assert (answered.status_code, answered.json()["detail"]) == (400, "send either a file or csv_url")


def test_an_idempotency_key_makes_one_request_of_two_calls(stack: LocalStack, feed: Server) -> None:
    url = feed.says("/a.csv", answer("404 Not Found"))
    headers = {"Idempotency-Key": "feed-1"}
    calls = [
        requests.post(f"{stack.url}/upload", data={"csv_url": each}, headers=headers, timeout=TIMEOUT)
        for each in (url, url, f"{url}?other")
    ]
    assert [call.status_code for call in calls] == [202, 202, 422]
    assert calls[0].json()["request_id"] == calls[1].json()["request_id"]
