"""Writes the plan of a request part by part, with its chunks and one message an image.

The order of writes makes it safe to stop anywhere and run again: the plan part (the first writer wins), its chunks
(never reset), the results that are adopted, the messages of the others, the checkpoint; `chunks_total` last.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from functions.core.catalogue import Cursor, PlannedChunk, PlannedImage, PlanPart
from functions.core.messages import CompressTask
from functions.core.model import Chunk, Request
from functions.ingest.earlier import Earlier
from functions.ingest.plan_parts import PlanParts
from functions.ingest.ports import Chunks, CompressQueue, Plans, Requests

TIME_RESERVE = 90  # seconds kept for one more part: 25 chunks, and 500 batches of messages or 5,000 results to adopt
WRITERS = 8  # threads that write chunks and send messages

TimeLeft = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run came. `end` is the end of the whole plan. If neither is set, the request has ended."""

    end: Cursor | None = None
    is_cut_short: bool = False


@dataclass(frozen=True, slots=True)
class PlanWriter:
    """`patience` is how long recover waits, in seconds, before it looks after an ingest that went silent."""

    requests: Requests
    chunks: Chunks
    plans: Plans
    compress: CompressQueue
    clock: Callable[[], float]
    patience: float

    def write(self, request: Request, parts: PlanParts, earlier: Earlier, time_left: TimeLeft) -> Progress:
        """Take parts from the checkpoint on, until the last one, the end of the request, or until time runs short."""
        last = self._checkpoint(request)
        while last is None or not last.is_last:
            if time_left() < TIME_RESERVE:
                return Progress(is_cut_short=True)
            last = parts.store(last.number + 1 if last else 0)
            self._send(request, last, earlier)
            now = self.clock()
            if not self.requests.checkpoint(request.request_id, last.number + 1, now + self.patience, now):
                return Progress()
        return Progress(last.end)

    def finish(self, request: Request, end: Cursor) -> None:
        """Say how many chunks there are: from here on the request can be complete."""
        now = self.clock()
        self.requests.finish_plan(request.request_id, end.chunk, end.n, now + self.patience, now)

    def _checkpoint(self, request: Request) -> PlanPart | None:
        """The last part that an earlier run was done with."""
        return self.plans.part(request.request_id, request.parts_planned - 1) if request.parts_planned else None

    def _send(self, request: Request, part: PlanPart, earlier: Earlier) -> None:
        with ThreadPoolExecutor(WRITERS) as writers:
            list(writers.map(lambda chunk: self._send_chunk(request, part.number, chunk, earlier), part.chunks()))

    def _send_chunk(self, request: Request, part: int, planned: PlannedChunk, earlier: Earlier) -> None:
        """Create the chunk, adopt what is known of its images, send the others."""
        missing = self._missing(request, part, planned)
        adopted = earlier.results(missing)
        for result in adopted:
            self.chunks.record(request.request_id, planned.number, result, request.expires_at)
        ended = {result.n for result in adopted}
        left = [image for image in missing if image.n not in ended]
        priors = earlier.priors(left)
        self.compress.send_all(
            CompressTask(request.request_id, image.chunk, image.n, image.url, request.options, priors.get(image.n))
            for image in left
        )

    def _missing(self, request: Request, part: int, planned: PlannedChunk) -> Sequence[PlannedImage]:
        """The images of a new chunk; of one that an earlier run made, those without a result."""
        first_n, size = planned.images[0].n, len(planned.images)
        chunk = Chunk(request.request_id, planned.number, part, first_n, size, sent_at=int(self.clock()))
        if self.chunks.create(chunk, request.expires_at):
            return planned.images
        ended = {result.n for result in self.chunks.results(request.request_id, planned.number)}
        return [image for image in planned.images if image.n not in ended]
