"""Asks the api where requests of so many images stand, as its callers do: `python -m … [IMAGES]`.

Every chunk of the requests is there; of plan parts and results, those of the pages that are asked for. Prints the
answers as JSON, by name: milliseconds, CPU, calls of AWS and bytes.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from functions.adapters.aws.objects import Plans
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.requests import RequestTable
from functions.api.keys import LOCAL_OWNER
from functions.api.requests.status import PageCursor
from functions.api.routes.requests import MAX_REQUESTS
from functions.core.catalogue.plan import MAX_PART_ROWS, Cursor, PlannedImage, PlanPart, SeenUrls, next_part
from functions.core.catalogue.products import Position, Row, survey
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.model import CHUNK_SIZE, Chunk, Request, RequestStatus, Result, Settlement
from functions.core.options import CsvOptions
from tests.fakes import a_request
from tests.integration.metered_api import Answer, MeteredApi, metered_api

IMAGES = 1_000_000
TIMES = 5  # a call is timed; the median counts
ALBUM = 5  # images of a product that has many: as many as a plan part of 1,000 products has room for
DONE = 0.8  # of the chunks of a request that runs
DAY = 86_400
ROW_BYTES = 200  # of an output CSV
MAX_CSV = 5_000_000  # bytes that are kept of one; every CSV over 4 MB is answered by a redirect
HEAD = b"S. No.,Product Name,Description,Input Image Urls\r\n"
RUNNING, COMPLETED, ALBUMS = (f"{n}1111111-2222-4333-8444-555555555555" for n in range(3))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A CSV of so many images, `width` of them a product."""

    images: int
    width: int = 1

    @property
    def parts(self) -> int:
        return self.images // self.width // MAX_PART_ROWS + 1

    def part(self, number: int) -> PlanPart:
        """As ingest would plan it."""
        first = number * MAX_PART_ROWS
        products = range(first, min(first + MAX_PART_ROWS, self.images // self.width))
        rows = (_row(product, range(product * self.width, (product + 1) * self.width)) for product in products)
        return next_part(number, _start(first * self.width), rows, SeenUrls())

    def repeating_part(self) -> PlanPart:
        """A page of products below all others, whose images others had before, from everywhere in the CSV."""
        images = [self.images // MAX_PART_ROWS * place for place in range(MAX_PART_ROWS)]
        seen = SeenUrls()
        seen.add_all(PlannedImage(n, n // CHUNK_SIZE, _url(n)) for n in images)
        return next_part(self.parts, _start(self.images), (_row(n, range(n, n + 1)) for n in images), seen)


class World:
    """Requests are brought to where they stand by the adapters' own steps."""

    def __init__(self, api: MeteredApi) -> None:
        self.requests, self.chunks = RequestTable(api.table), ChunkTable(api.table)
        self.results, self.plans = api.results, Plans(api.results)
        self.now = time.time()
        self.expires_at = int(self.now) + DAY

    def add(self, request_id: str, catalogue: Catalogue, parts: list[PlanPart], done: float = 1.0) -> None:
        """A request of which so much is done, with these parts of its plan and their results."""
        images, chunks = catalogue.images, -(-catalogue.images // CHUNK_SIZE)
        self.requests.create(self._request(request_id), self.now)
        self.requests.start(request_id, images=images, rows=images // catalogue.width, row_errors=0, now=self.now)
        self.requests.checkpoint(request_id, max(catalogue.parts, parts[-1].number + 1), self.now, self.now)
        for number in range(chunks):
            self._add_chunk(Chunk(request_id, number, 0, number * CHUNK_SIZE, CHUNK_SIZE, int(self.now)), done * chunks)
        self.requests.finish_plan(request_id, chunks, images, self.now, self.now)
        if done == 1:
            self.requests.end(request_id, RequestStatus.COMPLETED, None, self.now)
        self.plans.store_survey(request_id, SurveyRecord.of(survey(_csv, CsvOptions())))
        for part in parts:
            self._add_part(request_id, part)

    def add_others(self, images: int) -> None:
        """As many as fill a page of the list."""
        for n in range(MAX_REQUESTS):
            other = self._request(f"{n:08}-0000-4000-8000-000000000000")
            self.requests.create(replace(other, created_at=self.now - n, total_images=images), self.now)

    def add_csv(self, request_id: str, images: int) -> None:
        """The output CSV of a request."""
        self.results.put(f"results/{request_id}.csv", bytes(min(images * ROW_BYTES, MAX_CSV)), "text/csv")

    def _request(self, request_id: str) -> Request:
        return a_request(request_id, owner=LOCAL_OWNER, created_at=self.now, expires_at=self.expires_at)

    def _add_chunk(self, chunk: Chunk, done: float) -> None:
        self.chunks.create(chunk, self.expires_at)
        if chunk.number < done:
            sums = Settlement(chunk.size, 0, chunk.size * 300_000, chunk.size * 90_000)
            self.chunks.close(chunk, sums, self.now, self.now)

    def _add_part(self, request_id: str, part: PlanPart) -> None:
        self.plans.store(request_id, part)
        for image in {image for row in part.rows for column in row.images for image in column}:
            self.chunks.record(request_id, image.chunk, _result(request_id, image), self.expires_at)


def answers(images: int, times: int = TIMES) -> dict[str, Answer]:
    """What each kind of call took, by name."""
    middle = PageCursor(*divmod(images // 2, MAX_PART_ROWS))
    repeats = PageCursor(Catalogue(images).parts).token()
    with metered_api() as api:
        _fill(World(api), images, middle.part)
        return {
            "running": api.answer(times, f"/status/{RUNNING}"),
            "completed": api.answer(times, f"/status/{COMPLETED}"),
            "50 products": api.answer(times, f"/status/{RUNNING}", limit="50"),
            "from the middle": api.answer(times, f"/status/{RUNNING}", next_token=middle.token()),
            "many images a product": api.answer(times, f"/status/{ALBUMS}"),
            "images from everywhere": api.answer(times, f"/status/{COMPLETED}", next_token=repeats),
            "download": api.answer(times, f"/download/{COMPLETED}"),
            "list": api.answer(times, "/requests"),
        }


def _fill(world: World, images: int, middle: int) -> None:
    """All that is asked for: of a page the plan part, and the one after it, which says whether there is more."""
    plain, albums = Catalogue(images), Catalogue(images, ALBUM)
    first = [plain.part(number) for number in (0, 1)]
    central = [plain.part(number) for number in (middle, middle + 1) if 1 < number < plain.parts]
    last = PlanPart(plain.parts + 1, _start(images), _start(images), (), is_last=True)
    world.add(RUNNING, plain, first + central, DONE)
    world.add(COMPLETED, plain, [*first, plain.repeating_part(), last])
    world.add(ALBUMS, albums, [albums.part(0)])
    world.add_csv(COMPLETED, images)
    world.add_others(images)


def _start(n: int) -> Cursor:
    return Cursor(Position(0, 0, 0), n, -(-n // CHUNK_SIZE))


def _row(product: int, images: range) -> Row:
    urls = tuple(map(_url, images))
    cells = (str(product + 1), f"Product {product}", "A description that makes it more than 100 MB", ",".join(urls))
    return Row(product + 2, product + 1, cells, (urls,), (), Position(0, product + 3, product + 1))


def _url(n: int) -> str:
    return f"https://cdn.example.com/p/{n:07}/main.jpg"


def _result(request_id: str, image: PlannedImage) -> Result:
    return Result(
        n=image.n,
        url=image.url,
        key=f"images/{request_id}/{image.n:07}-0123456789ab/main.jpg",
        format="jpeg",
        width=1_600,
        height=1_200,
        bytes_in=300_000,
        bytes_out=90_000,
        etag='"5f3e7a1c-4a2b9"',
        last_modified="Mon, 01 Jan 2024 00:00:00 GMT",
    )


def _csv(offset: int) -> Iterator[bytes]:
    """As much of it as tells how it is laid out."""
    yield (HEAD + b"1,Product,Description,https://x/1.jpg\r\n")[offset:]


def main() -> None:
    images = int(sys.argv[1]) if sys.argv[1:] else IMAGES
    found = {name: asdict(answer) for name, answer in answers(images).items()}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
