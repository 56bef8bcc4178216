"""Batches that come again although they were done, and large requests that must not hold up small ones."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from functions.compress.worker import Budget, Delivered
from functions.core.model import RequestStatus
from functions.core.network.fetched import Fetched
from tests.fakes import KilledError, with_steps
from tests.faults.simulator.inputs import ALL_WELL, HEAD, ONE_KILLS, upload
from tests.faults.simulator.origins import settle
from tests.faults.simulator.row import Row
from tests.faults.simulator.world import MEMORY, SimOrigins

# --- whole batches again ---------------------------------------------------------------------------------------------


class Changing(SimOrigins):
    """Origins of which each image is another one, and larger, each time after the first."""

    def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched:
        fetched = super().fetch(url, reserve)
        return Fetched(fetched.content * self.fetched.count(url))


def dies() -> list[str]:
    raise KilledError


def names_a_bad_id() -> list[str]:
    return ["a message of nobody's"]


@pytest.mark.parametrize("end", [dies, names_a_bad_id])
@pytest.mark.parametrize("times", [1, 2, 4])
def test_a_batch_that_comes_again_whole_ends_as_it_first_did(
    monkeypatch: pytest.MonkeyPatch, end: Callable[[], list[str]], times: int
) -> None:
    """Each image has its first result, in the counts and in the CSV, although its origin has another one by now."""
    row = Row(lines=ALL_WELL)
    row.world.origins = Changing()
    ingested(row)
    queue, now = row.world.queues["compress"], row.world.clock.now
    batch, work = queue.visible(now), row.world.compress

    def half_of_it(_batch: list[Delivered]) -> list[str]:
        work(_batch[:2])
        return end()

    with monkeypatch.context() as failing:
        failing.setattr(row.world, "compress", half_of_it)
        for _ in range(times):
            assert all(queue.receive(message, now) for message in batch)
            assert row.schedule._invoke("compress", batch) == [message.message_id for message in batch]
    row.settle()
    request = row.world.request(row.request_id)
    assert (request.status, request.processed_images) == (RequestStatus.COMPLETED, 3)
    assert request.bytes_in == sum(len(f"original https://ok/{n}.jpg") for n in (1, 2, 3))
    assert len(row.world.origins.fetched) > 3, "some were fetched again"


# --- whose turn it is ------------------------------------------------------------------------------------------------

MANY, FEW = 1_000, 10
BATCH = 10
SMALL_ID = "ffffffff-2222-4333-8444-555555555555"  # after the other one's, where messages of a group are in order


def a_product(name: str, images: int) -> str:
    return f'{name},"{",".join(f"https://ok/{name}-{n}.jpg" for n in range(images))}"'


def ingested(row: Row) -> None:
    while messages := row.world.queues["ingest"].messages:
        assert row.world.invoke("ingest", lambda: row.world.consume("ingest", messages[0].body, 1, "1"))
        row.world.queues["ingest"].delete(messages[0])


def compress_next(row: Row) -> None:
    """The next batch as a fair queue gives it out, and what follows from it."""
    world, queue, now = row.world, row.world.queues["compress"], row.world.clock.now
    batch = [message for message in queue.fair(now, BATCH) if queue.receive(message, now)]
    delivered = [world.delivered("compress", each.body, each.receives, each.message_id) for each in batch]
    world.invoke("compress", lambda: world.compress(delivered))
    for message in batch:
        queue.delete(message)
    world.invoke("tally", lambda: world.tally(list(enumerate(world.stream))))


def test_a_small_request_ends_soon_although_a_large_one_came_first() -> None:
    row = Row(lines=(HEAD, *(a_product(f"P{n}", 100) for n in range(MANY // 100))))
    ingested(row)
    upload(row.world, (HEAD, a_product("Q", FEW)), request_id=SMALL_ID)
    ingested(row)
    assert len(row.world.queues["compress"].messages) == MANY + FEW
    for _ in range(2 * FEW // BATCH):
        compress_next(row)
    for message in row.world.queues["finalize"].messages:
        row.world.consume("finalize", message.body, 1, "1")
    assert row.world.request(SMALL_ID).status is RequestStatus.COMPLETED
    assert row.world.request(row.request_id).status is RequestStatus.PROCESSING
    assert len(row.world.queues["compress"].messages) == MANY - FEW


def test_every_message_of_a_request_is_of_its_group_whoever_sends_it() -> None:
    sent: list[tuple[str, str, str, str]] = []

    def note(call: str, arguments: Mapping[str, Any]) -> None:
        """Who sent a message, where to, about what, and in which group."""
        if call.startswith("send_message"):
            for entry in arguments.get("Entries", [arguments]):
                body = json.loads(entry["MessageBody"])
                place = row.world.faults.function, arguments["QueueUrl"]
                sent.append((*place, body["request_id"], entry.get("MessageGroupId", "none")))

    row = Row(lines=ONE_KILLS)
    row.world.sqs.wrote = note
    ingested(row)
    row.world.time_left = 10.0
    compress_next(row)  # copies, for which there may be time later
    row.world.time_left = 900.0
    row.world.queues["compress"].messages.clear()  # lost, and sent again by recover
    settle(row)
    assert {(by, to) for by, to, _, _ in sent} >= {
        ("ingest", "compress"),
        ("compress", "compress"),
        ("recover", "compress"),
        ("compress", "alone"),
    }
    assert [(request_id, group) for _, _, request_id, group in sent if group != request_id] == []


def test_an_image_for_which_all_memory_is_needed_stays_in_the_group_of_its_request() -> None:
    row = Row(lines=ALL_WELL)
    row.world.worker = with_steps(row.world.worker, memory_needed=lambda _source, _options: MEMORY, decoded=Budget(1))
    ingested(row)
    compress_next(row)
    assert [message.group for message in row.world.queues["alone"].messages] == [row.request_id] * 3
    row.settle()
