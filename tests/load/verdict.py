"""Whether everything that was sent came out right, and the small requests soon."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from tests.load.traffic import Placed, Traffic
from tests.system.client import TIMEOUT
from tests.system.messages import left_over
from tests.system.receiver import Received, ids_sent

ENDED = ("processing.started", "processing.completed")
SOON = 0.5  # of the time that the quickest large request took, which began before: "soon" on any machine


def problems(traffic: Traffic, posts: list[Received]) -> list[str]:
    """Everything that is wrong, in words."""
    found = [f"{each.request_id}: {wrong}" for each in traffic.placed for wrong in _of_request(traffic, each)]
    found += _of_lists(traffic)
    found += _of_webhooks(traffic, posts)
    found += _of_pace(traffic.placed)
    return found + [f"{count} messages are left in {name}" for name, count in left_over(traffic.stack).items()]


def _of_request(traffic: Traffic, placed: Placed) -> list[str]:
    status = traffic.status(placed) or {"status": "unknown"}
    if status["status"] != "completed":
        return [f"it is {status['status']}"]
    rows = traffic.owners[placed.owner].rows(placed.request_id)
    fetch = Pictures(traffic.stack.stack.client("s3"), traffic.stack.stack.outputs["ResultsBucket"])
    return placed.order.wrong_counts(status) + placed.order.wrong_rows(rows, status["bytes_out"], fetch)


@dataclass
class Pictures:
    """Fetches the first picture as its visitors do, and the others past the API, which would take minutes."""

    s3: Any
    bucket: str
    is_first: bool = True

    def __call__(self, url: str) -> bytes:
        if self.is_first:
            self.is_first = False
            answer = requests.get(url, timeout=TIMEOUT)
            answer.raise_for_status()
            return answer.content
        key = unquote(urlsplit(url).path).removeprefix("/")
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())


def _of_lists(traffic: Traffic) -> Iterator[str]:
    """However often S3 told of a CSV, it is one request."""
    for name, caller in traffic.owners.items():
        listed = sorted(request["request_id"] for request in caller.get("/requests")["requests"])
        if listed != sorted(each.request_id for each in traffic.placed if each.owner == name):
            yield f"{name} has {len(listed)} requests, not those that it sent"


def _of_webhooks(traffic: Traffic, posts: list[Received]) -> Iterator[str]:
    ids = ids_sent(posts)
    expected = {(each.request_id, event, f"/{each.owner}") for each in traffic.placed for event in ENDED}
    yield from (f"no webhook came for {sent}" for sent in sorted(expected - ids.keys()))
    yield from (f"a webhook came for {sent}" for sent in sorted(ids.keys() - expected))
    yield from (f"{sent} has the ids {sorted(each)}" for sent, each in ids.items() if len(each) > 1)


def _of_pace(placed: list[Placed]) -> Iterator[str]:
    """By when they ended, not by how long they took: every small one began after every large one."""
    small = [each.seconds for each in placed if each.is_small]
    large = [each.seconds for each in placed if not each.is_small]
    if max(small) > SOON * min(large):
        yield f"a small request took {max(small):.1f} s, a large one that began before it {min(large):.1f} s"


def table(placed: list[Placed]) -> Iterator[str]:
    """How long the requests of either size took."""
    yield f"{'':8}{'requests':>10}{'images':>10}{'first':>10}{'median':>10}{'last':>10}"
    for name, is_small in (("large", False), ("small", True)):
        group = [each for each in placed if each.is_small is is_small]
        seconds = [each.seconds for each in group]
        times = "".join(f"{value:>8.1f} s" for value in (min(seconds), median(seconds), max(seconds)))
        yield f"{name:8}{len(group):>10}{sum(len(each.order.numbers) for each in group):>10,}{times}"
