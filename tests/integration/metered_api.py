"""The api behind its real handler, with AWS emulated and metered: what a call takes in time, calls and bytes.

The adapters are the real ones, down to the bytes that botocore sends and parses; DynamoDB is the model of the fault
tests, because the emulation takes a second for what DynamoDB answers in milliseconds. S3 is the emulation.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import Any
from unittest.mock import patch

from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

from functions.adapters.aws import clients as adapters_aws
from functions.adapters.aws.objects import Objects
from functions.adapters.table.dynamodb import Dynamo
from functions.api import handler as api
from functions.api import wiring
from tests import aws
from tests.faults.simulator.table import Table

TABLE, BUCKET = "imagepress", "imagepress-results"
CACHED = (adapters_aws.client, wiring.settings, wiring.services)
ENVIRONMENT = aws.CREDENTIALS | {
    "TABLE": TABLE,
    "UPLOADS_BUCKET": "imagepress-uploads",
    "RESULTS_BUCKET": BUCKET,
    **{f"{name}_QUEUE": "https://sqs.example/queue" for name in ("INGEST", "FINALIZE", "NOTIFY")},
    "PUBLIC_URL": "https://api.example",
    "REQUIRE_KEYS": "false",
    "PATIENCE": "300",
    "RECORD_DAYS": "90",
    "DAILY_IMAGES": "0",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call took: `cpu_ms` is without the emulation's, `bytes_read` are those of AWS's answers."""

    ms: float
    cpu_ms: float
    aws_calls: int
    bytes_read: int
    bytes: int


class Meter:
    """Answers the calls of AWS, and counts them."""

    def __init__(self) -> None:
        self.table = Table()
        self.reset()

    def reset(self) -> None:
        self.calls = self.bytes = 0
        self.seconds = 0.0  # of CPU that the emulation took

    def __call__(self, event_name: str, request: Any, **_more: Any) -> AWSResponse:
        """In place of the network: botocore's event `before-send`."""
        began = time.process_time()
        _, service, operation = event_name.split(".")
        answer = self._of_table(operation, request) if service == "dynamodb" else botocore_stubber(event_name, request)
        assert answer is not None, f"nobody emulates {event_name}"
        self.calls += 1
        self.bytes += len(answer.raw.getvalue())
        self.seconds += time.process_time() - began
        return answer

    def _of_table(self, operation: str, request: Any) -> AWSResponse:
        found = getattr(self.table, xform_name(operation))(**json.loads(request.body))
        raw: Any = MockRawResponse(json.dumps(found))
        return AWSResponse(request.url, 200, HTTPHeaders(), raw)


class Context:
    """What Lambda tells a function about its invocation."""

    function_name = "imagepress-api"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:imagepress-api"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"


CONTEXT: Any = Context()


@dataclass(frozen=True, slots=True)
class MeteredApi:
    """`table` and `results` are for what the api is to read."""

    meter: Meter
    table: Dynamo
    results: Objects

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """The handler's answer."""
        http = {"method": "GET", "path": path, "sourceIp": "192.0.2.10", "protocol": "HTTP/1.1", "userAgent": "curl"}
        context = {"http": http, "stage": "$default", "requestId": "OaBcDeFgHiEEJgw="}
        event = {"version": "2.0", "rawPath": path, "rawQueryString": "", "queryStringParameters": query}
        found = api.lambda_handler(event | {"headers": {}, "requestContext": context}, CONTEXT)
        assert found["statusCode"] in {200, 302}, found
        return found

    def answer(self, times: int, path: str, **query: str) -> Answer:
        """Of so many equal calls, their medians; the first one, which makes what is made once, is not among them."""
        if times > 1:
            self.get(path, **query)
        took = [self._timed(path, query) for _ in range(times)]
        ms, cpu_ms = median(each.ms for each in took), median(each.cpu_ms for each in took)
        return replace(took[0], ms=round(ms, 1), cpu_ms=round(cpu_ms, 1))

    def _timed(self, path: str, query: dict[str, str]) -> Answer:
        self.meter.reset()
        wall, cpu = time.perf_counter(), time.process_time()
        body = self.get(path, **query)["body"]
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu - self.meter.seconds
        return Answer(1_000 * wall, 1_000 * cpu, self.meter.calls, self.meter.bytes, len(body))


@contextmanager
def metered_api() -> Iterator[MeteredApi]:
    """Nothing of it stays: clients that are metered are forgotten."""
    with patch.dict(os.environ, ENVIRONMENT), mock_aws():
        _forget()
        meter = Meter()
        aws.create_bucket(adapters_aws.client("s3"), BUCKET)
        for service in ("dynamodb", "s3"):
            events = adapters_aws.client(service).meta.events
            events.unregister("before-send", botocore_stubber)  # all that listen are asked, though the first one counts
            events.register("before-send", meter)
        try:
            yield MeteredApi(meter, Dynamo(meter.table, TABLE), Objects.connect(BUCKET))
        finally:
            _forget()


def _forget() -> None:
    for cached in CACHED:
        cached.cache_clear()
