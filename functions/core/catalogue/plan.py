"""The plan of a request: its rows with the number of each image, cut into parts and chunks, written once.

Everybody after ingest reads plans and never the CSV: a later parser cannot renumber what an earlier one planned.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Self

from functions.core.catalogue.products import Position, Row, RowError
from functions.core.model import CHUNK_SIZE

MAX_PART_ROWS = 1_000  # a page of the status answer
MAX_PART_IMAGES = 5_000  # new ones; 25 chunks, a second of sending
MAX_PART_BYTES = 8_000_000  # of cells; what is held in memory at a time
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class PlannedImage:
    """One distinct URL: its number in order of first appearance, and the chunk that counts it."""

    n: int
    chunk: int
    url: str


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A product: its raw cells, its images by URL column (a URL that occurs twice has the same n), its errors."""

    line: int
    number: int
    cells: tuple[str, ...]
    images: tuple[tuple[PlannedImage, ...], ...]
    errors: tuple[RowError, ...]


@dataclass(frozen=True, slots=True)
class PlannedChunk:
    """The images that are counted together."""

    number: int
    images: tuple[PlannedImage, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a part begins: the next record of the CSV, image number and chunk number."""

    position: Position
    n: int = 0
    chunk: int = 0


@dataclass(frozen=True, slots=True)
class PlanPart:
    """A run of consecutive rows. Its new images are those from `start.n` to before `end.n`; chunks never span parts."""

    number: int
    start: Cursor
    end: Cursor
    rows: tuple[PlannedRow, ...]
    is_last: bool

    def new_images(self) -> list[PlannedImage]:
        """The images that occur first in this part, by n."""
        images: list[PlannedImage] = []
        for row in self.rows:
            for image in (image for column in row.images for image in column):
                if image.n == self.start.n + len(images):
                    images.append(image)
        return images

    def chunks(self) -> list[PlannedChunk]:
        """The new images, CHUNK_SIZE at a time."""
        images = self.new_images()
        return [
            PlannedChunk(images[first].chunk, tuple(images[first : first + CHUNK_SIZE]))
            for first in range(0, len(images), CHUNK_SIZE)
        ]

    def to_bytes(self) -> bytes:
        """Gzipped JSON lines, the head first; the same part gives the same bytes."""
        head = {
            "v": FORMAT_VERSION,
            "part": self.number,
            "start": _cursor_json(self.start),
            "end": _cursor_json(self.end),
            "last": self.is_last,
        }
        lines = [head, *(_row_json(row) for row in self.rows)]
        text = "\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
        return gzip.compress(text.encode("utf-8", "surrogatepass"), compresslevel=3, mtime=0)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """What `to_bytes` wrote. Raises ValueError when it is of another version."""
        text = gzip.decompress(stored).decode("utf-8", "surrogatepass")
        head, *rows = (json.loads(line) for line in text.split("\n"))
        if head["v"] != FORMAT_VERSION:
            raise ValueError(f"plan part of version {head['v']}, {FORMAT_VERSION} expected")
        start, end = _cursor(head["start"]), _cursor(head["end"])
        return cls(head["part"], start, end, tuple(_row(row) for row in rows), head["last"])


class SeenUrls:
    """Which number and chunk each URL of the request has: about 150 bytes a URL, whatever its length."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._places)

    def find(self, url: str) -> PlannedImage | None:
        """The image of this URL, if an earlier part or row has it."""
        place = self._places.get(_digest(url))
        return None if place is None else PlannedImage(place >> 32, place & 0xFFFFFFFF, url)

    def add(self, image: PlannedImage) -> None:
        """From now on the URL has this number."""
        self._places[_digest(image.url)] = image.n << 32 | image.chunk

    def add_all(self, images: Iterable[PlannedImage]) -> None:
        """As `add`, for many."""
        for image in images:
            self.add(image)

    def forget(self, images: Iterable[PlannedImage]) -> None:
        """Take back images of a part that was planned otherwise before."""
        for image in images:
            self._places.pop(_digest(image.url), None)


def next_part(number: int, start: Cursor, rows: Iterator[Row], seen: SeenUrls) -> PlanPart:
    """Plan rows up to the limits of a part, adding their images to `seen`. The last part may be empty."""
    planned: list[PlannedRow] = []
    size, n, position = 0, start.n, start.position

    def number_of(url: str) -> PlannedImage:
        nonlocal n
        image = seen.find(url)
        if image is None:
            image = PlannedImage(n, start.chunk + (n - start.n) // CHUNK_SIZE, url)
            seen.add(image)
            n += 1
        return image

    for row in rows:
        images = tuple(tuple(number_of(url) for url in column) for column in row.urls)
        planned.append(PlannedRow(row.line, row.number, row.cells, images, row.errors))
        size += sum(map(len, row.cells))
        position = row.end
        if len(planned) >= MAX_PART_ROWS or n - start.n >= MAX_PART_IMAGES or size >= MAX_PART_BYTES:
            is_last = False
            break
    else:
        is_last = True
    end = Cursor(position, n, start.chunk - (start.n - n) // CHUNK_SIZE)
    return PlanPart(number, start, end, tuple(planned), is_last)


def _digest(url: str) -> bytes:
    return blake2b(url.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _cursor_json(cursor: Cursor) -> list[int]:
    position = cursor.position
    return [position.offset, position.line, position.row, cursor.n, cursor.chunk]


def _cursor(stored: list[int]) -> Cursor:
    offset, line, row, n, chunk = stored
    return Cursor(Position(offset, line, row), n, chunk)


def _row_json(row: PlannedRow) -> list[Any]:
    images = [[[image.n, image.chunk, image.url] for image in column] for column in row.images]
    return [row.line, row.number, row.cells, images, [error.to_json() for error in row.errors]]


def _row(stored: list[Any]) -> PlannedRow:
    line, number, cells, images, errors = stored
    columns = tuple(tuple(PlannedImage(*image) for image in column) for column in images)
    return PlannedRow(line, number, tuple(cells), columns, tuple(RowError.from_json(error) for error in errors))
