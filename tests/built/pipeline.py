"""What AWS does between the functions, done by hand: messages and records are taken to the runtimes one by one."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from infra.local.deploy import STACK
from infra.local.engine import CREDENTIALS, REGION
from infra.local.stack import LocalStack
from infra.runtime.function import Answer, Function, Runtime
from tests.built.packages import Package
from tests.system.client import TIMEOUT
from tests.system.messages import queue_url

EVENTS = Path(__file__).parents[1] / "events"
BATCH = 10
HIDDEN = 120  # seconds, as in the template or near it
QUEUES = {
    "IngestQueue": "ingest",
    "CompressQueue": "compress",
    "AloneQueue": "compress",
    "FinalizeQueue": "finalize",
    "NotifyQueue": "notify",
}

Message = dict[str, Any]


def recorded(name: str) -> dict[str, Any]:
    """An event in tests/events."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def function(stack: LocalStack, name: str, package: Package, **changes: Any) -> Function:
    """The function as the stack has it: environment, memory and time-out are the template's."""
    deployed = stack.stack.client("lambda").get_function_configuration(FunctionName=f"{STACK}-{name}")
    environment = {
        **deployed["Environment"]["Variables"],
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": stack.engine.url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }
    told = {
        "name": deployed["FunctionName"],
        "artefact": package.folder,
        "handler": deployed["Handler"],
        "memory": deployed["MemorySize"],
        "timeout": deployed["Timeout"],
        "environment": environment,
    }
    return Function(**told | changes)


@dataclass
class Pipeline:
    """A stack whose functions nobody but this calls."""

    stack: LocalStack
    runtime: Callable[[str], Runtime]
    told: set[tuple[str, str]] = field(default_factory=set)

    def invoke(self, name: str, event: object) -> Any:
        """What the function says. Fails with its log when it fails."""
        runtime = self.runtime(name)
        answer = runtime.invoke(event)
        assert answer.error is None, f"{name}: {answer.payload.decode()}\n{runtime.log.read_text()[-3000:]}"
        return answer.value

    def call(
        self, method: str, path: str, body: str = "", *, query: str = "", is_binary: bool = False, **headers: str
    ) -> Any:
        """An HTTP call, as the API Gateway passes it on; the function's answer."""
        event = recorded("api_upload")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        event["requestContext"]["http"] |= {"method": method, "path": path}
        event |= {"rawPath": path, "headers": event["headers"] | named, "body": body, "isBase64Encoded": is_binary}
        event |= {"rawQueryString": query, "queryStringParameters": dict(parse_qsl(query))}
        return self.invoke("api", event)

    def run_all(self) -> None:
        """Take messages and records to the functions until none is left."""
        while any([*map(self.move, QUEUES), self.tally()]):
            pass

    def move(self, queue: str) -> bool:
        """Take a batch of a queue to its function; whether there was one."""
        messages = self.take(queue)
        if messages:
            answer = self.invoke(QUEUES[queue], self.event(queue, messages))
            assert answer == {"batchItemFailures": []}, f"{queue}: {answer}, {[each['Body'] for each in messages]}"
            self.delete(queue, messages)
        return bool(messages)

    def drain(self, *queues: str) -> None:
        """Take all messages of these queues to their functions, in this order."""
        for queue in queues:
            while self.move(queue):
                pass

    def take(self, queue: str, hidden: int = HIDDEN) -> list[Message]:
        answer = self._sqs.receive_message(
            QueueUrl=queue_url(self.stack, queue),
            MaxNumberOfMessages=1 if QUEUES[queue] in {"ingest", "finalize", "notify"} else BATCH,
            VisibilityTimeout=hidden,
            MessageSystemAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def delete(self, queue: str, messages: list[Message]) -> None:
        for message in messages:
            self._sqs.delete_message(QueueUrl=queue_url(self.stack, queue), ReceiptHandle=message["ReceiptHandle"])

    def event(self, queue: str, messages: list[Message]) -> dict[str, Any]:
        """The event that SQS has made of the messages."""
        url = queue_url(self.stack, queue)
        asked = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        template = recorded("compress_batch")["Records"][0]
        return {
            "Records": [
                template
                | {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                    "attributes": message["Attributes"],
                    "eventSourceARN": asked["Attributes"]["QueueArn"],
                    "awsRegion": REGION,
                }
                for message in messages
            ]
        }

    def tally(self) -> bool:
        """Tell tally of the results that are new, as the stream would; whether there were any."""
        template = recorded("stream_batch")["Records"][0]
        new = [key for key in self._results() if (key["pk"]["S"], key["sk"]["S"]) not in self.told]
        self.told |= {(key["pk"]["S"], key["sk"]["S"]) for key in new}
        if new:
            records = [template | {"dynamodb": template["dynamodb"] | {"Keys": key}} for key in new]
            assert self.invoke("tally", {"Records": records}) == {"batchItemFailures": []}
        return bool(new)

    def picture(self, url: str) -> bytes:
        """The picture at the end of the redirect that a picture's URL answers with."""
        answer = self.call("GET", urlsplit(url).path)
        assert answer["statusCode"] in {302, 307}, answer
        return requests.get(answer["headers"]["Location"], timeout=TIMEOUT).content

    def results(self, request_id: str) -> list[Mapping[str, Any]]:
        """The keys of a request's results."""
        return [key for key in self._results() if request_id in key["pk"]["S"]]

    def _results(self) -> Iterator[Mapping[str, Any]]:
        table = self.stack.stack.outputs["TableName"]
        for page in self.stack.stack.client("dynamodb").get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                if item["sk"]["S"].startswith("IMAGE#"):
                    yield {"pk": item["pk"], "sk": item["sk"]}

    @property
    def _sqs(self) -> Any:
        return self.stack.stack.client("sqs")


def failed_with(answer: Answer) -> str:
    """What a function that had to fail says."""
    assert answer.error, answer.payload
    return answer.payload.decode()
