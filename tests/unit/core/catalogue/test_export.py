"""Exports: the CSV, when it comes at once and when as a file, and who writes that."""

import csv
import io
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from functions.api.http.problem import ApiError, Code
from functions.api.keys import Caller
from functions.api.requests.exporting import (
    FRESH,
    MAX_IMAGES_AT_ONCE,
    MAX_PARTS_AT_ONCE,
    MAX_REQUESTS_AT_ONCE,
    MAX_TRIES,
    PATIENCE,
    READING_SECONDS,
    WAITING_SECONDS,
    Export,
    Prepared,
)
from functions.core.catalogue.archive import ARCHIVE_PICTURES
from functions.core.catalogue.export import HEADER, Ordered
from functions.core.catalogue.plan import Cursor, SeenUrls, next_part
from functions.core.catalogue.products import read_rows, survey
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.errors import ImageCode
from functions.core.messages import ArchiveTask, ExportTask, FileTask, finalize_task
from functions.core.model import Chunk, Request, RequestStatus, Result
from functions.core.options import CsvOptions
from functions.core.settings import PublicUrls
from functions.finalize.exporting import WriteExport
from tests.fakes import NOW, REQUEST_ID, Chunks, Clock, Objects, Plans, Queue, Requests, a_request

ACME = Caller("acme")
TEXT = 'Product Name,Image URLs\nShoe,"https://x/0.jpg,https://x/1.jpg"\n=Hat,https://x/2.jpg\nBag,https://x/0.jpg\n'
OTHER = "99999999-2222-4333-8444-555555555555"


@dataclass
class Exports:
    """The export records and the index over the requests."""

    requests: Requests
    orders: dict[str, Ordered] = field(default_factory=dict)

    def between(self, owner: str, since: float, until: float) -> list[Request]:
        found = [request for request in self.requests.records.values() if request.owner == owner]
        return [request for request in found if since <= request.created_at < until]

    def last(self, owner: str) -> Ordered | None:
        return self.orders.get(owner)

    def order(self, owner: str, ordered: Ordered, before: Ordered | None) -> bool:
        if self.orders.get(owner) != before:
            return False
        self.orders[owner] = ordered
        return True

    def finish(self, owner: str, export_id: str, now: float) -> bool:
        is_last = owner in self.orders and self.orders[owner].export_id == export_id
        if is_last:
            self.orders[owner] = replace(self.orders[owner], ready_at=now)
        return is_last


@dataclass
class Counting(Plans):
    """Plans that count how often a survey is read."""

    reads: int = 0

    def survey(self, request_id: str) -> SurveyRecord | None:
        self.reads += 1
        return super().survey(request_id)


class Exporting:
    """A request with three images of which two have ended, among fakes."""

    def __init__(self, **request: Any) -> None:
        self.clock = Clock(NOW + 10)
        self.waited = 0.0
        self.writes_after: float | None = None
        self.requests, self.plans, self.objects = Requests(), Plans(), Objects()
        self.chunks = Chunks(self.requests)
        self.exports = Exports(self.requests)
        self.finalize: Queue[FileTask] = Queue("finalize")
        self._plan()
        usual: dict[str, Any] = {"status": RequestStatus.PROCESSING, "parts_planned": 1, "total_images": 3}
        self.request = self.requests.add(a_request(**usual | request))
        links = PublicUrls("https://api.example", "https://cdn.example")
        self.export = Export(
            self.exports, self.plans, self.chunks, self.exports, self.finalize, links, self.clock, self._pass
        )
        self.writer = WriteExport(
            requests=self.requests,
            index=self.exports,
            plans=self.plans,
            results=self.chunks,
            objects=self.objects,
            exports=self.exports,
            image_url=links.image,
            clock=self.clock,
        )

    def _pass(self, seconds: float) -> None:
        self.waited += seconds
        self.clock.now += seconds
        if self.writes_after is not None and self.waited >= self.writes_after:
            self.writes_after = None
            self.write()

    def _plan(self) -> None:
        def source(offset: int) -> list[bytes]:
            return [TEXT.encode()[offset:]]

        found = survey(source, CsvOptions())
        part = next_part(0, Cursor(found.layout.body), read_rows(source, found.layout), SeenUrls())
        self.plans.stored[REQUEST_ID, 0] = part.to_bytes()
        self.plans.store_survey(REQUEST_ID, SurveyRecord.of(found))
        made = Result(0, "https://x/0.jpg", key=f"images/{REQUEST_ID}/0-abc/0.jpg", bytes_in=10, bytes_out=4)
        failed = Result(2, "https://x/2.jpg", ImageCode.NOT_FOUND)
        self.chunks.add(Chunk(REQUEST_ID, 0, 0, 0, 3, int(NOW)), made, failed)

    def write(self) -> None:
        """What finalize does with the last message."""
        task = finalize_task(self.finalize.sent[-1].to_body())
        assert isinstance(task, ExportTask)
        self.writer.run(task)


def rows_of(content: bytes | Prepared) -> list[list[str]]:
    assert isinstance(content, bytes)
    return list(csv.reader(io.StringIO(content.decode())))


def test_an_export_has_a_row_for_each_image_that_has_ended() -> None:
    assert rows_of(Exporting().export.of_requests(ACME, None, None)) == [
        list(HEADER),
        [
            f"{REQUEST_ID}/0",
            "Shoe",
            "https://x/0.jpg",
            f"https://cdn.example/images/{REQUEST_ID}/0-abc/0.jpg",
            "completed",
        ],
        [f"{REQUEST_ID}/2", "'=Hat", "https://x/2.jpg", "", "failed"],
    ]


def test_the_export_of_one_request_is_the_same() -> None:
    exporting = Exporting()
    assert exporting.export.of_request(exporting.request) == exporting.export.of_requests(ACME, None, None)


def test_an_export_has_nothing_of_other_owners_nor_of_what_has_expired() -> None:
    for changes in ({"owner": "other"}, {"expires_at": int(NOW)}):
        assert rows_of(Exporting(**changes).export.of_requests(ACME, None, None)) == [list(HEADER)]


def test_a_large_export_is_ordered_once_and_given_out_when_it_is_there() -> None:
    exporting = Exporting(total_images=MAX_IMAGES_AT_ONCE + 1)
    for _ in range(2):
        assert exporting.export.of_requests(ACME, None, None) == Prepared(None)
    assert len(exporting.finalize.sent) == 1
    exporting.write()
    (key,) = exporting.objects.contents
    assert exporting.export.of_requests(ACME, None, None) == Prepared(key)
    assert len(rows_of(exporting.objects.contents[key])) == 3


def test_a_file_that_is_soon_there_is_waited_for() -> None:
    exporting = Exporting(total_images=MAX_IMAGES_AT_ONCE + 1)
    exporting.writes_after = 7
    found = exporting.export.of_requests(ACME, None, None)
    assert isinstance(found, Prepared)
    assert (found.key in exporting.objects.contents, exporting.waited) == (True, 7)


def test_nobody_waits_longer_than_a_call_may_take() -> None:
    exporting = Exporting(total_images=MAX_IMAGES_AT_ONCE + 1)
    assert exporting.export.of_requests(ACME, None, None) == Prepared(None)
    assert WAITING_SECONDS - 2 <= exporting.waited < WAITING_SECONDS


def test_an_export_that_takes_too_long_to_be_read_becomes_a_file() -> None:
    exporting = Exporting()
    ticks = iter(range(0, 10_000, int(READING_SECONDS) + 1))
    slow = replace(exporting.export, clock=lambda: NOW + next(ticks))
    assert slow.of_requests(ACME, None, None) == Prepared(None)
    assert len(exporting.finalize.sent) == 1


def test_a_thousand_requests_are_answered_at_once() -> None:
    exporting = Exporting()
    for n in range(MAX_REQUESTS_AT_ONCE - 1):
        exporting.requests.add(
            a_request(request_id=f"{n:08}-0000-4000-8000-000000000000", status=RequestStatus.PROCESSING)
        )
    assert len(rows_of(exporting.export.of_requests(ACME, None, None))) == 3
    exporting.requests.add(a_request(request_id="one too many", status=RequestStatus.PROCESSING))
    assert exporting.export.of_requests(ACME, None, None) == Prepared(None)


def test_an_export_of_few_images_among_many_rows_is_a_file() -> None:
    assert Exporting(parts_planned=MAX_PARTS_AT_ONCE + 1).export.of_requests(ACME, None, None) == Prepared(None)


def test_an_export_of_few_images_with_long_urls_is_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    exporting = Exporting()
    answered = exporting.export.of_requests(ACME, None, None)
    assert isinstance(answered, bytes)
    monkeypatch.setattr("functions.api.requests.exporting.MAX_BYTES_AT_ONCE", len(answered) - 1)
    assert exporting.export.of_requests(ACME, None, None) == Prepared(None)


def test_an_export_reads_what_the_first_pass_found_once_for_each_request() -> None:
    exporting = Exporting(parts_planned=2)
    exporting.plans.stored[REQUEST_ID, 1] = exporting.plans.stored[REQUEST_ID, 0]
    plans = Counting(exporting.plans.journal, exporting.plans.stored, exporting.plans.surveys)
    replace(exporting.export, plans=plans).of_requests(ACME, None, None)
    assert plans.reads == 1


def test_a_large_export_of_one_request_has_a_file_of_its_own() -> None:
    exporting = Exporting(total_images=MAX_IMAGES_AT_ONCE + 1)
    exporting.export.of_requests(ACME, None, None)
    exporting.write()
    assert exporting.export.of_request(exporting.request) == Prepared(None)
    assert len({task.key for task in exporting.finalize.sent}) == 2


def test_an_owner_has_one_file_written_at_a_time() -> None:
    exporting = Exporting(total_images=MAX_IMAGES_AT_ONCE + 1)
    exporting.export.of_requests(ACME, None, None)
    assert exporting.export.of_request(exporting.request) == Prepared(None)
    assert len(exporting.finalize.sent) == 1


def test_a_file_is_ordered_in_the_same_call_once_the_other_one_is_there() -> None:
    exporting = Exporting(total_images=MAX_IMAGES_AT_ONCE + 1)
    exporting.export.of_requests(ACME, None, None)
    exporting.waited, exporting.writes_after = 0.0, 5
    assert exporting.export.of_request(exporting.request) == Prepared(None)
    assert [task.request_id for task in exporting.finalize.sent] == [None, REQUEST_ID]


def test_a_request_that_has_ended_since_has_another_file() -> None:
    exporting = Exporting(total_images=MAX_IMAGES_AT_ONCE + 1)
    exporting.export.of_request(exporting.request)
    exporting.write()
    ended = replace(exporting.request, ended_at=NOW + 5)
    assert exporting.export.of_request(ended) == Prepared(None)


def test_a_file_that_does_not_come_is_ordered_a_few_times_and_then_given_up() -> None:
    exporting = Exporting(total_images=MAX_IMAGES_AT_ONCE + 1)
    for _ in range(MAX_TRIES):
        exporting.export.of_requests(ACME, None, None)
        exporting.clock.now += PATIENCE
    with pytest.raises(ApiError) as caught:
        exporting.export.of_requests(ACME, None, None)
    assert (caught.value.code, len(exporting.finalize.sent)) == (Code.UNAVAILABLE, MAX_TRIES)


def test_a_file_that_is_old_is_written_again() -> None:
    exporting = Exporting(total_images=MAX_IMAGES_AT_ONCE + 1)
    exporting.export.of_requests(ACME, None, None)
    exporting.write()
    exporting.clock.now += FRESH
    assert exporting.export.of_requests(ACME, None, None) == Prepared(None)
    assert len(exporting.finalize.sent) == 2


def test_a_file_of_a_request_of_somebody_else_stays_empty() -> None:
    """Nobody can order one; the message is checked all the same."""
    exporting = Exporting(owner="other")
    exporting.writer.run(ExportTask("acme", "x", 0.0, NOW, REQUEST_ID))
    assert rows_of(exporting.objects.contents["exports/acme/x.csv"]) == [list(HEADER)]


# --- the ZIP ---------------------------------------------------------------------------------------------------------


def test_a_zip_is_ordered_once_and_given_out_when_it_is_there() -> None:
    exporting = Exporting()
    for _ in range(2):
        assert exporting.export.archive_of(exporting.request, 1) == Prepared(None)
    (task,) = exporting.finalize.sent
    assert task == ArchiveTask("acme", task.export_id, REQUEST_ID, part=1)
    exporting.exports.finish("acme", task.export_id, exporting.clock.now)
    assert exporting.export.archive_of(exporting.request, 1) == Prepared(task.key)


@pytest.mark.parametrize(
    ("images", "mean", "parts"),
    [
        (0, 0, 1),
        (3, 1_000, 1),
        (ARCHIVE_PICTURES, 1_000, 1),
        (ARCHIVE_PICTURES + 1, 1_000, 2),
        (1_000, 20_000_000, 1),
        (1_001, 20_000_000, 2),
        (3, 30_000_000_000, 3),
    ],
)
def test_a_zip_has_as_many_parts_as_its_pictures_need(images: int, mean: int, parts: int) -> None:
    exporting = Exporting(total_images=images, processed_images=images, bytes_out=images * mean)
    assert exporting.export.archive_of(exporting.request, parts) == Prepared(None)
    with pytest.raises(ApiError) as caught:
        exporting.export.archive_of(exporting.request, parts + 1)
    assert caught.value.code is Code.NOT_FOUND
