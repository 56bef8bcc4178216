"""What only LocalStack delivers as AWS does: batches of more than ten, windows, and stream batches that come again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.deploy import STACK
from infra.local.stack import LocalStack
from tests.system.client import ended, eventually, products_csv, started, status_of
from tests.system.messages import emptied, left_over, paused
from tests.system.targets import LOCALSTACK, only_on

pytestmark = only_on(
    LOCALSTACK,
    because="ministack has batches of ten at the most, and AWS reaches no server here",
)

BATCH = 25  # the template's CompressBatch


def invocations(stack: LocalStack, function: str) -> int:
    """How often it has been invoked; each begins with a line in its log."""
    logs = stack.stack.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{STACK}-{function}")
    return sum(event["message"].startswith("START") for page in pages for event in page["events"])


@contextmanager
def misled(stack: LocalStack, function: str) -> Iterator[None]:
    """The function works with a table that is not there."""
    functions, name = stack.stack.client("lambda"), f"{STACK}-{function}"
    right = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    _configure(functions, name, right | {"TABLE": "nowhere"})
    try:
        yield
    finally:
        _configure(functions, name, right)


def _configure(functions: object, name: str, variables: dict[str, str]) -> None:
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})  # type: ignore[attr-defined]
    functions.get_waiter("function_updated").wait(FunctionName=name)  # type: ignore[attr-defined]


@contextmanager
def nothing_swept(stack: LocalStack) -> Iterator[None]:
    """Recover does not look at what is due meanwhile: what is counted, the stream has counted."""
    events = stack.stack.client("events")
    (rule,) = [rule["Name"] for rule in events.list_rules()["Rules"] if "Recover" in rule["Name"]]
    events.disable_rule(Name=rule)
    try:
        yield
    finally:
        events.enable_rule(Name=rule)


def test_images_come_in_batches_of_more_than_ten(stack: LocalStack, photos: list[Path], photo_origin: str) -> None:
    urls = [f"{photo_origin}/{photos[n % len(photos)].name}?{n}" for n in range(BATCH)]
    emptied(stack, "CompressQueue")
    with paused(stack, "compress"):
        before = invocations(stack, "compress")
        request_id = started(stack.url, products_csv([urls]))
        eventually(lambda: (left_over(stack, ("CompressQueue",)) and all_sent(stack)) or None, "every image to be sent")
    assert ended(stack.url, request_id)["processed_images"] == BATCH
    assert invocations(stack, "compress") - before < BATCH / 10, "batches of ten would have been three"


def all_sent(stack: LocalStack) -> bool:
    return sum(left_over(stack, ("CompressQueue",)).values()) == BATCH


def test_results_that_could_not_be_counted_come_again_on_the_stream(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    with nothing_swept(stack):
        with misled(stack, "tally"):
            before = invocations(stack, "tally")
            request_id = started(stack.url, products_csv([[f"{photo_origin}/{photos[0].name}"]]))
            eventually(lambda: invocations(stack, "tally") > before or None, "the stream to be told of")
            assert status_of(stack.url, request_id)["status"] == "processing"
        assert ended(stack.url, request_id)["status"] == "completed"


def test_results_that_can_never_be_counted_are_told_of_in_a_dlq_and_swept(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    with misled(stack, "tally"), paused(stack, "recover"):
        request_id = started(stack.url, products_csv([[f"{photo_origin}/{photos[0].name}"]]))
        eventually(lambda: left_over(stack, ("TallyDLQ",)) or None, "the stream to be given up", timeout=120)
    assert ended(stack.url, request_id, timeout=120)["status"] == "completed"
    emptied(stack, "TallyDLQ")
