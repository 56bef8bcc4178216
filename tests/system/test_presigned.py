"""CSVs that are posted straight to S3, with a form that the service gave out."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.stack import LocalStack
from tests.loopback import serving
from tests.system.client import TIMEOUT, ended, products_csv, rows_of, status_of
from tests.system.targets import needs_loopback
from tests.system.test_drop import drop

GIGABYTE = 1_000_000_000


def announced(stack: LocalStack, **wishes: Any) -> dict[str, Any]:
    """A request that waits for its CSV."""
    answer = requests.post(f"{stack.url}/uploads", json=wishes, timeout=TIMEOUT)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == answer.json()["links"]["status"]
    return dict(answer.json())


def send(made: dict[str, Any], content: str | bytes) -> None:
    """Post the CSV as the form says, without a key."""
    form = made["upload"]
    answer = requests.post(form["url"], form["fields"], files={"file": content}, timeout=TIMEOUT)
    assert answer.ok, answer.text


def sent(stack: LocalStack, content: str | bytes, **wishes: Any) -> str:
    made = announced(stack, **wishes)
    send(made, content)
    return str(made["request_id"])


def cancel(stack: LocalStack, made: dict[str, Any]) -> None:
    answer = requests.post(f"{stack.url}/requests/{made['request_id']}/cancel", timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text


def test_a_csv_that_was_posted_to_s3_comes_out_whole(stack: LocalStack, photos: list[Path], photo_origin: str) -> None:
    urls = [f"{photo_origin}/{photo.name}" for photo in photos[:2]]
    request_id = sent(stack, products_csv([urls, [urls[1]]]))
    status = ended(stack.url, request_id)
    outputs = [image["output_url"] for image in status["images"]]
    assert (status["status"], status["source"], status["total_images"]) == ("completed", "api", 2)
    assert [row["Output Image Urls"].split(",") for row in rows_of(stack.url, request_id)] == [outputs, [outputs[1]]]


def test_options_of_a_presigned_upload_reach_its_images(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    request_id = sent(stack, products_csv([[f"{photo_origin}/{photos[0].name}"]]), max_width=64, format="webp")
    status = ended(stack.url, request_id)
    assert status["images"][0]["width"] == 64
    assert status["images"][0]["output_url"].endswith(".webp")


def test_a_packed_csv_is_unpacked(stack: LocalStack, photos: list[Path], photo_origin: str) -> None:
    packed = gzip.compress(products_csv([[f"{photo_origin}/{photos[0].name}"]]).encode())
    request_id = sent(stack, packed, file_name="products.csv.gz")
    assert ended(stack.url, request_id)["status"] == "completed"
    assert rows_of(stack.url, request_id)[0]["Output Image Urls"].startswith("http")


def test_a_bad_csv_in_strict_mode_fails_and_says_so(stack: LocalStack, photos: list[Path], photo_origin: str) -> None:
    request_id = sent(stack, products_csv([[f"{photo_origin}/{photos[0].name}"], ["no url"]]))
    status = ended(stack.url, request_id)
    assert (status["status"], status["error"]["code"]) == ("failed", "invalid_csv")
    assert [(error["line"], error["code"]) for error in status["errors"]] == [(3, "not_a_url")]


def test_what_is_posted_after_the_first_csv_changes_nothing(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    urls = [f"{photo_origin}/{photo.name}" for photo in photos[:2]]
    made = announced(stack)
    send(made, products_csv([[urls[0]]]))
    first = ended(stack.url, made["request_id"])
    send(made, products_csv([urls]))
    ended(stack.url, sent(stack, products_csv([[urls[0]]])))  # S3 tells of it after the second one
    assert status_of(stack.url, made["request_id"]) == first


def test_the_form_takes_a_gigabyte_and_no_more(stack: LocalStack) -> None:
    made = announced(stack)
    policy = json.loads(base64.b64decode(made["upload"]["fields"]["policy"]))
    assert ["content-length-range", 1, GIGABYTE] in policy["conditions"]
    assert made["max_bytes"] == GIGABYTE


def test_a_form_that_is_not_used_leaves_its_request_pending(stack: LocalStack) -> None:
    made = announced(stack)
    status = status_of(stack.url, made["request_id"])
    assert (status["status"], status["total_images"], status["products"]) == ("pending", 0, [])


def test_a_status_says_when_to_ask_again_only_while_something_can_change(stack: LocalStack) -> None:
    made = announced(stack)
    early = requests.get(made["links"]["status"], timeout=TIMEOUT)
    cancel(stack, made)
    late = requests.get(made["links"]["status"], headers={"If-None-Match": early.headers["ETag"]}, timeout=TIMEOUT)
    assert early.headers["Retry-After"].isdigit()
    assert (late.status_code, "Retry-After" in late.headers) == (200, False)


def test_of_a_cancelled_request_nobody_waits_to_hear(stack: LocalStack) -> None:
    made = announced(stack, webhook_url="http://localhost:9/hook")
    cancel(stack, made)
    assert status_of(stack.url, made["request_id"])["webhook_status"] is None


def test_a_csv_for_a_request_that_was_cancelled_starts_nothing(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    made = announced(stack)
    cancel(stack, made)
    content = products_csv([[f"{photo_origin}/{photos[0].name}"]])
    send(made, content)
    ended(stack.url, sent(stack, content))  # S3 tells of it after the other one
    status = status_of(stack.url, made["request_id"])
    assert (status["status"], status["images"]) == ("cancelled", [])


@pytest.mark.parametrize("wish", [{"file_name": "products.docx"}, {"quality": True}, {"dry_run": "yes"}], ids=str)
def test_a_form_is_not_given_out_for_what_is_not_as_documented(stack: LocalStack, wish: dict[str, Any]) -> None:
    answer = requests.post(f"{stack.url}/uploads", json=wish, timeout=TIMEOUT)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameters")
    assert [error["name"].rpartition(".")[2] for error in answer.json()["errors"]] == list(wish)


@pytest.mark.parametrize("way", ["drop", "form"])
def test_a_dry_run_through_s3_completes_without_asking_for_an_image(stack: LocalStack, way: str) -> None:
    needs_loopback()
    with serving() as origin:
        content = products_csv([[origin.url("/a.jpg"), origin.url("/b.jpg")]])
        if way == "drop":
            request_id = drop(stack, "incoming/acme/dry.csv", content, dry_run="true")
        else:
            request_id = sent(stack, content, dry_run=True)
        status = ended(stack.url, request_id)
        assert (status["status"], status["dry_run"], status["total_images"]) == ("completed", True, 2)
        assert (status["output_csv"], origin.connections) == (None, 0)
