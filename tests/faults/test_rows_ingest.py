"""A CSV that takes many invocations, between which the process dies and the parser is another one."""

import csv
import io
import json
from collections.abc import Iterator
from functools import partial
from itertools import chain, count, pairwise

import pytest

from functions.core.catalogue import plan, products
from functions.core.catalogue.cell_urls import plain_urls_of
from functions.core.catalogue.plan import PlanPart
from functions.core.csv.layout import Layout, find_layout
from functions.core.messages import CompressTask
from functions.core.model import Request
from functions.finalize.drop_copy import output_key
from tests.faults.simulator.faults import Kind, Scripted
from tests.faults.simulator.origins import settle
from tests.faults.simulator.row import Row
from tests.faults.simulator.world import LINKS, RESULTS, World
from tests.ingesting import short_after

ROWS = 7
HEAD = "Product Name,Image URLs,Photos"
LINES = (  # in each row an image of its own, one of an earlier row, and one that the first parser does not know of
    HEAD,
    *(f'P{n},"https://ok/{n}.jpg,https://ok/{max(0, n - 4)}.jpg",https://ok/photo-{n}.jpg' for n in range(ROWS)),
)


class Deploys:
    """The parser as it was first deployed, and a later one that reads the same cells otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.first()

    def first(self) -> None:
        self._deploy(part_rows=2, is_later=False)

    def later(self) -> None:
        """Its parts are longer, the URLs of a cell come the other way round, and the columns are others."""
        self._deploy(part_rows=3, is_later=True)

    def _deploy(self, part_rows: int, is_later: bool) -> None:
        self.monkeypatch.setattr(plan, "MAX_PART_ROWS", part_rows)
        self.monkeypatch.setattr(products, "plain_urls_of", backwards if is_later else plain_urls_of)
        self.monkeypatch.setattr(products, "find_layout", other_column if is_later else find_layout)


def backwards(cell: str) -> tuple[str, ...] | None:
    urls = plain_urls_of(cell)
    return urls and urls[::-1]


def other_column(*args: object) -> Layout:
    layout = find_layout(*args)  # type: ignore[arg-type]
    return Layout.from_json(layout.to_json() | {"url_columns": [2]})


@pytest.fixture
def deploys(monkeypatch: pytest.MonkeyPatch) -> Deploys:
    return Deploys(monkeypatch)


def ingest(row: Row, deploys: Deploys, parts: int) -> int:
    """Work off IngestQueue, with time for so many parts an invocation; how many invocations that took.

    The later parser takes over after the second of them, or after the first that died.
    """
    world, queue = row.world, row.world.queues["ingest"]
    world.time_left = 10.0  # for the notification, whose request goes on by messages
    for number in range(1, 50):
        if not queue.messages:
            return number - 1
        message = queue.messages[0]
        lived = world.invoke("ingest", partial(invoked, world, message.body, row.request_id, parts))
        if lived:
            queue.delete(message)
        if number > 1 or not lived:
            deploys.later()
    raise AssertionError("it never gets to the end of the CSV")


def invoked(world: World, body: str, request_id: str, parts: int) -> None:
    if "kind" in json.loads(body):
        world.ingest.run(request_id, short_after(parts))
    else:
        world._ingest(body)


def parts_of(world: World, request: Request) -> list[PlanPart]:
    return [world.plans.part(request.request_id, number) for number in range(request.parts_planned)]


def urls_by_row(parts: list[PlanPart]) -> list[list[str]]:
    """Of each product, as it was planned."""
    rows = chain.from_iterable(part.rows for part in parts)
    return [[image.url for column in row.images for image in column] for row in rows]


def pictures_by_row(row: Row) -> Iterator[list[str]]:
    """The URL that each picture of the output CSV was made of, by product."""
    content = row.world.s3.content(RESULTS, output_key(row.request_id))
    assert content is not None
    for product in csv.DictReader(io.StringIO(content.decode())):
        keys = [url.removeprefix(LINKS.image("")) for url in product["Output Image Urls"].split(",")]
        pictures = [row.world.s3.content(RESULTS, key) or b"" for key in keys]
        yield [f"{picture.decode().removeprefix('original ')}jpg" for picture in pictures]


def sent(row: Row) -> list[CompressTask]:
    """Every image that a message was ever sent of."""
    copies = row.world.sqs.client.copies
    return [CompressTask.from_body(body) for body in copies.elements() if json.loads(body).get("kind") == "compress"]


def require_one_plan(row: Row) -> list[PlanPart]:
    """Whoever wrote its parts, they are one plan: each row once, each image and each chunk once."""
    parts = parts_of(row.world, row.world.request(row.request_id))
    assert all(earlier.end == later.start for earlier, later in pairwise(parts))
    assert [planned.number for part in parts for planned in part.rows] == [*range(1, ROWS + 1)]
    images = [image for part in parts for image in part.new_images()]
    assert [image.n for image in images] == [*range(len(images))]
    assert len({image.url for image in images}) == len(images)
    chunks = [chunk.number for part in parts for chunk in part.chunks()]
    assert chunks == [*range(len(chunks))]
    return parts


def require_plans_decide(row: Row) -> None:
    parts = require_one_plan(row)
    planned = {image.n: (image.chunk, image.url) for part in parts for image in part.new_images()}
    assert {(task.n, task.chunk, task.url) for task in sent(row)} == {(n, *place) for n, place in planned.items()}
    assert list(pictures_by_row(row)) == urls_by_row(parts)


def test_a_csv_that_takes_many_invocations_goes_on_from_its_checkpoint(deploys: Deploys) -> None:
    row = Row(lines=LINES)
    assert ingest(row, deploys, parts=1) > 3
    assert len(sent(row)) == ROWS, "no image is sent twice"
    row.world.time_left = 900.0
    settle(row)
    require_plans_decide(row)


def test_a_parser_that_takes_over_changes_nothing_of_what_is_planned(deploys: Deploys) -> None:
    row = Row(lines=LINES)
    ingest(row, deploys, parts=1)
    settle(row)
    names = [f"https://ok/{n}.jpg" for n in range(ROWS)]
    expected = [[names[n], names[max(0, n - 4)]] for n in range(ROWS)]
    assert urls_by_row(parts_of(row.world, row.world.request(row.request_id))) == [
        urls if n < 2 else urls[::-1] for n, urls in enumerate(expected)
    ]


def test_a_parser_that_takes_over_after_a_crash_at_any_write_goes_by_the_plan(deploys: Deploys) -> None:
    for nth in count(1):
        deploys.first()
        row = Row(Scripted(Kind.KILLED, "ingest", nth=nth), lines=LINES)
        row.schedule.calm_after = 10_000
        ingest(row, deploys, parts=2)  # so that the one after a part that was stored before is planned too
        settle(row)
        require_plans_decide(row)
        if not row.world.faults.counts[Kind.KILLED]:
            break
    assert nth > 12, "parts, chunks, messages and checkpoints are written"
