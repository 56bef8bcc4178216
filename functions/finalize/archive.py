"""Writes all pictures of a request into a ZIP, with the output CSV beside them; a few pictures in memory at a time."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import IO, Protocol, cast

from functions.core.catalogue import (
    PlanReader,
    ResultReader,
    archive_names,
    archive_path,
    pictures_a_part,
    planned_layout,
)
from functions.core.errors import NotFoundError
from functions.core.messages import ArchiveTask
from functions.core.model import Request
from functions.core.ports import RequestFinder
from functions.finalize.exporting import Exports, request_of
from functions.finalize.rows import output_csv

READERS = 4  # pictures that are read at a time, of up to 25 MiB each
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP knows: the same pictures give the same bytes
CSV_NAME = "products.csv"
ZIP_TYPE = "application/zip"


class Objects(Protocol):
    """The bucket of results. `get` raises NotFoundError."""

    def get(self, key: str) -> bytes: ...
    def put_stream(self, key: str, chunks: Iterable[bytes], media_type: str) -> None: ...


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

    def run(self, task: ArchiveTask) -> None:
        """Write the ZIP, then say that it is there. Of a request that has expired, nothing."""
        request = request_of(self.requests, task.owner, task.request_id, self.clock())
        if request is None:
            return
        self.objects.put_stream(task.key, self._blocks(request, task.part), ZIP_TYPE)
        self.exports.finish(task.owner, task.export_id, self.clock())

    def _blocks(self, request: Request, part: int) -> Iterator[bytes]:
        paths = dict(self._paths(request, part))
        sink = _Sink()
        # zipfile asks a file that it only writes to for `write` and `flush`; its types ask for more
        with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            held: dict[str, str] = {}
            for key, content in self._pictures(paths):
                held[key] = paths[key]
                archive.writestr(zipfile.ZipInfo(held[key], EPOCH), content)
                yield sink.taken()
            with archive.open(zipfile.ZipInfo(CSV_NAME, EPOCH), "w", force_zip64=True) as entry:
                for block in output_csv(
                    request, self.plans, self.results, lambda key: held.get(key) or self.image_url(key)
                ):
                    entry.write(block)
                    yield sink.taken()
        yield sink.taken()

    def _paths(self, request: Request, part: int) -> Iterator[tuple[str, str]]:
        """Object key and path of each picture of this part of the archive."""
        layout, size = planned_layout(self.plans, request.request_id), pictures_a_part(request)
        first = (part - 1) * size
        for number in range(request.parts_planned):
            planned = self.plans.part(request.request_id, number)
            if planned.end.n <= first or planned.start.n >= first + size:
                continue
            names = archive_names(planned, layout)
            for chunk in planned.chunks():
                for result in self.results.results(request.request_id, chunk.number):
                    if not result.key or not first <= result.n < first + size:
                        continue
                    for made in result.renditions:
                        yield made.key, archive_path(f"{names[result.n]} - {made.name}", made.key)
                    if not result.renditions:
                        yield result.key, archive_path(names[result.n], result.key)

    def _pictures(self, keys: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The pictures in order, READERS of them at a time; one that has expired is left out."""
        left = iter(keys)
        with ThreadPoolExecutor(READERS) as readers:
            while some := list(islice(left, READERS)):
                for key, content in zip(some, readers.map(self._picture, some), strict=True):
                    if content is not None:
                        yield key, content

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
