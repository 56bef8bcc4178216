"""A CSV put under incoming/<owner>/ goes the same way as an upload; what comes of it lies under outgoing/."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from functions.core.uploads.drop import Drop
from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, ended, eventually, products_csv, rows_of


def put(stack: LocalStack, key: str, content: str | bytes, **metadata: str) -> str:
    """Put the CSV; the id that its request is going to have."""
    bucket = stack.stack.outputs["UploadsBucket"]
    version = stack.stack.client("s3").put_object(
        Bucket=bucket,
        Key=key,
        Body=content.encode() if isinstance(content, str) else content,
        Metadata={f"imagepress-{name.replace('_', '-')}": value for name, value in metadata.items()},
    )["VersionId"]
    return Drop(bucket, key, version, "").request_id


def drop(stack: LocalStack, key: str, content: str | bytes, **metadata: str) -> str:
    """Put the CSV; the id of the request that follows from it, once there is one."""
    request_id = put(stack, key, content, **metadata)
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


# --- what lies under outgoing/ ---------------------------------------------------------------------------------------


def outgoing(stack: LocalStack, key: str) -> bytes:
    """The object, once it is there."""
    s3, bucket = stack.stack.client("s3"), stack.stack.outputs["ResultsBucket"]

    def look() -> bytes | None:
        try:
            return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except ClientError:
            return None

    return eventually(look, key)


def csv_of(stack: LocalStack, request_id: str) -> bytes:
    return requests.get(f"{stack.url}/download/{request_id}", timeout=TIMEOUT).content


@pytest.fixture
def heard(stack: LocalStack) -> Iterator[Callable[[str], dict[str, Any]]]:
    """The event of a request, as a rule of the account hands it to a queue."""
    events, sqs = stack.stack.client("events"), stack.stack.client("sqs")
    url = sqs.create_queue(QueueName="listening")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="listening", EventPattern=json.dumps({"source": ["imagepress"]}))
    events.put_targets(Rule="listening", Targets=[{"Id": "queue", "Arn": arn}])

    def event_of(request_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            told = [json.loads(message["Body"]) for message in messages]
            return next((event for event in told if event["detail"]["request_id"] == request_id), None)

        return eventually(look, f"the event of {request_id}")

    yield event_of
    events.remove_targets(Rule="listening", Ids=["queue"])
    events.delete_rule(Name="listening")
    sqs.delete_queue(QueueUrl=url)


def test_a_drop_leaves_its_output_csv_and_a_summary_on_its_path(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    request_id = drop(stack, "incoming/acme/2026/Out.CSV", products_csv([[f"{photo_origin}/{photos[0].name}"]]))
    summary = json.loads(outgoing(stack, "outgoing/acme/2026/Out.CSV.summary.json"))
    assert (summary["request_id"], summary["status"]) == (request_id, "completed")
    assert summary["output_key"] == "outgoing/acme/2026/Out.CSV"
    assert outgoing(stack, summary["output_key"]) == csv_of(stack, request_id)


def test_a_packed_drop_leaves_a_packed_output_csv(stack: LocalStack, photos: list[Path], photo_origin: str) -> None:
    csv = gzip.compress(products_csv([[f"{photo_origin}/{photos[0].name}"]]).encode())
    request_id = drop(stack, "incoming/acme/packed.csv.gz", csv)
    assert gzip.decompress(outgoing(stack, "outgoing/acme/packed.csv.gz")) == csv_of(stack, request_id)


def test_a_drop_that_fails_leaves_a_summary_that_says_why(stack: LocalStack) -> None:
    drop(stack, "incoming/acme/refused.csv", "S. No.,Product Name,Input Image Urls\n")
    summary = json.loads(outgoing(stack, "outgoing/acme/refused.csv.summary.json"))
    assert (summary["status"], summary["error"]["code"]) == ("failed", "invalid_csv")
    assert summary["output_key"] is None
    assert [error["code"] for error in summary["errors"]] == ["no_rows"]
    assert summary["errors_total"] == 1


def test_a_drop_with_a_bad_option_leaves_a_summary_with_the_text_of_the_api(stack: LocalStack) -> None:
    drop(stack, "incoming/acme/sized.csv", products_csv([["https://x/a.jpg"]]), renditions="thumb=0x0")
    (error,) = json.loads(outgoing(stack, "outgoing/acme/sized.csv.summary.json"))["errors"]
    wanted = {"file": ("a.csv", products_csv([["https://x/a.jpg"]]))}
    answer = requests.post(f"{stack.url}/upload", {"renditions": "thumb=0x0"}, files=wanted, timeout=TIMEOUT).json()
    assert error["message"] == f"x-amz-meta-imagepress-renditions: {answer['errors'][0]['message']}"
    assert "an example is thumb=320x320,pad,webp zoom=2000x" in error["message"]


def test_the_account_hears_of_a_drop_what_its_summary_says(
    stack: LocalStack, photos: list[Path], photo_origin: str, heard: Callable[[str], dict[str, Any]]
) -> None:
    request_id = drop(stack, "incoming/acme/heard.csv", products_csv([[f"{photo_origin}/{photos[0].name}"]]))
    event = heard(request_id)
    assert (event["source"], event["detail-type"]) == ("imagepress", "processing.completed")
    assert event["detail"] == json.loads(outgoing(stack, "outgoing/acme/heard.csv.summary.json"))
