"""Replicas that lag as far behind as they may: nothing waits for them, and whoever is told of something finds it."""

import pytest

from functions.adapters.table.chunks import ChunkTable
from functions.core.catalogue.plan import PlannedImage
from functions.core.model import Chunk, RequestStatus, Result
from functions.finalize.drop_copy import output_key
from tests.fakes import NOW, REQUEST_ID, a_request
from tests.faults.simulator.faults import Faults, Kind, Scripted
from tests.faults.simulator.inputs import ALL_WELL, SOME_FAIL, TWO_PARTS, drop, listen
from tests.faults.simulator.invariants import of_the_world, violations
from tests.faults.simulator.rounds import undisturbed
from tests.faults.simulator.schedule import Schedule
from tests.faults.simulator.world import PATIENCE, RESULTS, World

IMAGE = PlannedImage(0, 0, "https://ok/1.jpg")


@pytest.fixture
def world() -> World:
    return World(Faults(1, always_lags=True))


@pytest.mark.parametrize("lines", [ALL_WELL, TWO_PARTS])
def test_a_request_completes_without_a_sweep_however_far_replicas_are_behind(
    world: World, lines: tuple[str, ...]
) -> None:
    listen(world)
    request_id = drop(world, lines)
    Schedule(world, 1).run_without_sweep()
    assert world.request(request_id).status is RequestStatus.COMPLETED
    assert world.s3.content(RESULTS, output_key(request_id))
    Schedule(world, 1).run()
    assert [*of_the_world(world), *violations(world, request_id, undisturbed(lines), listens=True)] == []


def test_what_was_written_is_found_at_once_where_many_records_are_read(world: World) -> None:
    chunks = ChunkTable(world.table)
    world.dynamodb.begin()
    chunks.create(Chunk(REQUEST_ID, 0, 0, 0, 1, int(NOW)), 1)
    chunks.record(REQUEST_ID, 0, Result(0, IMAGE.url, key="k"), 1)
    assert len(chunks.find(REQUEST_ID, [0])) == 1
    assert len(chunks.results_of(REQUEST_ID, [IMAGE])) == 1


def test_an_index_that_is_behind_shows_a_request_later(world: World) -> None:
    world.dynamodb.begin()
    world.requests.create(a_request(), NOW)
    assert not list(world.requests.due(NOW + PATIENCE))
    for _ in range(10):
        world.dynamodb.begin()
    assert list(world.requests.due(NOW + PATIENCE))


def test_a_finalisation_whose_message_is_lost_is_taken_up_by_the_sweep_wherever_it_died() -> None:
    for nth in range(1, 10):
        world = World(Faults(1, script=[Scripted(Kind.KILLED, "finalize", nth=nth)]))
        listen(world)
        request_id = drop(world, SOME_FAIL)
        schedule = Schedule(world, 1)
        while schedule.step() and not world.faults.counts[Kind.KILLED]:
            pass
        world.queues["finalize"].messages.clear()
        schedule.run()
        assert [*of_the_world(world), *violations(world, request_id, undisturbed(SOME_FAIL), listens=True)] == []
        if not world.faults.counts[Kind.KILLED]:
            break
    assert nth > 3
