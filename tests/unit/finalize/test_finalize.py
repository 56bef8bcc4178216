"""Ending requests."""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import shake_128
from typing import Any

import pytest

from functions.core.catalogue import plan
from functions.core.catalogue.plan import Cursor, PlanPart, SeenUrls, next_part
from functions.core.catalogue.products import Row, read_rows, survey
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.csv.layout import Layout
from functions.core.errors import ImageCode, RequestCode
from functions.core.messages import EventTask, FinalizeTask
from functions.core.model import Chunk, EventType, Request, RequestStatus, Result, Source
from functions.core.options import CsvOptions, Options, RunOptions
from functions.finalize.drop_copy import DropCopies, gzipped
from functions.finalize.service import Finalize
from tests.fakes import (
    NOW,
    REQUEST_ID,
    Chunks,
    Clock,
    Journal,
    KilledError,
    Objects,
    Paths,
    Plans,
    Queue,
    Requests,
    a_request,
)

CSV_KEY = f"results/{REQUEST_ID}.csv"
TEXT = 'Product Name,Image URLs\nShoe,"https://x/0.jpg,https://x/1.jpg"\nHat,https://x/2.jpg\nBag,https://x/0.jpg\n'
DUE = ("REQUEST#" + REQUEST_ID, "REQUEST")


def made(n: int) -> Result:
    return Result(n, f"https://x/{n}.jpg", key=f"images/{n}.webp", bytes_in=10, bytes_out=4)


def failed(n: int, code: ImageCode = ImageCode.NOT_FOUND) -> Result:
    return Result(n, f"https://x/{n}.jpg", code)


def parts_of(layout: Layout, rows: Iterator[Row]) -> Iterator[PlanPart]:
    seen = SeenUrls()
    part = next_part(0, Cursor(layout.body), rows, seen)
    yield part
    while not part.is_last:
        part = next_part(part.number + 1, part.end, rows, seen)
        yield part


class Ending:
    """The service among fakes, with a request whose CSV is planned and counted."""

    def __init__(self, *results: Result, text: str = TEXT, **request: Any) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        self.chunks = Chunks(self.requests)
        self.plans = Plans(self.journal)
        self.objects = Objects(self.journal)
        self.paths = Paths(self.journal)
        self.notify: Queue[EventTask] = Queue("notify", self.journal)
        self._plan(text, results, request)
        self.service = Finalize(
            requests=self.requests,
            results=self.chunks,
            plans=self.plans,
            objects=self.objects,
            copies=DropCopies(self.requests, self.objects, self.paths),
            notify=self.notify,
            image_url=lambda key: f"https://cdn/{key}",
            clock=Clock(NOW + 60),
        )

    def _plan(self, text: str, results: tuple[Result, ...], request: dict[str, Any]) -> None:
        def source(offset: int) -> list[bytes]:
            return [text.encode()[offset:]]

        found = survey(source, CsvOptions())
        self.plans.store_survey(REQUEST_ID, SurveyRecord.of(found))
        parts = list(parts_of(found.layout, read_rows(source, found.layout)))
        for part in parts:
            self.plans.stored[REQUEST_ID, part.number] = part.to_bytes()
        chunks = [chunk for part in parts for chunk in part.chunks()]
        for chunk in chunks:
            numbers = {image.n for image in chunk.images}
            of_chunk = [result for result in results if result.n in numbers]
            self.chunks.add(Chunk(REQUEST_ID, chunk.number, 0, 0, len(numbers), int(NOW)), *of_chunk)
        counted: dict[str, Any] = {
            "status": RequestStatus.PROCESSING,
            "parts_planned": len(parts),
            "chunks_total": len(chunks),
            "chunks_done": len(chunks),
            "processed_images": len(results),
            "failed_images": sum(result.code is not None for result in results),
        }
        self.requests.add(a_request(**counted | request), due_at=NOW + 300)
        self.journal.writes.clear()

    def run(self, verdict: RequestCode | None = None) -> Request:
        self.service.run(FinalizeTask(REQUEST_ID, verdict))
        return self.requests[REQUEST_ID]

    def run_until_killed(self, writes: int) -> None:
        self.journal.kill_after = len(self.journal.writes) + writes
        with pytest.raises(KilledError):
            self.run()
        self.journal.kill_after = None

    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.objects.contents[CSV_KEY].decode())))


@pytest.fixture
def ending() -> Ending:
    return Ending(made(0), failed(1), made(2))


def test_the_csv_comes_first_then_the_status_then_the_event_then_nobody_looks_any_more(ending: Ending) -> None:
    ending.run()
    assert ending.journal.writes == [
        f"objects.put {CSV_KEY}",
        "requests.end",
        "notify.send",
        "requests.leave_due_index",
    ]


def test_a_request_with_a_completed_image_is_completed(ending: Ending) -> None:
    assert ending.run().status is RequestStatus.COMPLETED


def test_a_completed_request_has_no_error(ending: Ending) -> None:
    assert ending.run().error is None


def test_a_request_ends_when_the_clock_says(ending: Ending) -> None:
    assert ending.run().ended_at == NOW + 60


def test_a_completed_request_is_announced(ending: Ending) -> None:
    ending.run()
    assert ending.notify.sent == [EventTask(REQUEST_ID, EventType.COMPLETED)]


def test_nobody_looks_after_an_ended_request(ending: Ending) -> None:
    ending.run()
    assert DUE not in ending.requests.due_at


def test_the_output_csv_has_an_entry_for_every_input_url(ending: Ending) -> None:
    ending.run()
    assert [row["Output Image Urls"] for row in ending.rows()] == [
        "https://cdn/images/0.webp,",
        "https://cdn/images/2.webp",
        "https://cdn/images/0.webp",
    ]


def test_rows_of_a_later_part_have_the_pictures_that_an_earlier_one_has_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MAX_PART_ROWS", 1)
    ending = Ending(made(0), made(1), made(2))
    request = ending.run()
    assert request.parts_planned == 4  # the last one is empty
    assert [row["Output Image Urls"] for row in ending.rows()] == [
        "https://cdn/images/0.webp,https://cdn/images/1.webp",
        "https://cdn/images/2.webp",
        "https://cdn/images/0.webp",
    ]


def test_the_output_csv_says_why_an_image_failed(ending: Ending) -> None:
    ending.run()
    assert ending.rows()[0]["Errors"] == "https://x/1.jpg: not_found (the origin has no such image)"


def test_the_output_csv_says_which_format_is_not_supported() -> None:
    ending = Ending(made(0), Result(1, "https://x/1.jpg", ImageCode.UNSUPPORTED_FORMAT, format="svg"), made(2))
    ending.run()
    expected = "https://x/1.jpg: unsupported_format (the image is in a format that is not supported (svg))"
    assert ending.rows()[0]["Errors"] == expected


def test_the_output_csv_of_a_run_without_failures_has_no_errors_column() -> None:
    ending = Ending(made(0), made(1), made(2))
    ending.run()
    assert list(ending.rows()[0]) == ["Product Name", "Image URLs", "Output Image Urls"]


def test_row_errors_are_in_the_output_csv() -> None:
    ending = Ending(made(0), text="Name,Images\na,https://x/0.jpg\nb,no url\n", row_errors=1)
    ending.run()
    assert ending.rows()[1]["Errors"].startswith("line 3: ")


def test_a_request_without_a_completed_image_has_failed() -> None:
    request = Ending(failed(0), failed(1), failed(2)).run()
    assert (request.status, request.error) == (RequestStatus.FAILED, RequestCode.ALL_IMAGES_FAILED)


def test_a_request_without_a_completed_image_has_its_output_csv() -> None:
    ending = Ending(failed(0), failed(1), failed(2))
    ending.run()
    assert all(row["Errors"] for row in ending.rows())


def test_a_request_without_a_completed_image_is_announced_as_failed() -> None:
    ending = Ending(failed(0), failed(1), failed(2))
    ending.run()
    assert ending.notify.sent == [EventTask(REQUEST_ID, EventType.FAILED)]


def test_a_csv_without_images_fails_with_its_output_csv() -> None:
    ending = Ending(text="Name,Images\na,\nb,\n")
    request = ending.run(RequestCode.NO_IMAGES)
    assert (request.status, request.error) == (RequestStatus.FAILED, RequestCode.NO_IMAGES)
    assert len(ending.rows()) == 2


@pytest.mark.parametrize(
    "verdict",
    [RequestCode.INVALID_CSV, RequestCode.NOT_UPLOADED, RequestCode.INGEST_FAILED, RequestCode.INVALID_OPTIONS],
)
def test_a_verdict_ends_a_request_that_is_not_planned(verdict: RequestCode) -> None:
    ending = Ending(status=RequestStatus.PENDING, chunks_total=None, chunks_done=0, parts_planned=0)
    request = ending.run(verdict)
    assert (request.status, request.error) == (RequestStatus.FAILED, verdict)


def test_a_verdict_over_a_request_that_is_not_planned_writes_no_csv() -> None:
    ending = Ending(status=RequestStatus.PENDING, chunks_total=None, chunks_done=0, parts_planned=0)
    ending.run(RequestCode.INVALID_CSV)
    assert ending.objects.contents == {}


def test_a_verdict_that_comes_late_does_not_end_a_running_request() -> None:
    ending = Ending(made(0), chunks_total=2, chunks_done=1)
    assert ending.run(RequestCode.INGEST_FAILED).status is RequestStatus.PROCESSING


def test_a_verdict_that_comes_late_does_not_fail_a_complete_request(ending: Ending) -> None:
    assert ending.run(RequestCode.INGEST_FAILED).status is RequestStatus.COMPLETED


@dataclass
class Overtaking(Requests):
    """Ingest finishes the plan right before the request is to end."""

    def end(self, request_id: str, status: RequestStatus, error: RequestCode | None, now: float) -> bool:
        self.finish_plan(request_id, 1, 3, now + 300, now)
        return super().end(request_id, status, error, now)


def test_a_verdict_that_the_plan_overtakes_leaves_the_request_running_and_looked_after() -> None:
    ending = Ending(chunks_total=None, chunks_done=0)
    requests = Overtaking(ending.journal, ending.requests.records, ending.requests.due_at)
    replace(ending.service, requests=requests).run(FinalizeTask(REQUEST_ID, RequestCode.INGEST_FAILED))
    assert (requests[REQUEST_ID].status, ending.notify.sent) == (RequestStatus.PROCESSING, [])
    assert DUE in requests.due_at


def test_a_message_for_a_request_that_is_not_complete_changes_nothing() -> None:
    ending = Ending(made(0), chunks_total=2, chunks_done=1)
    ending.run()
    assert ending.journal.writes == []


def test_a_message_for_a_request_that_is_gone_changes_nothing(ending: Ending) -> None:
    ending.service.run(FinalizeTask("99999999-2222-4333-8444-555555555555"))
    assert ending.journal.writes == []


def test_a_repeated_message_queues_the_event_again(ending: Ending) -> None:
    """Whoever ended the request may have died before its event was queued; the delivery's id is the same."""
    ending.run()
    ending.run()
    assert ending.notify.sent == [EventTask(REQUEST_ID, EventType.COMPLETED)] * 2


def test_a_repeated_message_does_not_write_the_csv_again(ending: Ending) -> None:
    ending.run()
    ending.run()
    assert ending.journal.writes.count(f"objects.put {CSV_KEY}") == 1


def test_a_repeated_message_does_not_end_the_request_again(ending: Ending) -> None:
    ending.run()
    ending.run()
    assert ending.journal.writes.count("requests.end") == 1


@pytest.mark.parametrize("writes", [1, 2, 3, 4])
def test_a_rerun_after_a_crash_ends_as_an_undisturbed_run(ending: Ending, writes: int) -> None:
    expected = Ending(made(0), failed(1), made(2)).run()
    ending.run_until_killed(writes)
    assert ending.run() == expected


@pytest.mark.parametrize("writes", [1, 2, 3, 4])
def test_a_rerun_after_a_crash_leaves_the_bytes_of_an_undisturbed_run(ending: Ending, writes: int) -> None:
    expected = Ending(made(0), failed(1), made(2))
    expected.run()
    ending.run_until_killed(writes)
    ending.run()
    assert ending.objects.contents == expected.objects.contents


@pytest.mark.parametrize("writes", [1, 2, 3, 4])
def test_a_rerun_after_a_crash_announces_no_other_event(ending: Ending, writes: int) -> None:
    ending.run_until_killed(writes)
    ending.run()
    assert set(ending.notify.sent) == {EventTask(REQUEST_ID, EventType.COMPLETED)}


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_request_stays_due_until_its_event_is_queued(ending: Ending, writes: int) -> None:
    ending.run_until_killed(writes)
    assert DUE in ending.requests.due_at


def test_a_cancelled_request_sends_no_event(ending: Ending) -> None:
    ending.requests.add(a_request(status=RequestStatus.CANCELLED))
    ending.run()
    assert ending.notify.sent == []


def test_nobody_looks_after_a_cancelled_request(ending: Ending) -> None:
    ending.requests.add(a_request(status=RequestStatus.CANCELLED))
    ending.run()
    assert DUE not in ending.requests.due_at


def test_a_cancellation_that_wins_over_the_end_is_what_is_announced(ending: Ending) -> None:
    """It came after the request was read and before its end was written: no event of the other kind."""

    class Cancelling(Objects):
        def put(self, key: str, content: bytes, media_type: str) -> str:
            ending.requests.add(a_request(status=RequestStatus.CANCELLED))
            return super().put(key, content, media_type)

    ending.service = replace(ending.service, objects=Cancelling(ending.journal))
    assert ending.run().status is RequestStatus.CANCELLED
    assert ending.notify.sent == []


def test_a_chunk_of_an_earlier_part_is_found_for_a_later_row() -> None:
    rows = "".join(f"p,https://x/{n}.jpg\n" for n in range(450)) + "again,https://x/3.jpg\n"
    ending = Ending(*(made(n) for n in range(450)), text=f"Name,Images\n{rows}")
    ending.run()
    assert ending.rows()[-1]["Output Image Urls"] == "https://cdn/images/3.webp"


def test_a_plan_without_its_survey_is_not_passed_over(ending: Ending) -> None:
    ending.plans.surveys.clear()
    with pytest.raises(LookupError, match=REQUEST_ID):
        ending.run()


def test_the_layout_survives_being_stored(ending: Ending) -> None:
    stored = ending.plans.survey(REQUEST_ID)
    assert stored is not None
    assert stored.layout is not None
    assert Layout.from_json(stored.layout.to_json()) == stored.layout


# --- drops -----------------------------------------------------------------------------------------------------------


def of_drop(key: str = "incoming/acme/a/B.CSV", **request: Any) -> Ending:
    return Ending(made(0), failed(1), made(2), source=Source.S3, object_key=key, **request)


def test_the_output_csv_of_a_drop_is_also_on_its_path() -> None:
    ending = of_drop()
    ending.run()
    assert ending.objects.contents["outgoing/acme/a/B.CSV"] == ending.objects.contents[CSV_KEY]


def test_the_output_csv_of_a_drop_that_has_ended_is_on_its_path_before_that_is_announced() -> None:
    """Not before it has ended: one that is cancelled meanwhile would take the path from the version before."""
    ending = of_drop()
    ending.run()
    assert ending.journal.writes[:5] == [
        f"objects.put {CSV_KEY}",
        "requests.end",
        "paths.hold outgoing/acme/a/B.CSV",
        "objects.put outgoing/acme/a/B.CSV",
        "notify.send",
    ]


def test_the_output_csv_of_a_packed_drop_is_packed() -> None:
    ending = of_drop("incoming/acme/a.csv.GZ")
    ending.run()
    assert gzip.decompress(ending.objects.contents["outgoing/acme/a.csv.GZ"]) == ending.objects.contents[CSV_KEY]


def test_a_packed_output_csv_has_no_time_in_it() -> None:
    ending = of_drop("incoming/acme/a.csv.gz")
    ending.run()
    assert ending.objects.contents["outgoing/acme/a.csv.gz"][4:8] == bytes(4)  # where RFC 1952 has MTIME


def test_a_csv_is_packed_block_by_block() -> None:
    taken: list[int] = []

    def blocks() -> Iterator[bytes]:
        for number in range(100):
            taken.append(number)
            yield shake_128(bytes([number])).digest(100_000)  # what cannot be packed

    packed = gzipped(blocks())
    while not next(packed):
        pass
    assert len(taken) < 10


def test_the_output_csv_of_an_upload_is_on_no_path_of_a_drop(ending: Ending) -> None:
    ending.run()
    assert list(ending.objects.contents) == [CSV_KEY]


def test_a_drop_that_was_refused_has_nothing_on_its_path() -> None:
    ending = of_drop(status=RequestStatus.PENDING, chunks_total=None, chunks_done=0, parts_planned=0)
    ending.run(RequestCode.INVALID_CSV)
    assert ending.objects.contents == {}


@pytest.mark.parametrize("writes", [1, 2, 3, 4, 5, 6])
def test_a_rerun_over_a_drop_leaves_the_bytes_of_an_undisturbed_run(writes: int) -> None:
    expected, ending = of_drop("incoming/acme/a.csv.gz"), of_drop("incoming/acme/a.csv.gz")
    expected.run()
    ending.run_until_killed(writes)
    ending.run()
    assert ending.objects.contents == expected.objects.contents


# --- dry runs --------------------------------------------------------------------------------------------------------


def tried(**request: Any) -> Ending:
    """A dry run whose first pass was made."""
    unplanned: dict[str, Any] = {"chunks_total": None, "chunks_done": 0, "parts_planned": 0}
    return Ending(options=Options(run=RunOptions(dry_run=True)), **unplanned | request)


def test_a_dry_run_completes_without_a_csv() -> None:
    ending = tried()
    request = ending.run()
    assert (request.status, request.error, request.has_csv) == (RequestStatus.COMPLETED, None, False)
    assert ending.objects.contents == {}


def test_a_dry_run_is_announced() -> None:
    ending = tried()
    ending.run()
    assert ending.notify.sent == [EventTask(REQUEST_ID, EventType.COMPLETED)]


def test_a_dry_run_that_is_refused_has_failed() -> None:
    assert tried().run(RequestCode.INVALID_CSV).error is RequestCode.INVALID_CSV


def test_a_dry_run_whose_csv_was_not_read_does_not_complete() -> None:
    assert tried(status=RequestStatus.PENDING).run().status is RequestStatus.PENDING


def test_a_request_that_is_being_planned_is_no_dry_run() -> None:
    ending = Ending(chunks_total=None, chunks_done=0)
    assert ending.run().status is RequestStatus.PROCESSING
