"""A stream record at which tally dies each time: the shard goes on without it, and recover counts what it stood for."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from functions.adapters.table.chunks import ChunkTable
from functions.core.catalogue import plan
from functions.core.errors import StorageError
from functions.core.model import Chunk, RequestStatus, Settlement
from tests.fakes import KilledError
from tests.faults.simulator.inputs import ALL_WELL, drop
from tests.faults.simulator.row import Row
from tests.faults.simulator.world import DEADLINE, World

SETTLED_ELSEWHERE = "tally"  # the function that cannot do it


@dataclass(frozen=True)
class Poisoned:
    """The chunks, one of which tally cannot look at."""

    world: World
    poison: tuple[str, int]
    error: Callable[[], BaseException]

    @property
    def chunks(self) -> ChunkTable:
        return self.world.chunks

    def look(self, request_id: str, number: int) -> tuple[Chunk, Settlement] | None:
        if (request_id, number) == self.poison and self.world.faults.function == SETTLED_ELSEWHERE:
            raise self.error()
        return self.chunks.look(request_id, number)

    def show_progress(self, chunk: Chunk, seen: int) -> None:
        self.chunks.show_progress(chunk, seen)

    def close(self, chunk: Chunk, sums: Settlement, now: float, due_at: float) -> bool:
        return self.chunks.close(chunk, sums, now, due_at)


@pytest.mark.parametrize("error", [KilledError, StorageError], ids=["tally dies", "tally says so"])
@pytest.mark.parametrize("seed", range(3))
def test_a_record_that_tally_dies_of_is_isolated_and_its_chunk_repaired(
    monkeypatch: pytest.MonkeyPatch, error: Callable[[], BaseException], seed: int
) -> None:
    monkeypatch.setattr(plan, "MAX_PART_ROWS", 1)  # so that a chunk has few images, and a request some chunks
    row = Row(lines=ALL_WELL, seed=seed)
    neighbour = drop(row.world, ALL_WELL)
    row.world.settler = replace(row.world.settler, chunks=Poisoned(row.world, (row.request_id, 0), error))

    row.schedule.run_without_sweep()
    poisoned, other = row.world.request(row.request_id), row.world.request(neighbour)
    assert row.schedule.read == len(row.world.stream), "the shard moved on"
    assert (poisoned.status, poisoned.chunks_done) == (RequestStatus.PROCESSING, 1), "all but its chunk is counted"
    assert other.status is RequestStatus.COMPLETED

    row.settle()
    repaired = row.world.request(row.request_id)
    assert repaired.status is RequestStatus.COMPLETED
    assert (repaired.ended_at or DEADLINE) - repaired.created_at < DEADLINE, "it was counted, not given up in the end"
    assert row.world.queues["tally_dlq"].messages == []
