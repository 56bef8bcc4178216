"""One query follows a request from its CSV to its webhook, in the logs of a run."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from infra.local.stack import LocalStack
from tests.system.client import ended, eventually, products_csv, started
from tests.system.receiver import Receiver

FUNCTIONS = ("api", "ingest", "compress", "tally", "finalize", "notify")
STORY = [
    ("api", "request accepted"),
    ("ingest", "request planned"),
    ("compress", "images ended"),
    ("tally", "all images have ended"),
    ("finalize", "request ended"),
    ("notify", "webhook attempted"),
]


def lines_of(stack: LocalStack, function: str) -> list[dict[str, Any]]:
    """What a function logged, as JSON; Lambda's own lines are left out."""
    group = f"/aws/lambda/imagepress-{function}"
    pages = stack.stack.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    texts = (line for page in pages for event in page["events"] for line in event["message"].splitlines())
    return [json.loads(text) for text in texts if text.startswith("{")]


def story_of(stack: LocalStack, request_id: str) -> list[tuple[str, str]]:
    """What infra/queries/request.logs finds: the lines with the id, in the order of their time."""
    found = [
        (line["timestamp"], function, line["message"])
        for function in FUNCTIONS
        for line in lines_of(stack, function)
        if request_id in json.dumps(line) and "message" in line
    ]
    return [(function, message) for _, function, message in sorted(found)]


def test_a_request_is_followed_from_its_csv_to_its_webhook(
    stack: LocalStack, photos: list[Path], photo_origin: str, receiver: Receiver
) -> None:
    urls = [f"{photo_origin}/{photo.name}" for photo in photos[:3]] + [f"{photo_origin}/none.jpg"]
    request_id = started(stack.url, products_csv([urls]), webhook_url=receiver.url)
    ended(stack.url, request_id)
    receiver.next()

    def whole() -> list[tuple[str, str]] | None:
        story = story_of(stack, request_id)
        return story if set(STORY) <= set(story) else None

    story = eventually(whole, "every step to be in the logs")
    assert [step for step in dict.fromkeys(story) if step in STORY] == STORY


def test_images_are_counted_in_the_log_of_compress(stack: LocalStack, photos: list[Path], photo_origin: str) -> None:
    before = counted(stack)
    urls = [f"{photo_origin}/{photo.name}" for photo in photos[:3]] + [f"{photo_origin}/none.jpg"]
    status = ended(stack.url, started(stack.url, products_csv([urls]), format="webp"))
    saved = sum(image["bytes_in"] - image["bytes_out"] for image in status["images"] if image["bytes_out"])
    wanted = Counter({("Images", "webp"): 3, ("Images", "none"): 1, ("BytesSaved", "webp"): saved})

    def all_counted() -> bool | None:
        return counted(stack) - before == wanted or None

    eventually(all_counted, "the images to be counted")


def counted(stack: LocalStack) -> Counter[tuple[str, str]]:
    """How many images, and how many bytes were saved, by format: as CloudWatch would add the metrics up."""
    sums: Counter[tuple[str, str]] = Counter()
    for line in lines_of(stack, "compress"):
        if "_aws" in line and "Images" in line:
            assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Imagepress/imagepress"
            for name in ("Images", "BytesSaved"):
                sums[name, line["Format"]] += int(sum(line.get(name, [])))
    return sums
