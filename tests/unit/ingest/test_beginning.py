"""What happens before a plan: the dry run that has none, and the owner's images of the day."""

from dataclasses import replace
from typing import Any

import pytest

from functions.core.catalogue import products
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.errors import RequestCode
from functions.core.messages import FinalizeTask
from functions.core.model import Request, RequestStatus
from functions.core.options import CsvOptions, Mode, Options, RunOptions
from functions.core.quota import day_of
from functions.ingest import beginning
from tests.fakes import NOW, REQUEST_ID, Plans
from tests.ingesting import Ingesting, csv_of, surveyed

DRY = Options(run=RunOptions(dry_run=True))
BAD = "Name,Images\na,https://x/1.jpg\nb,no url\n"
DAY = 86_400


# --- dry runs --------------------------------------------------------------------------------------------------------


@pytest.fixture
def dry() -> Ingesting:
    return Ingesting(csv_of(5), options=DRY)


def test_a_dry_run_counts_what_there_is(dry: Ingesting) -> None:
    request = dry.run()
    assert (request.status, request.total_images, request.rows) == (RequestStatus.PROCESSING, 5, 5)


def test_a_dry_run_is_handed_to_finalize_without_a_verdict(dry: Ingesting) -> None:
    dry.run()
    assert dry.finalize.sent == [FinalizeTask(REQUEST_ID)]


def test_a_dry_run_plans_sends_and_announces_nothing(dry: Ingesting) -> None:
    dry.run()
    assert (dry.planned(), dry.compress.sent, dry.notify.sent) == ({}, [], [])


def test_a_dry_run_keeps_what_was_found(dry: Ingesting) -> None:
    dry.run()
    assert surveyed(dry.plans).images == 5


def test_a_dry_run_that_is_looked_at_again_is_handed_to_finalize_again(dry: Ingesting) -> None:
    first = dry.run()
    assert dry.run() == first
    assert (dry.finalize.sent, dry.planned()) == ([FinalizeTask(REQUEST_ID)] * 2, {})


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_dry_run_that_was_cut_off_is_completed(dry: Ingesting, writes: int) -> None:
    assert not dry.run_until_killed(writes)
    assert dry.run() == Ingesting(csv_of(5), options=DRY).run()
    assert dry.finalize.sent[-1] == FinalizeTask(REQUEST_ID)


def test_a_dry_run_of_a_bad_csv_fails_like_any() -> None:
    dry = Ingesting(BAD, options=DRY)
    assert dry.run().status is RequestStatus.PENDING
    assert dry.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INVALID_CSV)]


def test_a_lenient_dry_run_reports_the_bad_rows() -> None:
    dry = Ingesting(BAD, options=Options(csv=CsvOptions(mode=Mode.LENIENT), run=RunOptions(dry_run=True)))
    assert dry.run().row_errors == 1
    assert dry.finalize.sent == [FinalizeTask(REQUEST_ID)]


# --- more than a request takes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "code"),
    [("MAX_ROWS", RequestCode.TOO_MANY_ROWS), ("MAX_IMAGES", RequestCode.TOO_MANY_IMAGES)],
)
def test_a_csv_with_more_than_a_request_takes_is_refused_in_lenient_mode_too(
    limit: str, code: RequestCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (products, beginning):
        monkeypatch.setattr(module, limit, 4)
    ingesting = Ingesting(csv_of(5), options=Options(csv=CsvOptions(mode=Mode.LENIENT)))
    assert ingesting.run().status is RequestStatus.PENDING
    assert (ingesting.finalize.sent, ingesting.compress.sent) == ([FinalizeTask(REQUEST_ID, code)], [])


# --- what happens while the CSV is read ------------------------------------------------------------------------------


class Ended(Plans):
    """Once the survey is stored, the request takes a step that is not ingest's."""

    def __init__(self, ingesting: Ingesting, status: RequestStatus) -> None:
        super().__init__(ingesting.journal)
        self.requests, self.ended = ingesting.requests, replace(ingesting.request, status=status)

    def store_survey(self, request_id: str, survey: SurveyRecord) -> SurveyRecord:
        self.requests.add(self.ended)
        return super().store_survey(request_id, survey)


def overtaken(status: RequestStatus) -> Ingesting:
    ingesting = Ingesting(csv_of(5))
    ingesting.plans = Ended(ingesting, status)
    ingesting.service = ingesting.service_with(daily_images=0)
    ingesting.run()
    return ingesting


@pytest.mark.parametrize("status", [RequestStatus.CANCELLED, RequestStatus.FAILED])
def test_a_request_that_has_ended_while_its_csv_was_read_is_not_started(status: RequestStatus) -> None:
    ended = overtaken(status)
    assert (ended.notify.sent, ended.compress.sent, ended.planned(), ended.finalize.sent) == ([], [], {}, [])


def test_a_request_that_another_run_has_started_goes_on() -> None:
    started = overtaken(RequestStatus.PROCESSING)
    assert (len(started.notify.sent), started.sent()) == (1, [0, 1, 2, 3, 4])


# --- the quota -------------------------------------------------------------------------------------------------------


def charged(text: str, limit: int, used: int = 0, **request: Any) -> Ingesting:
    """Ingest where an owner may start `limit` images a day and has started `used`."""
    ingesting = Ingesting(text, **request)
    ingesting.service = ingesting.service_with(daily_images=limit)
    if used:
        ingesting.requests.images_of_day["acme", day_of(NOW)] = used
    return ingesting


def used(ingesting: Ingesting, now: float = NOW) -> int:
    return ingesting.requests.images_of_day.get(("acme", day_of(now)), 0)


def test_a_request_is_charged_for_its_distinct_images() -> None:
    ingesting = charged("Name,Images\na,https://x/1.jpg\nb,https://x/1.jpg\nc,https://x/2.jpg\n", limit=10)
    ingesting.run()
    assert used(ingesting) == 2


def test_the_last_images_of_the_day_can_be_used() -> None:
    assert charged(csv_of(5), limit=10, used=5).run().status is RequestStatus.PROCESSING


def refused() -> tuple[Ingesting, Request]:
    ingesting = charged(csv_of(5), limit=10, used=6)
    return ingesting, ingesting.run()


def test_a_request_that_the_day_has_no_room_for_is_refused() -> None:
    ingesting, request = refused()
    assert ingesting.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.QUOTA_EXCEEDED)]
    assert request.status is RequestStatus.PENDING


def test_a_request_that_is_refused_for_the_quota_costs_and_does_nothing() -> None:
    ingesting, _ = refused()
    assert (used(ingesting), ingesting.compress.sent, ingesting.notify.sent) == (6, [], [])


def test_another_day_has_room_again() -> None:
    ingesting = charged(csv_of(5), limit=10, used=10)
    ingesting.clock.now = NOW + DAY
    assert ingesting.run().status is RequestStatus.PROCESSING
    assert used(ingesting, NOW + DAY) == 5


@pytest.mark.parametrize("writes", range(1, 8))
def test_a_request_is_charged_once_wherever_its_first_run_died(writes: int) -> None:
    ingesting = charged(csv_of(5), limit=5)
    ingesting.run_until_killed(writes)
    ingesting.run()
    assert (used(ingesting), ingesting.finalize.sent) == (5, [])
    assert ingesting.requests[REQUEST_ID].chunks_total == 1


def test_a_dry_run_costs_nothing() -> None:
    ingesting = charged(csv_of(5), limit=1, options=DRY)
    ingesting.run()
    assert (used(ingesting), ingesting.finalize.sent) == (0, [FinalizeTask(REQUEST_ID)])


def test_without_a_limit_nothing_is_counted() -> None:
    ingesting = charged(csv_of(5), limit=0)
    ingesting.run()
    assert ingesting.requests.images_of_day == {}


@pytest.mark.parametrize(
    ("now", "day"), [(0, "1970-01-01"), (DAY - 0.001, "1970-01-01"), (NOW, "2023-11-14"), (NOW + DAY, "2023-11-15")]
)
def test_a_day_is_one_of_utc(now: float, day: str) -> None:
    assert day_of(now) == day
