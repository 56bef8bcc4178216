"""The output CSV of a drop once more, where its owner looks for it: on the path of the drop, packed if the drop was."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from functions.core.model import Request, Source
from functions.core.ports import RequestFinder
from functions.core.uploads import Paths, outgoing_key, write_newest

CSV_TYPE = "text/csv; charset=utf-8"
GZIP_TYPE = "application/gzip"
GZIP_HEADER = 31  # zlib's wbits for gzip: without a name, and with no time (mtime 0), so the same bytes give the same


class Objects(Protocol):
    """Reads and writes in blocks, so that a large CSV is never in memory."""

    def exists(self, key: str) -> bool: ...
    def stream(self, key: str) -> Iterator[bytes]: ...
    def put_stream(self, key: str, chunks: Iterable[bytes], media_type: str) -> None: ...


@dataclass(frozen=True, slots=True)
class DropCopies:
    """Copies the output CSVs of drops; those of other requests are not looked for in the bucket."""

    requests: RequestFinder
    objects: Objects
    paths: Paths

    def publish(self, request: Request) -> None:
        """See to it that the CSV of the newest version that has ended is on the path of the request, which has."""
        if request.source is Source.S3:
            write_newest(self.paths, request, self._copy)

    def _copy(self, request_id: str) -> None:
        """A version that has no CSV leaves that of the one before; one that has expired is nobody's any more."""
        request, csv_key = self.requests.find(request_id), output_key(request_id)
        if request is not None and request.has_csv and self.objects.exists(csv_key):
            copy_to_outgoing(self.objects, csv_key, request.object_key)


def output_key(request_id: str) -> str:
    """Where the output CSV of any request is."""
    return f"results/{request_id}.csv"


def copy_to_outgoing(objects: Objects, csv_key: str, dropped_key: str) -> None:
    """Copy the output CSV `csv_key` of what was dropped as `dropped_key`, a few blocks in memory at a time."""
    key, blocks = outgoing_key(dropped_key), objects.stream(csv_key)
    if key.lower().endswith(".gz"):
        objects.put_stream(key, gzipped(blocks), GZIP_TYPE)
    else:
        objects.put_stream(key, blocks, CSV_TYPE)


def gzipped(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks as a gzip file, block by block: the same blocks give the same bytes."""
    packer = zlib.compressobj(wbits=GZIP_HEADER)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()
