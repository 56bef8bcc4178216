"""Counting, exactly: progress is derived from the results that are there, never incremented by events.

The expected set of a chunk is fixed, results only ever appear, the look is consistent, and the flip to DONE is one
conditional transaction with the sums; so repeats, reordering and lost stream records change nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from functions.core.messages import FinalizeTask
from functions.core.model import Chunk, Settlement
from functions.core.ports import RequestFinder, Sender
from functions.core.reports import Report, RequestCounted, unreported


class Chunks(Protocol):
    """The chunk records."""

    def look(self, request_id: str, number: int) -> tuple[Chunk, Settlement] | None: ...
    def show_progress(self, chunk: Chunk, seen: int) -> None: ...
    def close(self, chunk: Chunk, sums: Settlement, now: float, due_at: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class Settler:
    """Settles chunks and evaluates completion; tally, ingest and recover share it.

    Recover looks at a request once none of its chunks was closed for `patience` seconds.
    """

    chunks: Chunks
    requests: RequestFinder
    finalize: Sender[FinalizeTask]
    clock: Callable[[], float]
    patience: float
    report: Report = unreported

    def count(self, request_id: str, number: int) -> bool:
        """Count a chunk if all its results are there; else show its progress. Returns whether all are there.

        The caller evaluates completion afterwards.
        """
        found = self.chunks.look(request_id, number)
        if found is None:
            return False
        chunk, sums = found
        if not chunk.is_done and sums.seen == chunk.size:
            now = self.clock()
            self.chunks.close(chunk, sums, now, now + self.patience)
        elif not chunk.is_done and sums.seen != chunk.settled:
            self.chunks.show_progress(chunk, sums.seen)
        return sums.seen == chunk.size

    def evaluate(self, request_id: str) -> bool:
        """Queue the finalisation of a request whose chunks are all DONE, however often that was seen before."""
        request = self.requests.find(request_id)
        if request is None or not request.is_counted:
            return False
        self.finalize.send(FinalizeTask(request_id))
        self.report(RequestCounted(request_id))
        return True
