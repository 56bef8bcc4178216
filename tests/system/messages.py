"""What lies in a stack's queues, and how to have it delivered twice."""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from infra.local.deploy import STACK
from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, eventually

FLOW = ["Ingest", "Compress", "Alone", "Finalize", "Notify"]  # in this order, or a message on its way would be missed
COUNTS = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
PEEKED = 10  # what a receive may ask for
HIDDEN = 2  # seconds, so that the next look finds others, and none is looked at so often that it dies


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


def peeked(stack: LocalStack, name: str, hidden: int = 0) -> list[dict[str, Any]]:
    """Up to ten messages that wait in a queue, hidden for so many seconds; each look counts as a delivery."""
    sqs = stack.stack.client("sqs")
    answer = sqs.receive_message(
        QueueUrl=queue_url(stack, name),
        MaxNumberOfMessages=PEEKED,
        VisibilityTimeout=hidden,
        MessageSystemAttributeNames=["MessageGroupId"],
    )
    return list(answer.get("Messages", []))


def send_again(stack: LocalStack, name: str, message: dict[str, Any]) -> str:
    """A second message like the first: the same body, of the same group; its id."""
    group = message.get("Attributes", {})
    sqs, url = stack.stack.client("sqs"), queue_url(stack, name)
    return str(sqs.send_message(QueueUrl=url, MessageBody=message["Body"], **group)["MessageId"])


def remove(stack: LocalStack, name: str, message: dict[str, Any]) -> None:
    """Take a message that was received out of its queue."""
    receipt = message["ReceiptHandle"]
    stack.stack.client("sqs").delete_message(QueueUrl=queue_url(stack, name), ReceiptHandle=receipt)


@contextmanager
def paused(stack: LocalStack, function: str) -> Iterator[None]:
    """Nothing is delivered to the function meanwhile."""
    functions = stack.stack.client("lambda")

    def is_disabled(uuid: str) -> bool:
        return bool(functions.get_event_source_mapping(UUID=uuid)["State"] == "Disabled")

    mappings = functions.list_event_source_mappings(FunctionName=f"{STACK}-{function}")["EventSourceMappings"]
    for mapping in mappings:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    ids = [mapping["UUID"] for mapping in mappings]
    eventually(lambda: all(map(is_disabled, ids)) or None, f"the deliveries to {function} to stop")
    try:
        yield
    finally:
        for mapping in mappings:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def notifications_of(stack: LocalStack, keys: Collection[str]) -> list[dict[str, Any]]:
    """What S3 told IngestQueue of these objects, while ingest is paused."""
    found: dict[str, dict[str, Any]] = {}

    def look() -> list[dict[str, Any]] | None:
        for message in peeked(stack, "IngestQueue", hidden=HIDDEN):
            found.update((record["s3"]["object"]["key"], message) for record in _records(message))
        return [found[key] for key in keys] if found.keys() >= set(keys) else None

    return eventually(look, f"the notifications of {keys}")


def _records(message: dict[str, Any]) -> list[dict[str, Any]]:
    return list(json.loads(message["Body"]).get("Records", []))
