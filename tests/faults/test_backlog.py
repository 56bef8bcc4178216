"""A million images that wait for hours are no loss: recover looks on, and sends nothing."""

import pytest

from functions.core.messages import CompressTask
from functions.core.model import CHUNK_SIZE, Chunk, RequestStatus, Result
from functions.core.options import Options
from tests.fakes import REQUEST_ID, a_request
from tests.faults.simulator.clients import Message
from tests.faults.simulator.faults import Faults
from tests.faults.simulator.world import PATIENCE, World

IMAGES = 1_000_000
CHUNKS = IMAGES // CHUNK_SIZE
LOOKS = int(3 * 3_600 / PATIENCE)


def backlog(chunks: int) -> World:
    """All images of a request are planned, and wait for a worker among a million."""
    world = World(Faults(0))
    now = world.clock.now
    request = a_request(status=RequestStatus.PROCESSING, chunks_total=chunks, total_images=chunks * CHUNK_SIZE)
    world.onlooker.create(request, now + PATIENCE)
    for number in range(chunks):
        chunk = Chunk(REQUEST_ID, number, number // 25, number * CHUNK_SIZE, CHUNK_SIZE, int(now))
        world.chunks.create(chunk, request.expires_at)
    message = Message(CompressTask(REQUEST_ID, 0, 0, "https://ok/1.jpg", Options()).to_body(), now, "waiting")
    world.queues["compress"].messages = [message] * IMAGES
    return world


def sweep(world: World, seconds: float = PATIENCE) -> None:
    world.clock.now += seconds
    assert world.invoke("recover", lambda: world.sweep.run(lambda: 900.0))


def sent(world: World) -> dict[str, int]:
    """How many messages are in queues that were empty."""
    return {name: len(queue.messages) for name, queue in world.queues.items() if queue.messages and name != "compress"}


@pytest.mark.parametrize(("chunks", "looks"), [(CHUNKS, 2), (10, LOOKS)])
def test_a_backlog_of_a_million_images_for_hours_has_recover_send_nothing(chunks: int, looks: int) -> None:
    world = backlog(chunks)
    for _ in range(looks):
        sweep(world, seconds=LOOKS / looks * PATIENCE)
    assert len(world.queues["compress"].messages) == IMAGES
    assert sent(world) == {}


def test_a_queue_that_is_empty_now_and_then_has_lost_nothing() -> None:
    world = backlog(10)
    waiting = world.queues["compress"].messages
    for look in range(10):
        world.queues["compress"].messages = [] if look % 2 else list(waiting)
        sweep(world)
    assert world.queues["compress"].messages == []
    assert sent(world) == {}


def test_a_request_whose_chunks_are_closed_one_after_another_is_not_looked_at() -> None:
    world = backlog(10)
    for number in range(10):
        world.clock.now += PATIENCE - 1
        for n in range(number * CHUNK_SIZE, (number + 1) * CHUNK_SIZE):
            world.chunks.record(REQUEST_ID, number, Result(n, f"https://ok/{n}.jpg", key="k"), 1)
        world.settler.count(REQUEST_ID, number)
        assert list(world.onlooker.due(world.clock.now)) == []
    assert [record["due_at"] for record in world.onlooker.due(world.clock.now + PATIENCE)]
