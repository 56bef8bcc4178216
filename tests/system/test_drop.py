"""A CSV put into S3 under incoming/<owner>/ goes the same way as an upload."""

from pathlib import Path
from typing import Any

import requests

from functions.core.drop import Drop
from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, ended, eventually, products_csv, rows_of


def drop(stack: LocalStack, key: str, content: str, **metadata: str) -> str:
    """Put the CSV; the id of the request that follows from it, once there is one."""
    bucket = stack.stack.outputs["UploadsBucket"]
    version = stack.stack.client("s3").put_object(
        Bucket=bucket,
        Key=key,
        Body=content.encode(),
        Metadata={f"imagepress-{name.replace('_', '-')}": value for name, value in metadata.items()},
    )["VersionId"]
    request_id = Drop(bucket, key, version, "acme").request_id
    url = f"{stack.url}/status/{request_id}"
    eventually(lambda: requests.get(url, timeout=TIMEOUT).ok or None, f"a request for {key}")
    return request_id


def images(status: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(image["status"], image["width"]) for image in status["images"]]


def test_a_dropped_csv_is_worked_on_with_the_options_in_its_metadata(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    csv = products_csv([[f"{photo_origin}/{photos[0].name}"]])
    request_id = drop(stack, "incoming/acme/2026/Spring sale.CSV", csv, max_width="200")
    status = ended(stack.url, request_id)
    assert (status["status"], images(status)) == ("completed", [("completed", 200)])
    assert status["source_key"] == "incoming/acme/2026/Spring sale.CSV"


def test_bad_rows_of_a_drop_are_reported_and_the_good_ones_run(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    csv = products_csv([[f"{photo_origin}/{photos[0].name}"], ["not a url"]])
    request_id = drop(stack, "incoming/acme/mixed.csv", csv)
    status = ended(stack.url, request_id)
    assert status["status"] == "completed"
    assert [(error["line"], error["code"]) for error in status["errors"]] == [(3, "not_a_url")]
    rows = rows_of(stack.url, request_id)
    assert rows[0]["Output Image Urls"]
    assert not rows[1]["Output Image Urls"]
    assert rows[1]["Errors"].startswith("line 3: ")


def test_a_drop_with_an_unknown_option_fails_and_says_so(stack: LocalStack) -> None:
    request_id = drop(stack, "incoming/acme/options.csv", products_csv([["https://example.com/a.jpg"]]), qualty="5")
    status = ended(stack.url, request_id)
    assert (status["status"], status["error"]["code"]) == ("failed", "invalid_options")
    assert "qualty" in status["errors"][0]["message"]


def test_a_drop_that_is_no_csv_fails_and_says_so(stack: LocalStack) -> None:
    request_id = drop(stack, "incoming/acme/empty.csv", "S. No.,Product Name,Input Image Urls\n")
    status = ended(stack.url, request_id)
    assert (status["status"], status["error"]["code"]) == ("failed", "invalid_csv")
    assert status["errors"][0]["code"] == "no_rows"


def test_a_dropped_csv_adopts_the_pictures_of_the_latest_request_that_the_origin_has_not_changed(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    """The origin of the tests answers 304 by the date of its files."""
    csv = products_csv([[f"{photo_origin}/{photos[0].name}"], [f"{photo_origin}/{photos[1].name}"]])
    first = ended(stack.url, drop(stack, "incoming/acme/first.csv", csv, quality="41"))
    again = ended(stack.url, drop(stack, "incoming/acme/again.csv", csv, quality="41", reuse="latest"))
    assert (again["status"], again["failed_images"]) == ("completed", 0)
    assert [image["output_url"] for image in again["images"]] == [image["output_url"] for image in first["images"]]


def test_a_drop_that_reuses_a_request_that_is_not_there_fails_and_says_so(stack: LocalStack) -> None:
    csv = products_csv([["https://example.com/a.jpg"]])
    missing = "11111111-2222-4333-8444-555555555555"
    status = ended(stack.url, drop(stack, "incoming/acme/reuse.csv", csv, reuse=missing))
    assert (status["status"], status["error"]["code"]) == ("failed", "invalid_options")
    assert status["errors"][0]["message"].endswith("reuse: there is no such request")
