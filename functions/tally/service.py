"""Counts each chunk that a batch of new results touched, and sees which requests are complete."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from functions.core.errors import StorageError
from functions.core.settling import Settler


@dataclass(frozen=True, slots=True)
class NewResult:
    """A result as the stream tells of it: its place in the stream, and its chunk."""

    sequence_number: str
    request_id: str
    chunk: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts what came through the stream; the order and number of the records do not matter."""

    settler: Settler
    log: Callable[[str, Exception], None]

    def run(self, results: Sequence[NewResult]) -> str | None:
        """The sequence number from which the stream must deliver again; None when all is counted."""
        touched: dict[tuple[str, int], str] = {}
        for result in results:
            touched.setdefault((result.request_id, result.chunk), result.sequence_number)
        failed: dict[str, str] = {}
        for (request_id, chunk), sequence_number in touched.items():
            if not self._is_done(lambda: self.settler.count(request_id, chunk)):  # noqa: B023 - called at once
                failed.setdefault(request_id, sequence_number)
        for request_id in {request_id for request_id, _ in touched}:
            if not self._is_done(lambda: self.settler.evaluate(request_id)):  # noqa: B023 - called at once
                failed.setdefault(request_id, _first(touched, request_id))
        return min(failed.values(), key=int, default=None)

    def _is_done(self, step: Callable[[], object]) -> bool:
        try:
            step()
        except StorageError as error:
            self.log("a chunk could not be settled now", error)
            return False
        return True


def _first(touched: dict[tuple[str, int], str], request_id: str) -> str:
    return min((number for (id_, _), number in touched.items() if id_ == request_id), key=int)
