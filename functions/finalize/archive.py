"""Writes all pictures of a request into a ZIP, with the output CSV beside them; a few pictures in memory at a time."""

import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Protocol, cast

from functions.core.catalogue import (
    ARCHIVE_PICTURES,
    ArchiveName,
    PlanReader,
    ResultReader,
    archive_names,
    write_csv,
)
from functions.core.csv import Layout
from functions.core.errors import NotFoundError
from functions.core.messages import ExportTask
from functions.core.model import Request
from functions.core.ports import RequestFinder
from functions.finalize.rows import output_rows

READERS = 4  # pictures that are read at a time, of up to 25 MiB each
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP knows: the same pictures give the same bytes
CSV_NAME = "products.csv"
ZIP_TYPE = "application/zip"


class Objects(Protocol):
    """The bucket of results. `get` raises NotFoundError."""

    def get(self, key: str) -> bytes: ...
    def put_stream(self, key: str, chunks: Iterable[bytes], media_type: str) -> None: ...


class Exports(Protocol):
    """What is known of files that were asked for."""

    def finish(self, owner: str, export_id: str, now: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class WriteArchive:
    """`image_url` makes the URL of a picture from its object key, for those that another part holds."""

    requests: RequestFinder
    plans: PlanReader
    results: ResultReader
    objects: Objects
    exports: Exports
    image_url: Callable[[str], str]
    clock: Callable[[], float]

    def run(self, task: ExportTask) -> None:
        """Write the ZIP, then say that it is there."""
        request = self.requests.find(task.request_id or "")
        if request is not None and request.owner == task.owner and request.expires_at > self.clock():
            self.objects.put_stream(task.key, self._blocks(request, task.archive_part or 1), ZIP_TYPE)
        self.exports.finish(task.owner, task.export_id, self.clock())

    def _blocks(self, request: Request, part: int) -> Iterator[bytes]:
        found = self.plans.survey(request.request_id)
        if found is None or found.layout is None:
            raise LookupError(f"request {request.request_id} has a plan but no survey")
        paths = dict(self._paths(request, found.layout, part))
        sink = _Sink()
        # zipfile asks a file that it only writes to for `write` and `flush`; its types ask for more
        with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for path, content in self._pictures(paths):
                archive.writestr(zipfile.ZipInfo(path, EPOCH), content)
                yield sink.taken()
            rows = output_rows(request, self.plans, self.results, lambda key: paths.get(key) or self.image_url(key))
            with archive.open(zipfile.ZipInfo(CSV_NAME, EPOCH), "w", force_zip64=True) as entry:
                for block in write_csv(found.layout, request.options.csv, rows, bool(request.failed_images)):
                    entry.write(block)
                    yield sink.taken()
        yield sink.taken()

    def _paths(self, request: Request, layout: Layout, part: int) -> Iterator[tuple[str, str]]:
        """Object key and path of each picture of this part of the archive."""
        first = (part - 1) * ARCHIVE_PICTURES
        for number in range(request.parts_planned):
            planned = self.plans.part(request.request_id, number)
            if planned.end.n <= first or planned.start.n >= first + ARCHIVE_PICTURES:
                continue
            names: dict[int, ArchiveName] = {name.n: name for name in archive_names(planned, layout)}
            for chunk in planned.chunks():
                for result in self.results.results(request.request_id, chunk.number):
                    if result.key and first <= result.n < first + ARCHIVE_PICTURES:
                        yield result.key, names[result.n].path(result.key)

    def _pictures(self, paths: dict[str, str]) -> Iterator[tuple[str, bytes]]:
        """The pictures in order, read ahead; one that has expired is left out."""
        with ThreadPoolExecutor(READERS) as readers:
            reading: deque[tuple[str, Future[bytes | None]]] = deque()
            for key, path in paths.items():
                reading.append((path, readers.submit(self._picture, key)))
                if len(reading) >= READERS:
                    yield from self._next(reading)
            while reading:
                yield from self._next(reading)

    @staticmethod
    def _next(reading: deque[tuple[str, Future[bytes | None]]]) -> Iterator[tuple[str, bytes]]:
        path, future = reading.popleft()
        content = future.result()
        if content is not None:
            yield path, content

    def _picture(self, key: str) -> bytes | None:
        try:
            return self.objects.get(key)
        except NotFoundError:
            return None


class _Sink:
    """What zipfile writes to: a file that cannot be sought, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, block: bytes) -> int:
        self._blocks.append(bytes(block))
        return len(block)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        blocks, self._blocks = self._blocks, []
        return b"".join(blocks)
