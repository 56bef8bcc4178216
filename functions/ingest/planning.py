"""Writes the plan of a request part by part, with its chunks and one message an image.

The order of writes makes it safe to stop anywhere and run again: the plan part (the first writer wins), its chunks
(never reset), their messages, the checkpoint; `chunks_total` last.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from functions.core.messages import CompressTask
from functions.core.model import Chunk, Request
from functions.core.plan import Cursor, PlannedChunk, PlannedImage, PlanPart, SeenUrls, next_part
from functions.core.product_csv import Layout, Source, read_rows
from functions.ingest.ports import Chunks, CompressQueue, Plans, Requests

TIME_RESERVE = 90  # seconds kept for one more part: 25 chunks and 500 batches of messages
WRITERS = 8  # threads that write chunks and send messages

TimeLeft = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run came. Neither cut short nor complete: the request ended meanwhile."""

    cursor: Cursor
    is_complete: bool = False
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

    def write(self, request: Request, layout: Layout, source: Source, time_left: TimeLeft) -> Progress:
        """Plan from the checkpoint on, until the CSV ends, the request does, or time runs short."""
        seen = SeenUrls()
        progress = self._resumed(request, layout, seen)
        number = request.parts_planned
        rows = read_rows(source, layout, progress.cursor.position)
        while not progress.is_complete:
            if time_left() < TIME_RESERVE:
                return replace(progress, is_cut_short=True)
            planned = next_part(number, progress.cursor, rows, seen)
            part = self._store(request, planned, seen)
            if part is not planned:  # an earlier run wrote it, perhaps with another parser: go on where that one ended
                rows = read_rows(source, layout, part.end.position)
            self._send(request, part)
            number += 1
            progress = Progress(part.end, is_complete=part.is_last)
            now = self.clock()
            if not self.requests.checkpoint(request.request_id, number, now + self.patience, now):
                return Progress(part.end)
        return progress

    def finish(self, request: Request, cursor: Cursor) -> None:
        """Say how many chunks there are: from here on the request can be complete."""
        now = self.clock()
        self.requests.finish_plan(request.request_id, cursor.chunk, cursor.n, now + self.patience, now)

    def _resumed(self, request: Request, layout: Layout, seen: SeenUrls) -> Progress:
        """Where the checkpoint is, having filled `seen` from the parts before it."""
        progress = Progress(Cursor(layout.body))
        for number in range(request.parts_planned):
            part = self.plans.part(request.request_id, number)
            _remember(seen, part.new_images())
            progress = Progress(part.end, is_complete=part.is_last)
        return progress

    def _store(self, request: Request, planned: PlanPart, seen: SeenUrls) -> PlanPart:
        part = self.plans.store(request.request_id, planned)
        if part is not planned:
            seen.forget(planned.new_images())
            _remember(seen, part.new_images())
        return part

    def _send(self, request: Request, part: PlanPart) -> None:
        with ThreadPoolExecutor(WRITERS) as writers:
            list(writers.map(lambda chunk: self._send_chunk(request, part.number, chunk), part.chunks()))

    def _send_chunk(self, request: Request, part: int, planned: PlannedChunk) -> None:
        """Create the chunk and send its images; of one that an earlier run made, those without a result."""
        first_n, size = planned.images[0].n, len(planned.images)
        chunk = Chunk(request.request_id, planned.number, part, first_n, size, sent_at=int(self.clock()))
        missing: Iterable[PlannedImage] = planned.images
        if not self.chunks.create(chunk, request.expires_at):
            ended = {result.n for result in self.chunks.results(request.request_id, planned.number)}
            missing = (image for image in planned.images if image.n not in ended)
        self.compress.send_all(
            CompressTask(request.request_id, image.chunk, image.n, image.url, request.options) for image in missing
        )


def _remember(seen: SeenUrls, images: Iterable[PlannedImage]) -> None:
    for image in images:
        seen.add(image)
