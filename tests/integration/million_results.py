"""Runs finalize over a request whose plan and results are made as they are read: `python -m … [ROWS]`.

Prints the rows of the output CSV, how many chunks were queried, and the peak memory in MB.
"""

import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from functions.core.catalogue.plan import MAX_PART_ROWS, Cursor, PlannedImage, PlannedRow, PlanPart
from functions.core.catalogue.products import survey
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.csv.lines import Position
from functions.core.messages import EventTask, FinalizeTask
from functions.core.model import CHUNK_SIZE, END_EVENTS, Request, RequestStatus, Result, Source
from functions.core.options import CsvOptions, Options
from functions.finalize.service import Finalize
from tests.integration.million_rows import blocks, peak_megabytes

ROWS = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
PARTS = -(-ROWS // MAX_PART_ROWS)
CHUNKS = -(-ROWS // CHUNK_SIZE)
URL = "https://cdn.example.com/p/{n}/main.jpg"
REQUEST = Request(
    request_id="id",
    owner="acme",
    source=Source.API,
    object_key="big.csv",
    version_id="1",
    options=Options(),
    created_at=0.0,
    updated_at=0.0,
    expires_at=0,
    status=RequestStatus.PROCESSING,
    parts_planned=PARTS,
    chunks_total=CHUNKS,
    chunks_done=CHUNKS,
    total_images=ROWS,
    processed_images=ROWS,
)


class World:
    """Everything that finalize talks to."""

    def __init__(self) -> None:
        self.rows = self.queries = 0
        self.request = REQUEST
        self.lock = threading.Lock()
        self.layout = survey(_head, CsvOptions()).layout

    def find(self, request_id: str) -> Request:
        return self.request

    def end(self, request_id: str, status: RequestStatus, *_more: Any) -> bool:
        self.request = replace(self.request, status=status)
        return True

    def leave_due_index(self, request_id: str) -> bool:
        return True

    def survey(self, request_id: str) -> SurveyRecord:
        return SurveyRecord(self.layout)

    def part(self, request_id: str, number: int) -> PlanPart:
        """As it would come out of S3."""
        first, end = number * MAX_PART_ROWS, min((number + 1) * MAX_PART_ROWS, ROWS)
        rows = tuple(_row(n) for n in range(first, end))
        start = Cursor(Position(0, 0, 0), first, first // CHUNK_SIZE)
        after = Cursor(Position(0, 0, 0), end, -(-end // CHUNK_SIZE))
        return PlanPart.from_bytes(PlanPart(number, start, after, rows, number == PARTS - 1).to_bytes())

    def results(self, request_id: str, chunk: int) -> list[Result]:
        with self.lock:  # chunks are read by several threads
            self.queries += 1
        first = chunk * CHUNK_SIZE
        return [
            Result(n, URL.format(n=n), key=f"images/id/{n}-0123456789ab/main.jpg", format="jpeg")
            for n in range(first, min(first + CHUNK_SIZE, ROWS))
        ]

    def results_of(self, request_id: str, images: Iterable[PlannedImage]) -> list[Result]:
        raise NotImplementedError

    def put_stream(self, key: str, chunks: Iterable[bytes], media_type: str) -> None:
        for chunk in chunks:
            self.rows += chunk.count(b"\n")

    def publish(self, request: Request) -> None:
        """A request of the api has no drop that a copy belongs to."""

    def send(self, task: EventTask) -> None:
        assert task.event == END_EVENTS[RequestStatus.COMPLETED]


def _head(offset: int = 0) -> Iterator[bytes]:
    """A CSV of one row."""
    yield (next(blocks()) + b"1,Product,Description,https://x/1.jpg\r\n")[offset:]


def _row(n: int) -> PlannedRow:
    image = PlannedImage(n, n // CHUNK_SIZE, URL.format(n=n))
    cells = (str(n), f"Product {n}", "A description that makes it more than 100 MB", image.url)
    return PlannedRow(n + 2, n + 1, cells, ((image,),), ())


def main() -> None:
    world = World()
    outgoing: Any = world
    finalize = Finalize(
        world, world, world, world, outgoing, world, lambda key: f"https://cdn.example/{key}", lambda: 0.0
    )
    finalize.run(FinalizeTask("id"))
    assert world.request.status == RequestStatus.COMPLETED
    sys.stdout.write(f"{world.rows} {world.queries} {peak_megabytes()}\n")


if __name__ == "__main__":
    main()
