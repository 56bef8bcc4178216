"""Runs ingest over a CSV that is made as it is read, with a world that keeps nothing but counts: `… [ROWS]`.

Prints the number of plan parts, chunks and messages, and the peak memory in MB.
"""

import resource
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from functions.adapters.workbook.sheets import Workbooks
from functions.core.catalogue.plan import PlanPart
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.messages import CompressTask
from functions.core.model import Chunk, Request, Source
from functions.core.options import Options
from functions.core.settling import Settler
from functions.ingest.beginning import Beginning
from functions.ingest.earlier import EarlierRequests
from functions.ingest.feed import FetchFeed
from functions.ingest.planning import PlanWriter
from functions.ingest.service import Ingest

ROWS = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
BLOCK = 1_000  # rows
REQUEST = Request("id", "acme", Source.S3, "big.csv", "1", Options(), 0.0, 0.0, 0)


def main() -> None:
    world = World()
    writer = PlanWriter(world, world, world, world, lambda: 0.0, 300.0)
    settler = Settler(world, world, world, lambda: 0.0, 300)  # type: ignore[arg-type]  # nothing is settled here
    earlier = EarlierRequests(world, world, world, lambda: 0.0, 0)
    beginning = Beginning(world, world, earlier, lambda: 0.0, 0)
    ingest = Ingest(
        requests=world,
        plans=world,
        uploads=world,
        feed=FetchFeed(lambda: world, world, world, lambda: 0.0),
        sheets=world,
        workbooks=Workbooks(60),
        beginning=beginning,
        earlier=earlier,
        writer=writer,
        ingest=world,
        finalize=world,
        notify=world,
        settler=settler,
        clock=lambda: 0.0,
    )
    ingest.run("id", lambda: 900.0)
    sys.stdout.write(f"{world.parts} {world.chunks} {world.messages} {peak_megabytes()}\n")


class World:
    """Everything that ingest talks to."""

    def __init__(self) -> None:
        self.parts = self.chunks = self.messages = 0
        self.found: SurveyRecord | None = None
        self.lock = threading.Lock()

    def fetch(self, *arguments: Any) -> Any:
        raise NotImplementedError

    def put(self, *arguments: Any) -> str:
        raise NotImplementedError

    def store_sheet(self, *arguments: Any) -> None:
        raise NotImplementedError

    def open_sheet(self, *arguments: Any) -> Iterator[bytes]:
        raise NotImplementedError

    def head(self, key: str, version_id: str = "") -> Any:
        raise NotImplementedError

    def stream(self, key: str, version_id: str = "", offset: int = 0) -> Iterator[bytes]:
        for block in blocks():
            if offset < len(block):
                yield block[offset:]
            offset = max(0, offset - len(block))

    def find(self, request_id: str) -> Request:
        return REQUEST

    def newest(self, owner: str, limit: int) -> list[Request]:
        raise NotImplementedError

    def claim_upload(self, *arguments: Any) -> bool:
        raise NotImplementedError

    def start(self, request_id: str, **counts: Any) -> bool:
        return True

    def checkpoint(self, *arguments: Any) -> bool:
        return True

    def finish_plan(self, *arguments: Any) -> bool:
        return True

    def survey(self, request_id: str) -> SurveyRecord | None:
        return self.found

    def store_survey(self, request_id: str, survey: SurveyRecord) -> SurveyRecord:
        self.found = survey
        return survey

    def store(self, request_id: str, part: PlanPart) -> PlanPart:
        part.to_bytes()
        self.parts += 1
        return part

    def part(self, request_id: str, number: int) -> PlanPart:
        raise NotImplementedError

    def copy(self, source_id: str, request_id: str, number: int) -> PlanPart:
        raise NotImplementedError

    def create(self, record: Chunk | Request, _when: float) -> bool:
        self.chunks += 1
        return True

    def record(self, *arguments: Any) -> bool:
        raise NotImplementedError

    def results(self, request_id: str, chunk: int) -> list[Any]:
        return []

    def results_of(self, request_id: str, images: Any) -> list[Any]:
        raise NotImplementedError

    def send(self, task: Any) -> None:
        """Verdicts, events and continuations are not what is measured."""

    def send_all(self, tasks: Iterable[CompressTask]) -> None:
        sent = sum(1 for task in tasks if task.to_body())
        with self.lock:  # chunks are sent by several threads
            self.messages += sent


def blocks() -> Iterator[bytes]:
    yield b"S. No.,Product Name,Description,Input Image Urls\r\n"
    for first in range(0, ROWS, BLOCK):
        yield "".join(
            f"{n},Product {n},A description that makes it more than 100 MB,https://cdn.example.com/p/{n}/main.jpg\r\n"
            for n in range(first, min(first + BLOCK, ROWS))
        ).encode()


def peak_megabytes() -> int:
    """Of this process alone; Linux's getrusage also counts what its parent had when it forked."""
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) >> 10


if __name__ == "__main__":
    main()
