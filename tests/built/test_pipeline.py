"""What was built does the work, under Lambda's runtime client and its limits."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from standardwebhooks import Webhook

from functions.core.uploads.drop import Drop
from infra.local.origin import listening
from infra.runtime.function import Runtime
from tests.built.pipeline import Message, Pipeline, failed_with, recorded
from tests.built.sources import sources
from tests.images import decoded
from tests.system.client import TIMEOUT, csv_rows, products_csv
from tests.system.receiver import Receiver
from tests.workbooks import products

SILENCE = 20  # seconds
FORMATS = {
    "jpeg": {"jpeg"},
    "png": {"png"},
    "webp": {"webp"},
    "avif": {"avif"},
    "auto": {"jpeg", "png", "webp", "avif"},
}


def catalogue(origin: str) -> str:
    return products_csv([[f"{origin}/{name}"] for name in sources()])


def uploaded(pipeline: Pipeline, csv: str, **fields: str) -> str:
    """Upload a form, encoded as the API Gateway does; the request's id."""
    parts = [
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    parts.append(f'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n{csv}\r\n--xyz--\r\n')
    answer = pipeline.call("POST", "/upload", "".join(parts), content_type="multipart/form-data; boundary=xyz")
    assert answer["statusCode"] == 202, answer
    return str(json.loads(answer["body"])["request_id"])


def status(pipeline: Pipeline, request_id: str) -> dict[str, Any]:
    answer = pipeline.call("GET", f"/status/{request_id}")
    assert answer["statusCode"] == 200, answer
    return dict(json.loads(answer["body"]))


def kind(content: bytes) -> str:
    return str(decoded(content).format).lower()


def rows(pipeline: Pipeline, request_id: str) -> list[dict[str, str]]:
    """The output CSV."""
    answer = pipeline.call("GET", f"/download/{request_id}")
    assert answer["isBase64Encoded"], answer
    return csv_rows(base64.b64decode(answer["body"]))


@pytest.mark.parametrize("format", FORMATS)
def test_an_upload_with_a_picture_of_each_format_completes(pipeline: Pipeline, origin: str, format: str) -> None:
    request_id = uploaded(pipeline, catalogue(origin), format=format)
    pipeline.run_all()
    found = status(pipeline, request_id)
    assert [(each["status"], each.get("error")) for each in found["images"]] == [("completed", None)] * len(sources())
    made = [pipeline.picture(image["output_url"]) for image in found["images"]]
    assert {kind(content) for content in made} <= FORMATS[format] | {"gif"}  # what moves stays as it is


@dataclass(frozen=True)
class Hesitant:
    """A server that keeps whoever comes first waiting, and says that it does; all others get a picture."""

    url: str
    is_asked: threading.Event


@pytest.fixture
def hesitant() -> Iterator[Hesitant]:
    is_asked, picture = threading.Event(), sources()["photo.jpg"]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not is_asked.is_set():
                is_asked.set()
                threading.Event().wait(SILENCE)
                return
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            self.wfile.write(picture)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler) as url:
        yield Hesitant(url, is_asked)


def test_an_upload_ends_in_a_csv_and_a_signed_webhook(pipeline: Pipeline, origin: str, receiver: Receiver) -> None:
    request_id = uploaded(pipeline, products_csv([[f"{origin}/photo.jpg"]]), webhook_url=receiver.url)
    pipeline.run_all()
    told = receiver.next()
    Webhook(pipeline.stack.webhook_secret).verify(told.body, told.headers)
    assert json.loads(told.body)["request_id"] == request_id
    assert rows(pipeline, request_id)[0]["Output Image Urls"]


def test_a_drop_is_worked_on_and_leaves_its_csv_beside_it(pipeline: Pipeline, origin: str) -> None:
    bucket, key = pipeline.stack.stack.outputs["UploadsBucket"], "incoming/acme/Frühling 2024/products.csv"
    s3 = pipeline.stack.stack.client("s3")
    version = s3.put_object(Bucket=bucket, Key=key, Body=catalogue(origin).encode())["VersionId"]
    pipeline.run_all()
    found = status(pipeline, Drop(bucket, key, version, "").request_id)
    assert (found["status"], found["processed_images"]) == ("completed", len(sources()))
    results = pipeline.stack.stack.outputs["ResultsBucket"]
    assert s3.get_object(Bucket=results, Key=key.replace("incoming", "outgoing"))["Body"].read()


def test_a_workbook_that_is_dropped_is_read_in_a_process_of_its_own(pipeline: Pipeline, origin: str) -> None:
    bucket, key = pipeline.stack.stack.outputs["UploadsBucket"], "incoming/acme/books/products.xlsx"
    s3 = pipeline.stack.stack.client("s3")
    version = s3.put_object(Bucket=bucket, Key=key, Body=products(f"{origin}/photo.jpg"))["VersionId"]
    pipeline.run_all()
    found = status(pipeline, Drop(bucket, key, version, "").request_id)
    assert (found["status"], found["processed_images"]) == ("completed", 1), found


def test_a_workbook_that_is_posted_comes_back_as_one(pipeline: Pipeline, origin: str) -> None:
    body = base64.b64encode(products(f"{origin}/photo.jpg")).decode()
    answer = pipeline.call("POST", "/upload", body, is_binary=True, content_type="application/octet-stream")
    assert answer["statusCode"] == 202, answer
    request_id = json.loads(answer["body"])["request_id"]
    pipeline.run_all()
    assert status(pipeline, request_id)["status"] == "completed"
    pipeline.call("GET", f"/download/{request_id}", query="as=xlsx")
    pipeline.run_all()
    answer = pipeline.call("GET", f"/download/{request_id}", query="as=xlsx")
    assert answer["statusCode"] == 302, answer


def test_renditions_are_made_of_what_was_fetched_from_an_address(pipeline: Pipeline, origin: str) -> None:
    key = "feeds/products.csv"
    bucket, s3 = pipeline.stack.stack.outputs["ResultsBucket"], pipeline.stack.stack.client("s3")
    s3.put_object(Bucket=bucket, Key=key, Body=products_csv([[f"{origin}/photo.jpg"]]).encode())
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    wish = {"csv_url": url, "renditions": "thumb=64x64,pad,webp; zoom=200x,avif"}
    answer = pipeline.call("POST", "/uploads", json.dumps(wish), content_type="application/json")
    assert answer["statusCode"] == 202, answer
    pipeline.run_all()
    (image,) = status(pipeline, json.loads(answer["body"])["request_id"])["images"]
    assert [each["format"] for each in image["renditions"].values()] == ["webp", "avif"]


def test_a_pdf_or_whatever_else_is_no_picture_fails_alone(pipeline: Pipeline, origin: str) -> None:
    request_id = uploaded(pipeline, products_csv([[f"{origin}/none.jpg", f"{origin}/photo.png"]]))
    pipeline.run_all()
    assert [each["status"] for each in status(pipeline, request_id)["images"]] == ["failed", "completed"]


def test_the_schedule_sweeps(pipeline: Pipeline) -> None:
    assert pipeline.invoke("recover", recorded("schedule")) is None


def test_a_dead_message_is_buried(pipeline: Pipeline) -> None:
    assert pipeline.invoke("recover", recorded("dead_image")) == {"batchItemFailures": []}


@contextmanager
def killing(worker: Runtime, moment: threading.Event) -> Iterator[None]:
    def kill() -> None:
        moment.wait(TIMEOUT)
        worker.kill()

    thread = threading.Thread(target=kill)
    thread.start()
    yield
    thread.join()


def test_a_worker_that_is_killed_leaves_the_image_to_the_next(pipeline: Pipeline, hesitant: Hesitant) -> None:
    request_id = uploaded(pipeline, products_csv([[f"{hesitant.url}/a.jpg"]]))
    pipeline.drain("IngestQueue")
    messages = pipeline.take("CompressQueue")
    event, worker = pipeline.event("CompressQueue", messages), pipeline.runtime("compress")
    with killing(worker, hesitant.is_asked):
        assert "signal: killed" in failed_with(worker.invoke(event))
    assert not pipeline.results(request_id)

    assert [worker.invoke(event).value for _ in range(2)] == [{"batchItemFailures": []}] * 2
    assert len(pipeline.results(request_id)) == 1
    pipeline.delete("CompressQueue", messages)
    pipeline.run_all()
    assert status(pipeline, request_id)["processed_images"] == 1


def notified_until_killed(pipeline: Pipeline) -> list[Message]:
    """Have events announced and attempts made; the messages of the invocation that was killed."""
    while messages := pipeline.take("NotifyQueue"):
        answer = pipeline.runtime("notify").invoke(pipeline.event("NotifyQueue", messages))
        if answer.error:
            assert "signal: killed" in failed_with(answer)
            return messages
        pipeline.delete("NotifyQueue", messages)
    raise AssertionError("nothing was killed")


def test_a_webhook_whose_function_is_killed_is_sent_by_the_next(
    pipeline: Pipeline, origin: str, hesitant: Hesitant
) -> None:
    request_id = uploaded(pipeline, products_csv([[f"{origin}/photo.jpg"]]), webhook_url=hesitant.url)
    pipeline.drain("IngestQueue", "CompressQueue")
    pipeline.tally()
    pipeline.drain("FinalizeQueue")
    with killing(pipeline.runtime("notify"), hesitant.is_asked):
        messages = notified_until_killed(pipeline)
    assert status(pipeline, request_id)["webhook_status"] == "not_sent"
    assert pipeline.invoke("notify", pipeline.event("NotifyQueue", messages)) == {"batchItemFailures": []}
    pipeline.delete("NotifyQueue", messages)
    pipeline.run_all()
    assert status(pipeline, request_id)["webhook_status"] == "sent"
