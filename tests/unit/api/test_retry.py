"""A retry: the same plan, what completed is adopted, what did not is sent."""

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.core.catalogue.plan import MAX_PART_ROWS
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.errors import ImageCode, RequestCode
from functions.core.messages import FinalizeTask, IngestTask
from functions.core.model import Request, RequestStatus, Result
from functions.core.options import ImageOptions, Options
from functions.core.quota import day_of
from tests.fakes import NOW, REQUEST_ID, a_request
from tests.ingesting import Ingesting, csv_of, short_after

PARENT = "99999999-2222-4333-8444-555555555555"
CSV = csv_of(3, images_a_row=150)  # one part of three chunks
FAILED = {7, 205, 449}  # in the parent; one in each chunk
TWO_PARTS = csv_of(MAX_PART_ROWS + 10)


def url(n: int) -> str:
    return f"https://x/{n // 150}-{n % 150}.jpg"


class Retrying(Ingesting):
    """A pending retry of a request that ended with a few failed images."""

    def __init__(self, text: str = CSV, failed: set[int] = FAILED, **parent: Any) -> None:
        super().__init__(text)
        self.source = self.request
        self.requests.add(replace(self.source, request_id=PARENT))
        self.service.run(PARENT, self.time_left)
        for task in self.compress.sent:
            ended = Result(task.n, task.url, ImageCode.TIMEOUT) if task.n in failed else made(task.n, task.url)
            self.chunks.ended.setdefault((PARENT, task.chunk), {})[task.n] = ended
        terminal: dict[str, Any] = {"status": RequestStatus.COMPLETED}
        self.requests.add(replace(self.requests[PARENT], **terminal | parent))
        self.requests.add(replace(self.source, retry_of=PARENT))
        self.forget()

    def forget(self) -> None:
        """What the parent's run sent is none of the retry's."""
        self.compress.sent.clear()
        self.notify.sent.clear()
        self.journal.writes.clear()
        self.uploads.opened_at.clear()

    def adopted(self) -> list[int]:
        ended = (results for (request_id, _), results in self.chunks.ended.items() if request_id == REQUEST_ID)
        return sorted(n for results in ended for n in results)

    def parts(self, request_id: str) -> list[bytes]:
        return [part for (owner, _), part in sorted(self.plans.stored.items()) if owner == request_id]


def made(n: int, url: str) -> Result:
    return Result(n, url, key=f"images/{PARENT}/{n}", format="jpeg", width=1, height=1, bytes_in=10, bytes_out=4)


@pytest.fixture
def retrying() -> Retrying:
    return Retrying()


def test_a_retry_sends_what_had_failed(retrying: Retrying) -> None:
    retrying.run()
    assert retrying.sent() == sorted(FAILED)


def test_a_retry_adopts_what_had_completed(retrying: Retrying) -> None:
    retrying.run()
    assert retrying.adopted() == [n for n in range(450) if n not in FAILED]


def test_an_adopted_result_is_the_parents(retrying: Retrying) -> None:
    retrying.run()
    assert retrying.chunks.ended[REQUEST_ID, 0][3] == made(3, url(3))


def test_a_retry_has_the_plan_of_its_parent_byte_for_byte(retrying: Retrying) -> None:
    retrying.run()
    assert retrying.parts(REQUEST_ID) == retrying.parts(PARENT)


def test_a_retry_counts_what_its_parent_did(retrying: Retrying) -> None:
    request, parent = retrying.run(), retrying.requests[PARENT]
    assert (request.chunks_total, request.total_images, request.rows) == (3, 450, 3)
    assert retrying.plans.survey(REQUEST_ID) == retrying.plans.survey(parent.request_id)


def test_a_retry_does_not_read_the_csv_again(retrying: Retrying) -> None:
    retrying.uploads.contents.clear()
    retrying.run()
    assert (retrying.requests[REQUEST_ID].chunks_total, retrying.uploads.opened_at) == (3, [])


def test_a_retry_of_which_nothing_is_left_is_complete_once_it_is_counted() -> None:
    retrying = Retrying(failed=set())
    retrying.run()
    for chunk in range(3):
        retrying.service.settler.count(REQUEST_ID, chunk)
    retrying.run()
    assert retrying.finalize.sent == [FinalizeTask(REQUEST_ID)]


def test_results_are_adopted_after_their_chunk_and_before_the_checkpoint(retrying: Retrying) -> None:
    retrying.run()
    order = [write.split()[0] for write in retrying.journal.writes]
    assert order[:4] == ["plans.store_survey", "requests.start", "notify.send", "plans.copy"]
    created = retrying.journal.writes.index("chunks.create 1")
    assert created < retrying.journal.writes.index("chunks.record 200")
    assert order[-2:] == ["requests.checkpoint", "requests.finish_plan"]


WRITES = 3 + 1 + 3 * 2 + 447 + 2  # survey, start, event; part; chunks and sends; results; checkpoint and total


def test_an_undisturbed_retry_has_the_writes_that_the_next_test_dies_after(retrying: Retrying) -> None:
    retrying.run()
    assert len(retrying.journal.writes) == WRITES


@pytest.mark.parametrize("writes", [*range(1, 9), 100, 204, 205, 206, 300, *range(WRITES - 5, WRITES + 1)])
def test_a_retry_that_died_after_any_write_converges(retrying: Retrying, writes: int) -> None:
    expected = Retrying()
    expected.run()
    assert not retrying.run_until_killed(writes)
    assert retrying.run() == expected.requests[REQUEST_ID]
    assert (retrying.adopted(), set(retrying.sent())) == (expected.adopted(), FAILED)
    assert retrying.parts(REQUEST_ID) == expected.parts(REQUEST_ID)


def test_a_retry_without_time_goes_on_in_a_run_of_its_own() -> None:
    retrying = Retrying(TWO_PARTS, failed={5, 1005})
    for _ in range(3):
        retrying.time_left = short_after(1)
        retrying.run()
    assert retrying.again.sent == [IngestTask(REQUEST_ID)] * 1
    assert (retrying.sent(), retrying.parts(REQUEST_ID)) == ([5, 1005], retrying.parts(PARENT))


# --- a parent of which not everything is there -----------------------------------------------------------------------


def test_a_plan_that_was_not_finished_is_copied_and_the_csv_read_on() -> None:
    retrying = Retrying(TWO_PARTS, failed={5}, chunks_total=None, parts_planned=1, status=RequestStatus.CANCELLED)
    whole = retrying.parts(PARENT)
    del retrying.plans.stored[PARENT, 1]
    del retrying.chunks.ended[PARENT, 5]
    request = retrying.run()
    assert (request.chunks_total, retrying.parts(REQUEST_ID)) == (6, whole)
    assert (retrying.sent(), len(retrying.adopted())) == ([5, *range(1000, 1010)], 999)


def test_a_plan_that_is_gone_is_made_again() -> None:
    retrying = Retrying()
    whole = retrying.parts(PARENT)
    del retrying.plans.stored[PARENT, 0]
    del retrying.plans.surveys[PARENT]
    request = retrying.run()
    assert (request.chunks_total, retrying.parts(REQUEST_ID)) == (3, whole)


def test_a_plan_that_a_later_parser_numbers_otherwise_adopts_nothing_wrong() -> None:
    """Results are adopted by number; one whose URL is another has nothing to do with the image."""
    retrying = Retrying()
    retrying.plans.stored.clear()
    retrying.plans.surveys.clear()
    retrying.uploads.contents[retrying.source.object_key] = b"Name,Images\na,https://x/new.jpg\nb,https://x/0-1.jpg\n"
    retrying.run()
    assert (retrying.sent(), retrying.adopted()) == ([0], [1])


def test_a_retry_of_a_csv_that_was_refused_reads_it_again() -> None:
    """The parser may have been mended since."""
    retrying = Retrying(parts_planned=0, chunks_total=None, status=RequestStatus.FAILED)
    retrying.plans.stored.clear()
    retrying.plans.surveys[PARENT] = json.dumps(SurveyRecord(None, rows=1, errors_total=1).to_json())
    assert retrying.run().chunks_total == 3


def retry_of(parent: Request) -> Retrying:
    retrying = Retrying()
    retrying.requests.add(parent)
    retrying.run()
    return retrying


@pytest.mark.parametrize(
    "parent",
    [
        a_request(PARENT, owner="other", parts_planned=1, chunks_total=3),
        a_request(PARENT, expires_at=int(NOW), parts_planned=1, chunks_total=3),
        a_request(PARENT, options=Options(ImageOptions(quality=9)), parts_planned=1, chunks_total=3),
    ],
    ids=["another owner's", "expired", "other pictures"],
)
def test_nothing_is_adopted_of_a_request_that_is_not_the_owners_own(parent: Request) -> None:
    retrying = retry_of(parent)
    assert (retrying.adopted(), len(retrying.sent())) == ([], 450)


def test_a_retry_whose_parent_is_gone_runs_like_any_request() -> None:
    retrying = Retrying()
    del retrying.requests.records[PARENT]
    assert retrying.run().chunks_total == 3
    assert len(retrying.sent()) == 450


# --- pictures that S3 keeps for so long only -------------------------------------------------------------------------

KEPT = 7 * 86_400  # seconds
GRANDPARENT = "88888888-2222-4333-8444-555555555555"


def aged(**ages: float) -> Retrying:
    """A retry of a request that adopted image 3 from another, where pictures are kept; ages in seconds, by name."""
    retrying = Retrying()
    retrying.service = retrying.service_with(daily_images=1000, picture_lifetime=KEPT)
    adopted = replace(made(3, url(3)), key=f"images/{GRANDPARENT}/3-abc/a.jpg")
    retrying.chunks.ended[PARENT, 0][3] = adopted
    for request_id, age in ((PARENT, ages["parent"]), (GRANDPARENT, ages["grandparent"])):
        retrying.requests.add(replace(retrying.requests[PARENT], request_id=request_id, created_at=NOW - age))
    retrying.run()
    return retrying


def test_pictures_that_are_still_kept_are_adopted() -> None:
    assert aged(parent=KEPT - 1, grandparent=KEPT - 1).sent() == sorted(FAILED)


def test_pictures_that_are_not_kept_any_more_are_made_again() -> None:
    retrying = aged(parent=KEPT, grandparent=KEPT)
    assert (len(retrying.sent()), retrying.adopted()) == (450, [])


def test_a_picture_that_the_parent_adopted_has_the_age_of_the_request_that_made_it() -> None:
    retrying = aged(parent=0, grandparent=KEPT)
    assert retrying.sent() == sorted({3} | FAILED)


def test_pictures_that_are_made_again_are_charged() -> None:
    assert list(aged(parent=0, grandparent=KEPT).requests.images_of_day.values()) == [4]


def test_a_picture_of_a_request_that_is_gone_is_made_again() -> None:
    retrying = Retrying()
    retrying.service = retrying.service_with(picture_lifetime=KEPT)
    retrying.chunks.ended[PARENT, 0][3] = replace(made(3, url(3)), key=f"images/{GRANDPARENT}/3-abc/a.jpg")
    retrying.run()
    assert 3 in retrying.sent()


# --- the quota -------------------------------------------------------------------------------------------------------


def test_a_retry_is_charged_for_what_it_does_not_adopt(retrying: Retrying) -> None:
    retrying.service = retrying.service_with(daily_images=3)
    retrying.run()
    assert (retrying.requests.images_of_day, retrying.finalize.sent) == ({("acme", day_of(NOW)): 3}, [])


def test_a_retry_that_the_day_has_no_room_for_adopts_nothing(retrying: Retrying) -> None:
    retrying.service = retrying.service_with(daily_images=2)
    retrying.run()
    assert retrying.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.QUOTA_EXCEEDED)]
    assert retrying.adopted() == []


def test_a_retry_of_a_request_without_a_plan_is_charged_in_full() -> None:
    retrying = Retrying(parts_planned=0, chunks_total=None)
    retrying.service = retrying.service_with(daily_images=1000)
    retrying.run()
    assert list(retrying.requests.images_of_day.values()) == [450]
