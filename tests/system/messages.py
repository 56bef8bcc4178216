"""What lies in a stack's queues, and how to have it delivered twice."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from infra.local.deploy import STACK
from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, eventually

FLOW = ["Ingest", "Compress", "Alone", "Finalize", "Notify"]  # in this order, or a message on its way would be missed
COUNTS = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
PEEKED = 10  # what a receive may ask for


def queue_url(stack: LocalStack, name: str) -> str:
    return next(url for url in _urls(stack) if name in url)


def _urls(stack: LocalStack) -> list[str]:
    return list(stack.stack.client("sqs").list_queues(QueueNamePrefix=STACK)["QueueUrls"])


def left_over(stack: LocalStack, names: tuple[str, ...] = ()) -> dict[str, int]:
    """How many messages there are in each queue, DLQs included, that is not empty."""
    sqs, urls = stack.stack.client("sqs"), _urls(stack)
    wanted = sorted(urls, key=lambda url: next((i for i, name in enumerate(FLOW) if name in url), len(FLOW)))
    counts = {}
    for url in wanted:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"]
        counts[url.rpartition("/")[2]] = sum(int(attributes[name]) for name in COUNTS)
    return {name: count for name, count in counts.items() if count and (not names or any(n in name for n in names))}


def emptied(stack: LocalStack, *names: str, timeout: float = TIMEOUT) -> None:
    """Wait until the queues of these names, or all of them, are empty."""
    eventually(lambda: None if left_over(stack, names) else True, f"{names or 'the queues'} to be empty", timeout)


def peeked(stack: LocalStack, name: str) -> list[dict[str, Any]]:
    """Up to ten messages that wait in a queue, which stay there; each look counts as a delivery."""
    sqs = stack.stack.client("sqs")
    answer = sqs.receive_message(
        QueueUrl=queue_url(stack, name),
        MaxNumberOfMessages=PEEKED,
        VisibilityTimeout=0,
        MessageSystemAttributeNames=["MessageGroupId"],
    )
    return list(answer.get("Messages", []))


def send_again(stack: LocalStack, name: str, message: dict[str, Any]) -> None:
    """A second message like the first: the same body, of the same group."""
    group = message.get("Attributes", {})
    stack.stack.client("sqs").send_message(QueueUrl=queue_url(stack, name), MessageBody=message["Body"], **group)


@contextmanager
def paused(stack: LocalStack, function: str) -> Iterator[None]:
    """Nothing is delivered to the function meanwhile."""
    functions = stack.stack.client("lambda")
    mappings = functions.list_event_source_mappings(FunctionName=f"{STACK}-{function}")["EventSourceMappings"]
    for mapping in mappings:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        for mapping in mappings:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def notification_of(stack: LocalStack, request_key: str) -> dict[str, Any]:
    """What S3 told IngestQueue of an object, while ingest is paused."""

    def look() -> dict[str, Any] | None:
        return next((each for each in peeked(stack, "IngestQueue") if request_key in _keys(each)), None)

    return eventually(look, f"the notification of {request_key}")


def _keys(message: dict[str, Any]) -> list[str]:
    records = json.loads(message["Body"]).get("Records", [])
    return [record["s3"]["object"]["key"] for record in records]
