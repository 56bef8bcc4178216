"""What docs/operations.md says of `sam local`, in containers."""

import base64
import gzip
from typing import Any

import pytest
import requests

from infra.local.stack import LocalStack
from tests.built.pipeline import recorded
from tests.sam_local.conftest import Invoke
from tests.system.client import TIMEOUT, products_csv
from tests.system.messages import peeked

CSV = products_csv([["https://shop.example/1.jpg"]]).replace("SKU1", "Schöne Tür")
NO_UTF8 = {"latin-1": CSV.encode("latin-1"), "utf-16": CSV.encode("utf-16"), "gzip": gzip.compress(CSV.encode())}
TYPES = ["text/csv", "application/octet-stream"]
EVENTS = {
    "api_upload": "ApiFunction",
    "s3_test": "IngestFunction",
    "s3_drop": "IngestFunction",
    "compress_batch": "CompressFunction",
    "stream_batch": "TallyFunction",
    "finalize": "FinalizeFunction",
    "notify": "NotifyFunction",
    "notify_ping": "NotifyFunction",
    "schedule": "RecoverFunction",
    "dead_image": "RecoverFunction",
    "stream_failure": "RecoverFunction",
}


def posted(api: str, content: bytes) -> requests.Response:
    return requests.post(f"{api}/upload", files={"file": ("products.csv", content)}, timeout=TIMEOUT)


def sent(api: str, content: bytes, content_type: str) -> requests.Response:
    return requests.post(f"{api}/upload", content, headers={"Content-Type": content_type}, timeout=TIMEOUT)


def test_an_upload_is_taken_and_its_message_sent(api: str, stack: LocalStack) -> None:
    answer = posted(api, CSV.encode())
    assert answer.status_code == 202, answer.text
    request_id = answer.json()["request_id"]
    assert requests.get(f"{api}/status/{request_id}", timeout=TIMEOUT).json()["status"] == "pending"
    bodies = [message["Body"] for _ in range(5) for message in peeked(stack, "IngestQueue", hidden=30)]
    assert any(request_id in body for body in bodies), bodies


@pytest.mark.parametrize("content_type", TYPES)
def test_utf8_is_taken_as_the_body_too(api: str, content_type: str) -> None:
    answer = sent(api, CSV.encode("utf-8-sig"), content_type)
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize("kind", NO_UTF8)
def test_sam_local_refuses_a_form_with_bytes_that_are_no_utf8(api: str, kind: str) -> None:
    assert posted(api, NO_UTF8[kind]).status_code == 502


@pytest.mark.parametrize("content_type", TYPES)
def test_sam_local_refuses_a_body_of_bytes_that_are_no_utf8(api: str, content_type: str) -> None:
    assert sent(api, NO_UTF8["latin-1"], content_type).status_code == 502


def test_any_bytes_may_be_posted_to_a_presigned_form(api: str) -> None:
    form = requests.post(f"{api}/uploads", json={}, timeout=TIMEOUT).json()["upload"]
    answer = requests.post(form["url"], form["fields"], files={"file": NO_UTF8["latin-1"]}, timeout=TIMEOUT)
    assert answer.ok, answer.text


def test_any_bytes_may_be_in_an_event_in_base64(invoke: Invoke) -> None:
    event = recorded("api_upload")
    event["headers"]["content-type"] = "application/octet-stream"
    assert invoke("ApiFunction", event | {"body": base64.b64encode(NO_UTF8["latin-1"]).decode()})["statusCode"] == 202


@pytest.mark.parametrize("name", EVENTS)
def test_every_function_takes_its_recorded_events(invoke: Invoke, name: str) -> None:
    answer: Any = invoke(EVENTS[name], recorded(name))
    if name == "api_upload":
        assert answer["statusCode"] == 202, answer
    else:
        assert answer == (None if name == "schedule" else {"batchItemFailures": []})
