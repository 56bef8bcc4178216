"""Requests of two owners at once, while a worker is killed, the engine is stopped and started again, origins fail every
other time, S3 and the stream tell twice of the same and a receiver refuses: all end as if nothing had happened."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from functions.adapters.table.chunks import chunk_pk
from infra.local.deploy import STACK
from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, eventually
from tests.system.messages import emptied, left_over, notifications_of, paused, send_again
from tests.system.owners import Owner, owner
from tests.system.receiver import Receiver, Sent, ids_sent, receiving
from tests.system.shop import Gate, Order, Shop, Visit, every_other, opened_shop
from tests.system.targets import ONLY_RESTARTS, stack_of_its_own
from tests.system.test_drop import put
from tests.system.workers import ONLY_LINUX, kill_client

pytestmark = [ONLY_LINUX, ONLY_RESTARTS]

SOON = {
    "RequireKeys": "true",
    "Patience": "1",
    "CompressVisibility": "8",  # so that what a dead worker held comes back soon
    "CompressConcurrency": "4",  # of which some wait at a gate
}
DROPPED = "incoming/south/autumn/vases.csv"
FLAKY, DEADLY, GATED, SLOW = range(0, 31), range(100, 111), range(200, 221), range(300, 312)
VICTIM, GATES = 105, (7, 208)
ENDPOINTS = {"north": "/north", "south": "/south"}
REFUSED = 3


@dataclass
class Placed:
    """One request: whose, and what was ordered."""

    owner: str
    order: Order


@dataclass
class Story:
    """What was done, and what is there when it is over."""

    stack: LocalStack
    owners: dict[str, Owner]
    shop: Shop
    receiver: Receiver
    placed: dict[str, Placed] = field(default_factory=dict)
    dropped: str = ""
    done_at_restart: dict[str, tuple[int, int]] = field(default_factory=dict)

    def status(self, request_id: str) -> dict[str, Any]:
        return self.owners[self.placed[request_id].owner].get(f"/status/{request_id}")

    def upload(self, name: str, order: Order) -> str:
        request_id = self.owners[name].started(order.csv)
        self.placed[request_id] = Placed(name, order)
        return request_id

    def made_progress(self, request_id: str) -> bool | None:
        """Whether some of its images have their results."""
        images = self.status(request_id)["images"]
        return any(image["status"] == "completed" for image in images) or None


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("faults")
    with opened_shop() as shop, receiving() as receiver:
        gate, victim = Gate(), Gate()
        shop.troubles = troubles(gate, victim)
        with stack_of_its_own(folder, 0, SOON) as stack:
            story = begun(stack, shop, receiver)
            notification = dropped_twice(story)
            a_worker_is_killed(story, victim)
            in_the_middle(story)
        gate.opened.set()
        with stack_of_its_own(folder, urlsplit(stack.url).port or 0, SOON) as story.stack:
            receiver.answers += [500] * REFUSED
            send_again(story.stack, "IngestQueue", notification)
            story.upload("north", Order.of(shop, SLOW))
            ended(story)
            send_again(story.stack, "IngestQueue", notification)
            results_told_again(story)
            emptied(story.stack, timeout=180)  # a busy machine: a bound, not a wait
            yield story


def troubles(gate: Gate, victim: Gate) -> dict[int, Any]:
    """Half of the answers that FLAKY and SLOW get are none; others have to wait for what the test does meanwhile."""
    failures = (Visit.fail, Visit.reset)
    flaky = {n: every_other(failures[n % 2]) for n in (*FLAKY, *SLOW)}
    return flaky | {SLOW[0]: every_other(Visit.stall)} | dict.fromkeys(GATES, gate) | {VICTIM: victim}


def begun(stack: LocalStack, shop: Shop, receiver: Receiver) -> Story:
    """Two uploads by two owners, each of whom has an endpoint."""
    owners = {name: owner(stack, name) for name in ENDPOINTS}
    story = Story(stack, owners, shop, receiver)
    host = receiver.url.removesuffix("/hook")
    for name, path in ENDPOINTS.items():
        events = ["processing.started", "processing.completed", "processing.failed"]
        answer = owners[name].call("POST", "/webhook/configure", json={"webhook_url": host + path, "events": events})
        assert answer.ok, answer.text
    story.upload("north", Order.of(shop, FLAKY))
    story.upload("south", Order.of(shop, DEADLY))
    return story


def dropped_twice(story: Story) -> dict[str, Any]:
    """A drop that S3 tells of twice at once; its notification, to be sent yet again."""
    order = Order.of(story.shop, GATED)
    with paused(story.stack, "ingest"):
        story.dropped = put(story.stack, DROPPED, order.csv)
        (notification,) = notifications_of(story.stack, [DROPPED])
        send_again(story.stack, "IngestQueue", notification)
    story.placed[story.dropped] = Placed("south", order)
    return notification


def a_worker_is_killed(story: Story, victim: Gate) -> None:
    """It has results of that very request behind it, and images before it."""
    deadly = next(id_ for id_, each in story.placed.items() if VICTIM in each.order.numbers)
    port = victim.waiting.get(timeout=TIMEOUT)
    eventually(lambda: story.made_progress(deadly), "the worker to have done some of its images")
    kill_client(port)
    victim.opened.set()


def in_the_middle(story: Story) -> None:
    """Wait until every request has some of its images; the gates see to it that two of them do not have all.

    What would be invisible for minutes if the engine stopped now, because those queues' time-outs are no parameters,
    is waited for.
    """
    eventually(lambda: all(map(known_and_begun(story), story.placed)) or None, "every request to be in the middle")
    emptied(story.stack, "Ingest", "Finalize", "Notify")
    statuses = {id_: story.status(id_) for id_ in story.placed}
    story.done_at_restart = {id_: (each["processed_images"], each["total_images"]) for id_, each in statuses.items()}


def known_and_begun(story: Story) -> Any:
    def look(request_id: str) -> bool:
        answer = story.owners[story.placed[request_id].owner].call("GET", f"/status/{request_id}")
        return answer.ok and bool(story.made_progress(request_id))

    return look


def ended(story: Story) -> None:
    for request_id, each in story.placed.items():
        story.owners[each.owner].ended(request_id)


def results_told_again(story: Story) -> None:
    """The stream delivers a batch of results twice, and the second time all of their chunks are done."""
    records = [
        {"dynamodb": {"SequenceNumber": str(n), "Keys": {"pk": {"S": chunk_pk(id_, 0)}, "sk": {"S": "IMAGE#0000000"}}}}
        for n, id_ in enumerate(story.placed)
    ]
    answer = story.stack.stack.client("lambda").invoke(
        FunctionName=f"{STACK}-tally", Payload=json.dumps({"Records": records}).encode()
    )
    assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}


def fetched(url: str) -> bytes:
    """A picture as its visitors get it: no key, and the redirects followed."""
    answer = requests.get(url, timeout=TIMEOUT)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    return answer.content


# --- what has to hold ------------------------------------------------------------------------------------------------


def test_every_request_completes_and_counts_every_image_once(story: Story) -> None:
    wrong = {id_: each.order.wrong_counts(story.status(id_)) for id_, each in story.placed.items()}
    assert wrong == {id_: [] for id_ in story.placed}


def test_every_url_of_every_output_csv_has_the_picture_that_was_made_of_it(story: Story) -> None:
    wrong = {}
    for id_, each in story.placed.items():
        rows, bytes_out = story.owners[each.owner].rows(id_), story.status(id_)["bytes_out"]
        wrong[id_] = each.order.wrong_rows(rows, bytes_out, fetched)
    assert wrong == {id_: [] for id_ in story.placed}


def test_every_event_comes_to_its_owners_endpoint_under_one_id(story: Story) -> None:
    ids = ids_sent(story.receiver.all())
    assert {sent: len(each) for sent, each in ids.items()} == dict.fromkeys(expected(story), 1)
    assert len(set.union(*ids.values())) == len(ids), "no two of them share an id"


def expected(story: Story) -> set[Sent]:
    events = ("processing.started", "processing.completed")
    return {(id_, event, ENDPOINTS[each.owner]) for id_, each in story.placed.items() for event in events}


def test_a_csv_that_s3_tells_of_again_and_again_is_one_request(story: Story) -> None:
    for name, caller in story.owners.items():
        listed = {request["request_id"] for request in caller.get("/requests")["requests"]}
        assert listed == {id_ for id_, each in story.placed.items() if each.owner == name}


def test_nothing_is_left_in_a_queue_and_nothing_was_buried(story: Story) -> None:
    assert left_over(story.stack) == {}
    assert errors_of_recover(story.stack) == []


def errors_of_recover(stack: LocalStack) -> list[str]:
    """A message that died is an error in the log of recover, which takes it out of its DLQ."""
    logs = stack.stack.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/imagepress-recover")
    lines = [event["message"] for page in pages for event in page["events"]]
    assert lines, "the log of recover is empty: this test sees nothing"
    return [line for line in lines if '"level":"ERROR"' in line.replace(" ", "")]


def test_the_faults_were_there(story: Story) -> None:
    """Or else the tests above show nothing."""
    attempts = story.shop.attempts
    failing = {*FLAKY, *SLOW, VICTIM}.difference(GATES)  # a gate fails nobody; it may be come to after the restart
    once = {n: attempts[n] for n in failing if attempts[n] < 2}
    assert once == {}, f"each of them was asked for again, not once as these: {once}"
    done = [count for count, total in story.done_at_restart.values() if 0 < count < total]
    assert len(done) >= len(GATES), f"the engine stopped in the middle: {story.done_at_restart}"
    assert len(story.receiver.all()) > len(expected(story)), "webhooks that were refused came again"
