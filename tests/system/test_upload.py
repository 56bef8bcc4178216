"""An upload goes through the deployed template: compressed pictures, the output CSV, the signed webhook."""

import hmac
import io
import json
from hashlib import sha256
from pathlib import Path

import requests
from PIL import Image, ImageOps
from standardwebhooks import Webhook

from infra.local.stack import LocalStack
from tests.system.client import ended, eventually, products_csv, rows_of, started, status_of
from tests.system.receiver import Receiver


def test_every_photograph_comes_out_smaller_and_upright(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    urls = [f"{photo_origin}/{photo.name}" for photo in photos]
    request_id = started(stack.url, products_csv([urls[first : first + 2] for first in range(0, len(urls), 2)]))
    status = ended(stack.url, request_id)
    assert (status["status"], status["total_images"], status["failed_images"]) == ("completed", len(photos), 0)
    for photo, image in zip(photos, status["images"], strict=True):
        picture = requests.get(image["output_url"], timeout=30)
        assert image["bytes_out"] == len(picture.content) <= photo.stat().st_size == image["bytes_in"], photo.name
        with Image.open(io.BytesIO(picture.content)) as output, Image.open(photo) as source:
            assert output.size == ImageOps.exif_transpose(source).size, photo.name
            assert (image["width"], image["height"]) == output.size, photo.name


def test_the_output_csv_has_one_output_per_input_in_order(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    first, second = (f"{photo_origin}/{photo.name}" for photo in photos[:2])
    request_id = started(
        stack.url, products_csv([[first, second], [second], [first, f"{photo_origin}/none.jpg", first]])
    )
    status = ended(stack.url, request_id)
    outputs = {image["input_url"]: image["output_url"] for image in status["images"]}
    missing = f"{photo_origin}/none.jpg"
    rows = rows_of(stack.url, request_id)
    assert status["status"] == "completed"
    assert [row["Output Image Urls"].split(",") for row in rows] == [
        [outputs[first], outputs[second]],
        [outputs[second]],
        [outputs[first], "", outputs[first]],
    ]
    assert [product["output_urls"] for product in status["products"]][2] == [outputs[first], None, outputs[first]]
    assert rows[2]["Errors"].startswith(f"{missing}: not_found")
    assert (status["total_images"], status["processed_images"], status["failed_images"]) == (3, 3, 1)


def test_both_signatures_of_the_webhook_verify(
    stack: LocalStack, photos: list[Path], photo_origin: str, receiver: Receiver
) -> None:
    url = f"{photo_origin}/{photos[0].name}"
    request_id = started(stack.url, products_csv([[url]]), webhook_url=receiver.url)
    assert status_of(stack.url, request_id)["webhook_status"] == "not_sent"
    received = receiver.next()
    Webhook(stack.webhook_secret).verify(received.body, received.headers)
    expected = hmac.new(stack.webhook_secret.encode(), received.body, sha256).hexdigest()
    assert received.headers["x-webhook-signature"] == expected
    body = json.loads(received.body)
    status = eventually(
        lambda: found if (found := status_of(stack.url, request_id))["webhook_status"] == "sent" else None,
        "the webhook to be marked as sent",
    )
    assert (body["type"], body["request_id"], body["status"]) == ("processing.completed", request_id, "completed")
    assert body["results_csv_url"] == status["results_csv_url"] == f"{stack.url}/download/{request_id}"
    assert body["images"] == [
        {"input_url": url, "output_url": status["images"][0]["output_url"], "status": "completed"}
    ]


def test_a_webhook_that_fails_is_sent_again_under_the_same_id(
    stack: LocalStack, photos: list[Path], photo_origin: str, receiver: Receiver
) -> None:
    receiver.answers.append(500)
    csv = products_csv([[f"{photo_origin}/{photos[0].name}"]])
    request_id = started(stack.url, csv, webhook_url=receiver.url)
    first, second = receiver.next(), receiver.next()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert int(second.headers["webhook-timestamp"]) > int(first.headers["webhook-timestamp"])
    eventually(
        lambda: status_of(stack.url, request_id)["webhook_status"] == "sent" or None,
        "the webhook to be marked as sent",
    )


def test_options_reach_the_codec(stack: LocalStack, photos: list[Path], photo_origin: str) -> None:
    csv = products_csv([[f"{photo_origin}/{photos[0].name}"]])
    request_id = started(stack.url, csv, format="webp", max_width="320", quality="30")
    image = ended(stack.url, request_id)["images"][0]
    picture = requests.get(image["output_url"], timeout=30)
    with Image.open(io.BytesIO(picture.content)) as output:
        assert (output.format, output.width) == ("WEBP", 320)
    assert picture.headers["Content-Type"] == "image/webp"


def test_the_head_of_a_picture_says_what_the_picture_is(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    request_id = started(stack.url, products_csv([[f"{photo_origin}/{photos[0].name}"]]))
    image = ended(stack.url, request_id)["images"][0]
    redirect = requests.head(image["output_url"], timeout=30)
    assert (redirect.status_code, redirect.headers["Cache-Control"]) == (302, "no-store")
    head = requests.head(redirect.headers["Location"], timeout=30)
    kind = (head.headers["Content-Type"].partition("/")[0], int(head.headers["Content-Length"]))
    assert (head.status_code, kind) == (200, ("image", image["bytes_out"]))


def test_the_status_is_not_sent_twice_to_who_has_it(stack: LocalStack, photos: list[Path], photo_origin: str) -> None:
    request_id = started(stack.url, products_csv([[f"{photo_origin}/{photos[0].name}"]]))
    ended(stack.url, request_id)
    url = f"{stack.url}/status/{request_id}"
    etag = requests.get(url, timeout=30).headers["ETag"]
    again = requests.get(url, headers={"If-None-Match": etag}, timeout=30)
    assert (again.status_code, again.content) == (304, b"")


def test_pages_of_products_add_up(stack: LocalStack, photos: list[Path], photo_origin: str) -> None:
    url = f"{photo_origin}/{photos[0].name}"
    request_id = started(stack.url, products_csv([[url]] * 5))
    ended(stack.url, request_id)
    numbers, token = [], ""
    while token is not None:
        page = status_of(stack.url, request_id, limit=2, next_token=token)
        numbers += [product["serial_number"] for product in page["products"]]
        token = page["next_token"]
    assert numbers == [1, 2, 3, 4, 5]
