"""Every handler with a real event, and all of them together: from the upload of a CSV to its webhook."""

import base64
import csv
import io
import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from functions.adapters.aws import clients as adapters_aws
from functions.adapters.aws.queues import Queue
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.endpoints import EndpointTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.table.webhook_secrets import SecretTable, default_secrets
from functions.api import handler as api
from functions.api import wiring as api_wiring
from functions.api.keys import LOCAL_OWNER
from functions.compress import handler as compress
from functions.core.errors import ImageCode, RequestCode
from functions.core.messages import IngestTask
from functions.core.model import Chunk, Request, RequestStatus, Result, Source, WebhookStatus
from functions.core.uploads.drop import arrivals
from functions.core.uploads.presigned import presigned_key
from functions.finalize import handler as finalize
from functions.ingest import handler as ingest
from functions.notify import handler as notify
from functions.recover import handler as recover
from functions.tally import handler as tally
from tests import aws
from tests.fakes import NOW, REQUEST_ID, a_request, an_endpoint
from tests.images import decoded, encoded, photo
from tests.loopback import Answer, Exchange, Server, answer, serving

TABLE, UPLOADS, RESULTS = "imagepress", "imagepress-uploads", "imagepress-results"
QUEUES = ("ingest", "compress", "alone", "alone-dlq", "finalize", "notify")
WIRINGS = ("api", "ingest", "compress", "tally", "finalize", "notify", "recover")
CACHED = [
    each
    for module in (adapters_aws, *(import_module(f"functions.{name}.wiring") for name in WIRINGS))
    for each in vars(module).values()
    if hasattr(each, "cache_clear")
]


class Context:
    """What Lambda tells a function about its invocation."""

    function_name = "imagepress-test"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:imagepress-test"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


CONTEXT: Any = Context()


def event(name: str) -> dict[str, Any]:
    return dict(json.loads((Path(__file__).parents[1] / "events" / f"{name}.json").read_text()))


@dataclass
class Stack:
    """The table, buckets and queues, and the handlers over them."""

    clients: dict[str, Any]
    urls: dict[str, str]
    told: set[tuple[str, str]] = field(default_factory=set)

    @property
    def requests(self) -> RequestTable:
        return RequestTable(Dynamo(self.clients["dynamodb"], TABLE))

    @property
    def endpoints(self) -> EndpointTable:
        return EndpointTable(self.requests.table)

    @property
    def chunks(self) -> ChunkTable:
        return ChunkTable(self.requests.table)

    def request(self, request_id: str = REQUEST_ID) -> Request:
        found = self.requests.find(request_id)
        assert found is not None
        return found

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """All messages of a queue, as Lambda gets them; they are gone from the queue then."""
        sqs, url, records = self.clients["sqs"], self.urls[queue], []
        while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in received:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                record = deepcopy(event("compress_batch")["Records"][0])
                arn = f"arn:aws:sqs:eu-central-1:123456789012:imagepress-{queue}"
                named = {"messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"]}
                records.append(record | named | {"body": message["Body"], "eventSourceARN": arn})
        return records

    def bodies(self, queue: str) -> list[dict[str, Any]]:
        return [json.loads(record["body"]) for record in self.messages(queue)]

    def stream(self) -> list[dict[str, Any]]:
        """New results, as the stream tells of them."""
        items = self.clients["dynamodb"].scan(TableName=TABLE)["Items"]
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in items if item["sk"]["S"].startswith("IMAGE#")]
        new = [key for key in keys if (key["pk"]["S"], key["sk"]["S"]) not in self.told]
        self.told |= {(key["pk"]["S"], key["sk"]["S"]) for key in new}
        template = event("stream_batch")["Records"][0]
        return [template | {"dynamodb": template["dynamodb"] | {"Keys": key}} for key in new]

    def run_all(self) -> None:
        """Deliver messages until none is left."""
        workers: dict[str, Any] = {"ingest": ingest, "compress": compress, "finalize": finalize, "notify": notify}
        while True:
            moved = False
            for queue, module in workers.items():
                if records := self.messages(queue):
                    assert module.lambda_handler({"Records": records}, CONTEXT) == {"batchItemFailures": []}
                    moved = True
            if records := self.stream():
                tally.lambda_handler({"Records": records}, CONTEXT)
                moved = True
            if not moved:
                return


@pytest.fixture(scope="module")
def emulation() -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in aws.CREDENTIALS.items():
            environment.setenv(name, value)
        with mock_aws():
            make: Any = boto3.client
            clients = {service: make(service) for service in ("dynamodb", "s3", "sqs")}
            urls = {
                name: str(clients["sqs"].create_queue(QueueName=f"imagepress-{name}")["QueueUrl"]) for name in QUEUES
            }
            aws.create_bucket(clients["s3"], UPLOADS, with_versions=True)
            aws.create_bucket(clients["s3"], RESULTS)
            yield Stack(clients, urls)


@pytest.fixture
def stack(emulation: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    environment = {
        "TABLE": TABLE,
        "UPLOADS_BUCKET": UPLOADS,
        "RESULTS_BUCKET": RESULTS,
        **{f"{name.upper().replace('-', '_')}_QUEUE": url for name, url in emulation.urls.items()},
        "ALONE_DLQ": emulation.urls["alone-dlq"],
        "ALONE_QUEUE_ARN": "arn:aws:sqs:eu-central-1:123456789012:imagepress-alone",
        "PUBLIC_URL": "https://api.example",
        "IMAGES_URL": "",
        "REQUIRE_KEYS": "false",
        "PATIENCE": "300",
        "RECORD_DAYS": "90",
        "DEADLINE_HOURS": "72",
        "DAILY_IMAGES": "0",
        "PICTURE_DAYS": "0",
        "WEBHOOK_SECRET": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
        "ALLOWED_NETWORKS": "127.0.0.0/8",
        "AWS_ENDPOINT_URL": "http://emulated.invalid",  # without it private networks are not allowed
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",  # moto answers for AWS's own names
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for cached in CACHED:
        cached.cache_clear()
    aws.create_table(emulation.clients["dynamodb"], TABLE)
    yield emulation
    emulation.clients["dynamodb"].delete_table(TableName=TABLE)
    for queue in QUEUES:
        emulation.messages(queue)
    emulation.told.clear()


@pytest.fixture
def origin() -> Iterator[Server]:
    with serving() as server:
        server.says("/1.jpg", answer(body=encoded(photo(), "JPEG", quality=95)))
        server.says("/2.png", answer(body=encoded(photo(), "PNG")))
        server.says("/hook", answer())
        yield server


def catalogue(origin: Server) -> str:
    return (
        "S. No.,Product Name,Input Image Urls\n"
        f'1.,Shoe,"{origin.url("/1.jpg")},{origin.url("/2.png")}"\n'
        f"2.,Hat,{origin.url('/404.jpg')}\n"
    )


def upload_event(text: str, **fields: str) -> dict[str, Any]:
    upload = event("api_upload")
    boundary = upload["headers"]["content-type"].partition("boundary=")[2]
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    named = 'Content-Disposition: form-data; name="file"; filename="a b.csv"'
    parts.append(f"--{boundary}\r\n{named}\r\n\r\n{text}\r\n--{boundary}--\r\n")
    return upload | {"body": base64.b64encode("".join(parts).encode()).decode()}


def call(path: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    upload = event("api_upload")
    http = upload["requestContext"]["http"] | {"method": method, "path": path}
    request_context = upload["requestContext"] | {"http": http}
    path, _, query = path.partition("?")
    parameters = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    made = {"rawPath": path, "rawQueryString": query, "queryStringParameters": parameters, "headers": headers}
    return api.lambda_handler(upload | made | {"requestContext": request_context, "body": ""}, CONTEXT)


def uploaded(stack: Stack, origin: Server) -> str:
    """The id of a request that went through the whole pipeline."""
    accepted = api.lambda_handler(upload_event(catalogue(origin), webhook_url=origin.url("/hook")), CONTEXT)
    assert accepted["statusCode"] == 202, accepted["body"]
    stack.run_all()
    return str(json.loads(accepted["body"])["request_id"])


def compressing(stack: Stack, origin: Server) -> dict[str, Any]:
    """A batch of three images whose request is running."""
    running: dict[str, Any] = {
        "status": RequestStatus.PROCESSING,
        "chunks_total": 1,
        "parts_planned": 1,
        "total_images": 4,
    }
    stack.requests.create(a_request(**running), NOW)
    stack.chunks.create(Chunk(REQUEST_ID, 0, 0, 0, 4, int(NOW)), 1)
    batch = event("compress_batch")
    for record in batch["Records"]:
        record["body"] = record["body"].replace("https://shop.example/1.jpg", origin.url("/1.jpg"))
        record["body"] = record["body"].replace("https://shop.example/2.jpg", origin.url("/2.png"))
        record["body"] = record["body"].replace("https://shop.example/3.jpg", origin.url("/3.jpg"))
    return batch


# --- all together ----------------------------------------------------------------------------------------------------


def test_an_uploaded_csv_ends_as_a_completed_request(stack: Stack, origin: Server) -> None:
    request = stack.request(uploaded(stack, origin))
    assert (request.status, request.processed_images, request.failed_images) == (RequestStatus.COMPLETED, 3, 1)


def test_the_pictures_of_an_uploaded_csv_are_smaller_and_can_be_seen(stack: Stack, origin: Server) -> None:
    request_id = uploaded(stack, origin)
    (first, second, _) = stack.chunks.results(request_id, 0)
    for result, original in ((first, "/1.jpg"), (second, "/2.png")):
        content = stack.clients["s3"].get_object(Bucket=RESULTS, Key=result.key)["Body"].read()
        assert decoded(content).size == (120, 80), original
        assert len(content) == result.bytes_out < result.bytes_in


def test_the_output_csv_can_be_downloaded(stack: Stack, origin: Server) -> None:
    request_id = uploaded(stack, origin)
    downloaded = call(f"/download/{request_id}")
    text = base64.b64decode(downloaded["body"]).decode() if downloaded["isBase64Encoded"] else downloaded["body"]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Output Image Urls"].count(f"https://api.example/images/{request_id}/") for row in rows] == [2, 0]
    assert "not_found" in rows[1]["Errors"]


def test_the_receiver_hears_of_it_once(stack: Stack, origin: Server) -> None:
    request_id = uploaded(stack, origin)
    hooks = [received for received in origin.requests if received.line.startswith("POST /hook")]
    assert [json.loads(hook.body)["type"] for hook in hooks] == ["processing.completed"]
    assert stack.request(request_id).webhook_status is WebhookStatus.SENT


def test_the_status_tells_of_every_product_and_image(stack: Stack, origin: Server) -> None:
    request_id = uploaded(stack, origin)
    body = json.loads(call(f"/api/v1/status/{request_id}")["body"])
    assert [product["processing_status"] for product in body["products"]] == ["completed", "failed"]
    assert [image["status"] for image in body["images"]] == ["completed", "completed", "failed"]
    assert body["completion_percentage"] == 100.0


def test_a_picture_is_where_its_url_says(stack: Stack, origin: Server) -> None:
    request_id = uploaded(stack, origin)
    key = stack.chunks.results(request_id, 0)[0].key or ""
    answered = call(f"/{key}")
    assert answered["statusCode"] == 302
    assert key in answered["headers"]["Location"]


def test_the_redirect_of_a_head_is_kept_from_caches_which_may_give_it_to_a_get(stack: Stack, origin: Server) -> None:
    """S3 refuses a URL that is signed for another method."""
    key = stack.chunks.results(uploaded(stack, origin), 0)[0].key
    whole, head = call(f"/{key}"), call(f"/{key}", "HEAD")
    assert (head["statusCode"], head["headers"]["Cache-Control"]) == (302, "no-store")
    assert whole["headers"]["Cache-Control"] == "public, max-age=600"


def test_a_finished_request_is_looked_after_by_nobody(stack: Stack, origin: Server) -> None:
    uploaded(stack, origin)
    assert list(stack.requests.due(NOW + 1e10)) == []


def test_a_dropped_csv_ends_as_a_completed_request(stack: Stack, origin: Server) -> None:
    dropped = event("s3_drop")
    notification = json.loads(dropped["Records"][0]["body"])
    described = notification["Records"][0]["s3"]["object"]
    put = {"Bucket": UPLOADS, "Key": "incoming/acme/Frühling 2024/products.csv", "Body": catalogue(origin).encode()}
    described["versionId"] = stack.clients["s3"].put_object(**put)["VersionId"]
    dropped["Records"][0]["body"] = json.dumps(notification)
    assert ingest.lambda_handler(dropped, CONTEXT) == {"batchItemFailures": []}
    stack.run_all()
    (drop,) = arrivals(notification)
    assert stack.request(drop.request_id).status is RequestStatus.COMPLETED
    outgoing = stack.clients["s3"].list_objects_v2(Bucket=RESULTS, Prefix="outgoing/acme/Frühling 2024/")["Contents"]
    assert [each["Key"] for each in outgoing] == [
        "outgoing/acme/Frühling 2024/products.csv",
        "outgoing/acme/Frühling 2024/products.csv.summary.json",
    ]


def told_by_s3(stack: Stack, key: str, text: str) -> None:
    """Put a CSV, and have ingest told of it."""
    told = event("s3_drop")
    notification = json.loads(told["Records"][0]["body"])
    put = stack.clients["s3"].put_object(Bucket=UPLOADS, Key=key, Body=text.encode())
    notification["Records"][0]["s3"]["object"] |= {"key": quote_plus(key, "/"), "versionId": put["VersionId"]}
    told["Records"][0]["body"] = json.dumps(notification)
    assert ingest.lambda_handler(told, CONTEXT) == {"batchItemFailures": []}
    stack.run_all()


def keys_of(stack: Stack, request_id: str) -> list[str | None]:
    return [result.key for result in stack.chunks.results(request_id, 0)]


def test_a_presigned_upload_ends_as_a_completed_request(stack: Stack, origin: Server) -> None:
    request_id = str(uuid4())  # the buckets keep the plans of other tests
    key = presigned_key("acme", request_id, "Frühling 2024.csv")
    stack.requests.create(a_request(request_id, object_key=key, version_id="", upload_until=NOW), NOW)
    told_by_s3(stack, key, catalogue(origin))
    request = stack.request(request_id)
    assert (request.status, bool(request.version_id)) == (RequestStatus.COMPLETED, True)


def unless_known(content: bytes) -> Answer:
    """Sends the image to whoever does not have it yet."""

    def send(exchange: Exchange) -> None:
        is_known = exchange.server.requests[-1].headers.get("if-none-match") == '"7"'
        exchange.send(b"HTTP/1.1 304 Not Modified\r\n\r\n" if is_known else answer(body=content, ETag='"7"'))

    return send


def test_a_catalogue_that_reuses_the_latest_has_its_pictures(stack: Stack, origin: Server) -> None:
    origin.does("/1.jpg", unless_known(encoded(photo(), "JPEG")))
    origin.does("/2.png", unless_known(encoded(photo(), "PNG")))
    first = uploaded(stack, origin)
    reused = api.lambda_handler(upload_event(catalogue(origin), reuse="latest"), CONTEXT)
    stack.run_all()
    request_id = json.loads(reused["body"])["request_id"]
    assert keys_of(stack, request_id) == keys_of(stack, first)
    assert stack.request(request_id).status is RequestStatus.COMPLETED


def test_a_retry_has_the_pictures_of_its_parent_and_tries_the_others_again(stack: Stack, origin: Server) -> None:
    parent = stack.request(uploaded(stack, origin))
    origin.says("/404.jpg", answer(body=encoded(photo(), "JPEG")))
    request_id = str(uuid4())
    same_csv = {"object_key": parent.object_key, "version_id": parent.version_id}
    retry = a_request(request_id, retry_of=parent.request_id, owner=parent.owner, **same_csv)
    stack.requests.create(retry, NOW)
    Queue(stack.clients["sqs"], stack.urls["ingest"]).send(IngestTask(request_id))
    stack.run_all()
    assert (stack.request(request_id).status, stack.request(request_id).failed_images) == (RequestStatus.COMPLETED, 0)
    assert keys_of(stack, request_id)[:2] == keys_of(stack, parent.request_id)[:2]


# --- one by one ------------------------------------------------------------------------------------------------------


def test_the_recorded_upload_is_taken(stack: Stack) -> None:
    taken = api.lambda_handler(event("api_upload"), CONTEXT)
    body = json.loads(taken["body"])
    assert (taken["statusCode"], body["total_images"], body["status"]) == (202, 2, "pending")
    assert [message["request_id"] for message in stack.bodies("ingest")] == [body["request_id"]]


def test_an_upload_keeps_the_options_and_the_object_of_its_form(stack: Stack) -> None:
    request = stack.request(json.loads(api.lambda_handler(event("api_upload"), CONTEXT)["body"])["request_id"])
    assert request.options.image.quality == 60
    assert request.object_key == f"uploads/local/{request.request_id}/Spring-Catalogue.csv"


def test_a_bad_csv_is_refused_with_all_its_errors(stack: Stack) -> None:
    refused = api.lambda_handler(upload_event("Name,Images\na,no url\nb,neither\n"), CONTEXT)
    body = json.loads(refused["body"])
    assert (refused["statusCode"], body["errors_total"]) == (400, 2)
    assert [error["line"] for error in body["errors"]] == [2, 3]
    assert stack.bodies("ingest") == []


@pytest.mark.parametrize("path", ["/health", "/health/", "/api/health", "/api/v1/health/"])
def test_a_call_answers_under_every_prefix(stack: Stack, path: str) -> None:
    assert call(path)["statusCode"] == 200


@pytest.mark.parametrize("path", [f"/status/{REQUEST_ID}", f"/download/{REQUEST_ID}", "/status/no-uuid", "/nowhere"])
def test_what_is_not_there_is_a_problem_with_404(stack: Stack, path: str) -> None:
    answered = call(path)
    assert answered["statusCode"] == 404
    assert json.loads(answered["body"])["status"] == 404


def test_a_status_that_has_not_changed_is_not_sent_again(stack: Stack) -> None:
    stack.requests.create(a_request(expires_at=2**40), NOW)
    first = call(f"/status/{REQUEST_ID}")
    again = call(f"/status/{REQUEST_ID}", **{"if-none-match": first["headers"]["ETag"]})
    assert (first["statusCode"], again["statusCode"]) == (200, 304)


def test_an_expired_request_is_not_there(stack: Stack) -> None:
    stack.requests.create(a_request(expires_at=int(NOW)), NOW)
    assert call(f"/status/{REQUEST_ID}")["statusCode"] == 404


def test_a_key_is_required_where_keys_are_on(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_KEYS", "true")
    api_wiring.settings.cache_clear()
    api_wiring.services.cache_clear()
    stack.requests.create(a_request(expires_at=2**40), NOW)
    assert call(f"/status/{REQUEST_ID}")["statusCode"] == 401


def test_s3s_own_test_event_is_acknowledged(stack: Stack) -> None:
    assert ingest.lambda_handler(event("s3_test"), CONTEXT) == {"batchItemFailures": []}
    assert list(stack.requests.due(NOW + 1e10)) == []


def test_a_drop_that_was_deleted_since_is_acknowledged(stack: Stack) -> None:
    assert ingest.lambda_handler(event("s3_drop"), CONTEXT) == {"batchItemFailures": []}
    assert list(stack.requests.due(NOW + 1e10)) == []


def test_a_message_that_ingest_cannot_read_is_delivered_again(stack: Stack) -> None:
    unreadable = event("s3_test")
    unreadable["Records"][0]["body"] = '{"kind":"ingest","v":99}'
    failed = [{"itemIdentifier": unreadable["Records"][0]["messageId"]}]
    assert ingest.lambda_handler(unreadable, CONTEXT) == {"batchItemFailures": failed}


def test_a_batch_of_images_ends_with_a_result_each(stack: Stack, origin: Server) -> None:
    assert compress.lambda_handler(compressing(stack, origin), CONTEXT) == {"batchItemFailures": []}
    assert {result.n: result.code for result in stack.chunks.results(REQUEST_ID, 0)} == {
        1: None,
        2: None,
        3: ImageCode.NOT_FOUND,
    }


def test_an_image_whose_origin_is_busy_is_delivered_again(stack: Stack, origin: Server) -> None:
    batch = compressing(stack, origin)
    origin.says("/1.jpg", answer("503 Busy"))
    failed = [{"itemIdentifier": batch["Records"][0]["messageId"]}]
    assert compress.lambda_handler(batch, CONTEXT) == {"batchItemFailures": failed}


def test_an_image_that_cannot_be_read_is_delivered_again_without_its_neighbours(stack: Stack, origin: Server) -> None:
    batch = compressing(stack, origin)
    batch["Records"][1]["body"] = "not a task"
    failed = [{"itemIdentifier": batch["Records"][1]["messageId"]}]
    assert compress.lambda_handler(batch, CONTEXT) == {"batchItemFailures": failed}


def test_an_image_of_alone_queue_is_known_by_its_arn(stack: Stack, origin: Server) -> None:
    """On its last delivery there a transient failure is a result; among others it would not be."""
    batch = compressing(stack, origin)
    origin.says("/1.jpg", answer("503 Busy"))
    record = batch["Records"][0]
    record["eventSourceARN"] = "arn:aws:sqs:eu-central-1:123456789012:imagepress-alone"
    record["attributes"]["ApproximateReceiveCount"] = "3"
    assert compress.lambda_handler({"Records": [record]}, CONTEXT) == {"batchItemFailures": []}
    assert [result.code for result in stack.chunks.results(REQUEST_ID, 0)] == [ImageCode.ORIGIN_ERROR]


def test_the_stream_counts_the_chunk_that_it_tells_of(stack: Stack) -> None:
    running: dict[str, Any] = {"status": RequestStatus.PROCESSING, "chunks_total": 1, "total_images": 3}
    stack.requests.create(a_request(**running), NOW)
    stack.chunks.create(Chunk(REQUEST_ID, 0, 0, 1, 3, int(NOW)), 1)
    for n in (1, 2, 3):
        stack.chunks.record(REQUEST_ID, 0, Result(n, f"https://shop.example/{n}.jpg", key="k"), 1)
    assert tally.lambda_handler(event("stream_batch"), CONTEXT) == {"batchItemFailures": []}
    assert [message["request_id"] for message in stack.bodies("finalize")] == [REQUEST_ID]


def test_a_stream_record_of_another_shape_does_not_hold_up_the_shard(stack: Stack) -> None:
    records: list[dict[str, Any]] = [{}, {"dynamodb": {"Keys": {"pk": {"S": "KEY#1"}, "sk": {"S": "IMAGE#x"}}}}]
    assert tally.lambda_handler({"Records": records}, CONTEXT) == {"batchItemFailures": []}


def test_a_finalize_message_for_no_request_is_acknowledged(stack: Stack) -> None:
    assert finalize.lambda_handler(event("finalize"), CONTEXT) == {"batchItemFailures": []}


def test_a_request_that_finalize_cannot_end_is_delivered_again(stack: Stack) -> None:
    """It has a plan, by its record, but the plan is gone."""
    counted: dict[str, Any] = {
        "status": RequestStatus.PROCESSING,
        "chunks_total": 1,
        "chunks_done": 1,
        "parts_planned": 1,
    }
    stack.requests.create(a_request(**counted), NOW)
    failed = [{"itemIdentifier": event("finalize")["Records"][0]["messageId"]}]
    assert finalize.lambda_handler(event("finalize"), CONTEXT) == {"batchItemFailures": failed}


def test_an_event_becomes_the_first_attempt_at_a_delivery(stack: Stack, origin: Server) -> None:
    hook = {"webhook_url": origin.url("/hook"), "webhook_status": WebhookStatus.NOT_SENT}
    stack.requests.create(a_request(status=RequestStatus.COMPLETED, **hook), NOW)
    assert notify.lambda_handler(event("notify"), CONTEXT) == {"batchItemFailures": []}
    assert [message["kind"] for message in stack.bodies("notify")] == ["deliver"]


def test_an_endpoint_hears_of_the_start_and_the_end_of_an_upload(stack: Stack, origin: Server) -> None:
    endpoint = stack.endpoints.configure(an_endpoint(owner=LOCAL_OWNER, url=origin.says("/endpoint", answer())))
    request_id = json.loads(api.lambda_handler(upload_event(catalogue(origin)), CONTEXT)["body"])["request_id"]
    stack.run_all()
    heard = [json.loads(received.body) for received in origin.requests if received.line.startswith("POST /endpoint")]
    assert [(body["type"], body["request_id"]) for body in heard] == [
        ("processing.started", request_id),
        ("processing.completed", request_id),
    ]
    assert stack.request(request_id).webhook_status is WebhookStatus.SENT
    assert stack.endpoints.find(LOCAL_OWNER, endpoint.endpoint_id) == endpoint


def test_a_test_of_an_endpoint_is_posted_and_kept(stack: Stack, origin: Server) -> None:
    stack.endpoints.configure(an_endpoint(url=origin.says("/endpoint", answer())))
    assert notify.lambda_handler(event("notify_ping"), CONTEXT) == {"batchItemFailures": []}
    assert [json.loads(received.body)["type"] for received in origin.requests] == ["webhook.test"]
    (endpoint,) = stack.endpoints.of_owner("acme")
    assert endpoint.last_test is not None
    assert endpoint.last_test.status == 200


def test_the_end_of_a_drop_leaves_a_summary_in_the_bucket(stack: Stack) -> None:
    dropped: dict[str, Any] = {"source": Source.S3, "object_key": "incoming/acme/a.csv", "chunks_total": 0}
    stack.requests.create(a_request(status=RequestStatus.FAILED, error=RequestCode.NO_IMAGES, **dropped), NOW)
    assert notify.lambda_handler(event("notify"), CONTEXT) == {"batchItemFailures": []}
    stored = stack.clients["s3"].get_object(Bucket=RESULTS, Key="outgoing/acme/a.csv.summary.json")
    assert json.loads(stored["Body"].read())["output_key"] == "outgoing/acme/a.csv"


def test_owners_have_secrets_of_their_own_where_the_stack_has_none(stack: Stack) -> None:
    def secrets_of(owner: str) -> list[str]:
        return default_secrets("", SecretTable(stack.requests.table), owner, NOW)

    assert secrets_of("acme") == secrets_of("acme") != secrets_of("other")


def test_the_schedule_looks_after_what_is_due(stack: Stack) -> None:
    stack.requests.create(a_request(status=RequestStatus.COMPLETED), NOW)
    recover.lambda_handler(event("schedule"), CONTEXT)
    assert [message["request_id"] for message in stack.bodies("finalize")] == [REQUEST_ID]


def test_a_dead_image_has_given_up(stack: Stack) -> None:
    stack.requests.create(a_request(status=RequestStatus.PROCESSING), NOW)
    recover.lambda_handler(event("dead_image"), CONTEXT)
    assert [result.code for result in stack.chunks.results(REQUEST_ID, 0)] == [ImageCode.GAVE_UP]


def test_a_dead_drop_is_a_request_that_failed(stack: Stack) -> None:
    recover.lambda_handler(event("s3_drop"), CONTEXT)
    assert [message["verdict"] for message in stack.bodies("finalize")] == [RequestCode.INGEST_FAILED]


@pytest.mark.parametrize("body", [None, "nobody knows"])
def test_a_dead_message_that_stands_for_nothing_is_acknowledged(stack: Stack, body: str | None) -> None:
    dead = event("stream_failure")
    dead["Records"][0]["body"] = body or dead["Records"][0]["body"]
    recover.lambda_handler(dead, CONTEXT)
