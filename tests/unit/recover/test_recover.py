"""The sweep over what is due, and what dead messages stand for."""

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.adapters.table.deliveries import parse_delivery_sk
from functions.core.catalogue.plan import Cursor, PlannedImage, PlannedRow, PlanPart
from functions.core.catalogue.products import Position
from functions.core.errors import ImageCode, RequestCode
from functions.core.messages import (
    CompressTask,
    DeliveryTask,
    EventTask,
    FinalizeTask,
    IngestTask,
    UnknownMessageError,
)
from functions.core.model import (
    Chunk,
    Delivery,
    DeliveryState,
    EventType,
    Request,
    RequestStatus,
    Result,
    Source,
    WebhookStatus,
)
from functions.core.options import ImageOptions, Options
from functions.core.reports import DueSwept, Happened, ImagesEnded
from functions.core.settling import Settler
from functions.core.uploads.drop import arrivals
from functions.core.uploads.presigned import UPLOAD_GRACE, presigned_key
from functions.recover.dead_letters import DeadLetters
from functions.recover.sweep import INGEST_BACKLOG, TIME_RESERVE, Sweep, Timing
from tests.fakes import NOW, REQUEST_ID, Chunks, Clock, Deliveries, Journal, Plans, Queue, Requests, a_request

OTHER_ID = "22222222-2222-4333-8444-555555555555"
HOUR = 3_600
SIZE = 3  # images of the one chunk
TIMING = Timing(patience=300, deadline=72 * HOUR)
HOOK = "https://hook.example/x"
SENT_AT = int(NOW)
LATER = NOW + 600
LATE = LATER + TIMING.deadline  # nothing is tried any more


def url(n: int) -> str:
    return f"https://x/{n}.jpg"


class World:
    """The records and queues, ten minutes after a request of one chunk was planned and sent."""

    def __init__(self, **request: Any) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        self.chunks = Chunks(self.requests)
        self.plans = Plans(self.journal)
        self.deliveries = Deliveries(self.requests)
        self.compress: Queue[CompressTask] = Queue("compress", self.journal)
        self.ingest: Queue[IngestTask] = Queue("ingest", self.journal)
        self.finalize: Queue[FinalizeTask] = Queue("finalize", self.journal)
        self.notify: Queue[EventTask | DeliveryTask] = Queue("notify", self.journal)
        self.clock = Clock(LATER)
        self.idle_since: int | None = None
        self.time_left = 300.0
        self.logged: list[tuple[str, Exception]] = []
        self.reported: list[Happened] = []
        planned: dict[str, Any] = {
            "status": RequestStatus.PROCESSING,
            "chunks_total": 1,
            "parts_planned": 1,
            "total_images": SIZE,
        }
        self.requests.add(a_request(**planned | request), due_at=LATER)
        self.chunks.add(Chunk(REQUEST_ID, 0, 0, 0, SIZE, SENT_AT))
        images = tuple(PlannedImage(n, 0, url(n)) for n in range(SIZE))
        row = PlannedRow(2, 1, ("Shoe",), (images,), ())
        end = Cursor(Position(99, 3, 1), SIZE, 1)
        part = PlanPart(0, Cursor(Position(9, 2, 0)), end, (row,), is_last=True)
        self.plans.stored[REQUEST_ID, 0] = part.to_bytes()

    @property
    def request(self) -> Request:
        return self.requests[REQUEST_ID]

    def end(self, *ns: int) -> None:
        for n in ns:
            self.chunks.record(REQUEST_ID, 0, Result(n, url(n), key="k", bytes_in=10, bytes_out=4), 1)

    def sweep(self) -> int:
        sweep = Sweep(
            requests=self.requests,
            chunks=self.chunks,
            deliveries=self.deliveries,
            plans=self.plans,
            compress=self.compress,
            ingest=self.ingest,
            finalize=self.finalize,
            notify=self.notify,
            settler=Settler(self.chunks, self.requests, self.finalize, self.clock, TIMING.patience),
            idle_since=lambda: self.idle_since,
            timing=TIMING,
            clock=self.clock,
            parse_delivery=parse_delivery_sk,
            log=lambda message, error: self.logged.append((message, error)),
            report=self.reported.append,
        )
        return sweep.run(lambda: self.time_left)

    def bury(self, body: str) -> str:
        dead = DeadLetters(
            requests=self.requests,
            chunks=self.chunks,
            deliveries=self.deliveries,
            finalize=self.finalize,
            notify=self.notify,
            clock=self.clock,
            lifetime=86_400,
            patience=TIMING.patience,
            deadline=TIMING.deadline,
            report=self.reported.append,
        )
        return dead.bury(body)


@pytest.fixture
def world() -> World:
    return World()


# --- what is reported ------------------------------------------------------------------------------------------------


def test_images_that_are_given_up_are_reported(world: World) -> None:
    world.end(0)
    world.clock.now = NOW + TIMING.deadline + 1
    world.sweep()
    (ended,) = [each for each in world.reported if isinstance(each, ImagesEnded)]
    assert {(result.n, result.code) for result in ended.results} == {(1, ImageCode.GAVE_UP), (2, ImageCode.GAVE_UP)}


def test_an_image_that_dies_twice_is_reported_once(world: World) -> None:
    for _ in range(2):
        world.bury(CompressTask(REQUEST_ID, 0, 1, url(1), Options()).to_body())
    assert [len(each.results) for each in world.reported if isinstance(each, ImagesEnded)] == [1]


@pytest.mark.parametrize(("share", "late"), [(0.49, 0), (0.51, 1)])
def test_a_request_is_late_once_it_has_used_up_half_of_its_deadline(world: World, share: float, late: int) -> None:
    world.clock.now = NOW + share * TIMING.deadline
    world.sweep()
    assert world.reported[-1] == DueSwept(due=1, late=late)


# --- what is due -----------------------------------------------------------------------------------------------------


def test_what_is_not_due_is_left_alone(world: World) -> None:
    world.clock.now = LATER - 1
    assert world.sweep() == 0
    assert world.journal.writes == []


def test_what_was_looked_at_is_put_off(world: World) -> None:
    world.sweep()
    assert world.requests.due_at == {(f"REQUEST#{REQUEST_ID}", "REQUEST"): LATER + TIMING.patience}


def test_what_there_is_no_time_for_stays_due(world: World) -> None:
    world.time_left = TIME_RESERVE - 1
    assert world.sweep() == 0
    assert world.requests.due_at == {(f"REQUEST#{REQUEST_ID}", "REQUEST"): LATER}


def test_results_whose_stream_records_were_lost_are_settled(world: World) -> None:
    world.end(0, 1, 2)
    world.sweep()
    assert (world.request.chunks_done, world.request.bytes_in) == (1, 30)


def test_a_request_that_is_complete_by_that_is_finalized(world: World) -> None:
    world.end(0, 1, 2)
    world.sweep()
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID)]


def test_a_request_whose_chunks_were_all_done_is_finalized(world: World) -> None:
    """The tally that flipped the last chunk died before it queued the finalisation."""
    world.end(0, 1, 2)
    world.sweep()
    world.finalize.sent.clear()
    world.clock.now = world.requests.due_at[f"REQUEST#{REQUEST_ID}", "REQUEST"]
    world.sweep()
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID)]


@pytest.mark.parametrize("status", [RequestStatus.COMPLETED, RequestStatus.FAILED, RequestStatus.CANCELLED])
def test_a_request_that_has_ended_but_is_due_is_announced_again(status: RequestStatus) -> None:
    world = World(status=status)
    world.sweep()
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID)]


def test_the_sweep_writes_no_status(world: World) -> None:
    world.clock.now = NOW + TIMING.deadline + 1
    world.sweep()
    assert world.request.status is RequestStatus.PROCESSING


# --- missing images --------------------------------------------------------------------------------------------------


def test_a_backlog_is_no_loss(world: World) -> None:
    world.end(0)
    world.idle_since = None
    world.sweep()
    assert world.compress.sent == []


def test_images_that_are_missing_while_the_queues_are_empty_are_sent_again(world: World) -> None:
    world.end(0)
    world.idle_since = SENT_AT + 1
    world.sweep()
    assert [task.n for task in world.compress.sent] == [1, 2]


def test_images_are_sent_again_with_the_options_of_their_request() -> None:
    options = Options(image=ImageOptions(quality=9))
    world = World(options=options)
    world.idle_since = SENT_AT + 1
    world.sweep()
    assert world.compress.sent[0] == CompressTask(REQUEST_ID, 0, 0, url(0), options)


def test_images_that_were_sent_after_the_queues_were_seen_empty_are_not_sent_again(world: World) -> None:
    world.idle_since = SENT_AT
    world.sweep()
    assert world.compress.sent == []


def test_images_that_were_sent_again_are_not_sent_a_third_time_at_once(world: World) -> None:
    world.idle_since = SENT_AT + 1
    world.sweep()
    world.requests.due_at[f"REQUEST#{REQUEST_ID}", "REQUEST"] = LATER
    world.sweep()
    assert len(world.compress.sent) == SIZE


def test_of_two_sweeps_at_once_only_one_sends_again(world: World) -> None:
    world.idle_since = SENT_AT + 1
    stale = world.chunks.records[REQUEST_ID, 0]

    class Overtaken(Chunks):
        def claim_resending(self, chunk: Chunk, now: int) -> bool:
            super().claim_resending(stale, now - 1)  # the other sweep was here
            return super().claim_resending(chunk, now)

    world.chunks = Overtaken(world.requests, world.chunks.records, world.chunks.ended)
    world.sweep()
    assert world.compress.sent == []


def test_after_the_deadline_missing_images_are_given_up(world: World) -> None:
    world.end(0)
    world.clock.now = NOW + TIMING.deadline + 1
    world.sweep()
    codes = {n: result.code for n, result in world.chunks.ended[REQUEST_ID, 0].items()}
    assert codes == {0: None, 1: ImageCode.GAVE_UP, 2: ImageCode.GAVE_UP}


def test_after_the_deadline_the_request_is_finalized_in_the_same_sweep(world: World) -> None:
    world.clock.now = NOW + TIMING.deadline + 1
    world.sweep()
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID)]


def test_after_the_deadline_nothing_is_sent_again(world: World) -> None:
    world.idle_since = SENT_AT + 1
    world.clock.now = NOW + TIMING.deadline + 1
    world.sweep()
    assert world.compress.sent == []


# --- CSVs that were not read -----------------------------------------------------------------------------------------

UNPLANNED: dict[str, Any] = {"status": RequestStatus.PENDING, "chunks_total": None, "parts_planned": 0}


@pytest.mark.parametrize("status", [RequestStatus.PENDING, RequestStatus.PROCESSING])
def test_a_csv_that_was_not_read_to_its_end_is_read_again(status: RequestStatus) -> None:
    world = World(**UNPLANNED | {"status": status})
    world.sweep()
    assert world.ingest.sent == [IngestTask(REQUEST_ID)]


def test_a_csv_whose_turn_may_not_have_come_is_left_to_its_message() -> None:
    world = World(**UNPLANNED)
    world.ingest.empty = False
    world.sweep()
    assert world.ingest.sent == []


def test_a_csv_that_waited_longer_than_a_backlog_explains_is_read_again() -> None:
    world = World(**UNPLANNED)
    world.ingest.empty = False
    world.clock.now = NOW + INGEST_BACKLOG + 1
    world.sweep()
    assert world.ingest.sent == [IngestTask(REQUEST_ID)]


def test_after_the_deadline_a_csv_that_was_not_read_fails_its_request() -> None:
    world = World(**UNPLANNED)
    world.clock.now = NOW + TIMING.deadline + 1
    world.sweep()
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INGEST_FAILED)]


# --- presigned uploads -----------------------------------------------------------------------------------------------

KEY = presigned_key("acme", REQUEST_ID, "a.csv")
UNTIL = NOW + HOUR
WAITING: dict[str, Any] = {**UNPLANNED, "object_key": KEY, "version_id": "", "upload_until": UNTIL}


def test_an_upload_that_is_overdue_is_left_to_ingest_which_knows_whether_it_came() -> None:
    world = World(**WAITING)
    world.clock.now = UNTIL + UPLOAD_GRACE + 1
    world.sweep()
    assert (world.ingest.sent, world.finalize.sent) == ([IngestTask(REQUEST_ID)], [])


def test_the_time_that_a_request_may_take_begins_when_its_upload_must_have_come() -> None:
    world = World(**WAITING)
    world.clock.now = UNTIL + UPLOAD_GRACE + TIMING.deadline
    world.sweep()
    assert world.finalize.sent == []


def test_a_request_that_ingest_never_looked_for_fails_in_the_end() -> None:
    world = World(**WAITING)
    world.clock.now = UNTIL + UPLOAD_GRACE + TIMING.deadline + 1
    world.sweep()
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INGEST_FAILED)]


# --- deliveries that are due -----------------------------------------------------------------------------------------


def a_delivery(**changes: Any) -> Delivery:
    return replace(Delivery(REQUEST_ID, EventType.COMPLETED, "request", HOOK, "acme"), **changes)


@pytest.fixture
def delivered() -> World:
    """A completed request whose delivery alone is due."""
    world = World(status=RequestStatus.COMPLETED, webhook_url=HOOK, webhook_status=WebhookStatus.NOT_SENT)
    world.requests.due_at.clear()
    world.deliveries.add(a_delivery(), due_at=LATER)
    return world


def test_a_delivery_that_is_due_gets_its_next_attempt(delivered: World) -> None:
    delivered.sweep()
    assert delivered.notify.sent == [DeliveryTask(REQUEST_ID, EventType.COMPLETED, "request", 0)]


def test_a_delivery_that_is_due_is_put_off(delivered: World) -> None:
    delivered.sweep()
    assert delivered.deliveries.due_at(a_delivery()) == LATER + TIMING.patience


@pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.GAVE_UP])
def test_a_delivery_that_has_ended_gets_no_attempt(delivered: World, state: DeliveryState) -> None:
    delivered.deliveries.add(a_delivery(state=state), due_at=LATER)
    delivered.sweep()
    assert delivered.notify.sent == []


# --- dead letters ----------------------------------------------------------------------------------------------------


def test_an_image_that_died_without_a_word_is_given_up(world: World) -> None:
    world.bury(CompressTask(REQUEST_ID, 0, 1, url(1), Options()).to_body())
    assert world.chunks.ended[REQUEST_ID, 0][1].code is ImageCode.GAVE_UP


def test_an_image_that_had_ended_all_the_same_keeps_its_result(world: World) -> None:
    world.end(1)
    world.bury(CompressTask(REQUEST_ID, 0, 1, url(1), Options()).to_body())
    assert world.chunks.ended[REQUEST_ID, 0][1].code is None


def test_an_image_of_a_request_that_has_ended_is_not_given_up() -> None:
    world = World(status=RequestStatus.CANCELLED)
    world.bury(CompressTask(REQUEST_ID, 0, 1, url(1), Options()).to_body())
    assert world.chunks.results(REQUEST_ID, 0) == []


def test_a_csv_that_could_not_be_read_fails_its_request() -> None:
    world = World(chunks_total=None)
    world.bury(IngestTask(REQUEST_ID).to_body())
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INGEST_FAILED)]


def test_a_csv_that_another_run_has_planned_fails_nothing(world: World) -> None:
    assert "another run" in world.bury(IngestTask(REQUEST_ID).to_body())
    assert world.finalize.sent == []


@pytest.mark.parametrize("verdict", [None, RequestCode.INGEST_FAILED])
def test_a_finalisation_that_died_does_not_end_a_request_that_runs(world: World, verdict: RequestCode | None) -> None:
    world.bury(FinalizeTask(REQUEST_ID, verdict).to_body())
    assert world.request.status is RequestStatus.PROCESSING


def test_a_request_that_could_not_be_finalized_has_failed() -> None:
    world = World(chunks_done=1)
    world.bury(FinalizeTask(REQUEST_ID).to_body())
    assert (world.request.status, world.request.error) == (RequestStatus.FAILED, RequestCode.FINALIZE_FAILED)


def test_a_verdict_that_could_not_be_written_holds() -> None:
    world = World(chunks_total=None)
    world.bury(FinalizeTask(REQUEST_ID, RequestCode.INVALID_CSV).to_body())
    assert world.request.error is RequestCode.INVALID_CSV


def test_a_request_that_could_not_be_finalized_is_announced_as_failed() -> None:
    world = World(chunks_done=1)
    world.bury(FinalizeTask(REQUEST_ID).to_body())
    assert world.notify.sent == [EventTask(REQUEST_ID, EventType.FAILED)]


def test_a_request_that_was_completed_before_its_message_died_stays_completed() -> None:
    world = World(status=RequestStatus.COMPLETED)
    world.bury(FinalizeTask(REQUEST_ID).to_body())
    assert world.request.status is RequestStatus.COMPLETED
    assert world.notify.sent == [EventTask(REQUEST_ID, EventType.COMPLETED)]


def test_nobody_looks_after_a_request_whose_finalisation_was_buried() -> None:
    world = World(chunks_done=1)
    world.bury(FinalizeTask(REQUEST_ID).to_body())
    assert world.requests.due_at == {}


def test_what_follows_an_end_is_left_to_the_sweep_when_its_message_died() -> None:
    """The copy of a drop's output CSV, say: finalize does it again on a request that has ended."""
    world = World(status=RequestStatus.COMPLETED, ended_at=NOW)
    world.bury(FinalizeTask(REQUEST_ID).to_body())
    world.sweep()
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID)]


def test_what_follows_an_end_is_not_tried_for_ever() -> None:
    world = World(status=RequestStatus.COMPLETED, ended_at=NOW)
    world.clock.now = LATE
    world.bury(FinalizeTask(REQUEST_ID).to_body())
    assert world.requests.due_at == {}


def test_a_cancelled_request_whose_finalisation_died_sends_no_event() -> None:
    world = World(status=RequestStatus.CANCELLED)
    world.bury(FinalizeTask(REQUEST_ID).to_body())
    assert world.notify.sent == []


def test_a_delivery_whose_message_died_has_given_up(delivered: World) -> None:
    delivered.bury(DeliveryTask(REQUEST_ID, EventType.COMPLETED, "request", 0).to_body())
    (delivery,) = delivered.deliveries.of_request(REQUEST_ID)
    assert delivery.state is DeliveryState.GAVE_UP


def test_a_webhook_whose_message_died_has_failed(delivered: World) -> None:
    delivered.bury(DeliveryTask(REQUEST_ID, EventType.COMPLETED, "request", 0).to_body())
    assert delivered.request.webhook_status is WebhookStatus.FAILED


def test_a_delivery_that_had_arrived_all_the_same_stays_sent(delivered: World) -> None:
    delivered.deliveries.add(a_delivery(state=DeliveryState.DELIVERED))
    delivered.requests.set_webhook_status(REQUEST_ID, WebhookStatus.SENT)
    delivered.bury(DeliveryTask(REQUEST_ID, EventType.COMPLETED, "request", 0).to_body())
    assert delivered.request.webhook_status is WebhookStatus.SENT


@pytest.mark.parametrize("event", EventType)
def test_an_event_whose_message_died_is_announced_again(delivered: World, event: EventType) -> None:
    """All of AWS that it needs may have been away for longer than the message lived."""
    delivered.bury(EventTask(REQUEST_ID, event).to_body())
    assert delivered.notify.sent == [EventTask(REQUEST_ID, event)]
    assert delivered.request.webhook_status is WebhookStatus.NOT_SENT


def test_an_event_is_announced_again_for_as_long_as_a_request_may_take() -> None:
    world = World(status=RequestStatus.COMPLETED, ended_at=LATER)
    world.clock.now = LATER + TIMING.deadline
    world.bury(EventTask(REQUEST_ID, EventType.COMPLETED).to_body())
    assert len(world.notify.sent) == 1
    world.clock.now += 1
    world.bury(EventTask(REQUEST_ID, EventType.COMPLETED).to_body())
    assert len(world.notify.sent) == 1


def test_an_event_of_a_request_that_is_gone_is_not_announced_again(world: World) -> None:
    world.bury(EventTask(OTHER_ID, EventType.COMPLETED).to_body())
    assert world.notify.sent == []


def test_an_event_that_died_for_good_leaves_what_is_being_delivered_to_its_retries(delivered: World) -> None:
    delivered.clock.now = LATE
    delivered.bury(EventTask(REQUEST_ID, EventType.COMPLETED).to_body())
    assert delivered.request.webhook_status is WebhookStatus.NOT_SENT


def test_an_event_whose_message_died_leaves_a_request_without_webhooks_as_it_is(world: World) -> None:
    world.bury(EventTask(REQUEST_ID, EventType.COMPLETED).to_body())
    assert world.request.webhook_status is None


def test_a_repeated_event_that_died_leaves_webhooks_that_were_sent_as_they_are(delivered: World) -> None:
    delivered.clock.now = LATE
    delivered.requests.set_webhook_status(REQUEST_ID, WebhookStatus.SENT)
    delivered.bury(EventTask(REQUEST_ID, EventType.COMPLETED).to_body())
    assert delivered.request.webhook_status is WebhookStatus.SENT


def test_an_event_that_was_not_announced_has_failed(delivered: World) -> None:
    delivered.deliveries.records.clear()
    delivered.clock.now = LATE
    delivered.bury(EventTask(REQUEST_ID, EventType.COMPLETED).to_body())
    assert delivered.request.webhook_status is WebhookStatus.FAILED


def test_a_start_that_was_not_announced_leaves_the_end_to_be_told(delivered: World) -> None:
    delivered.clock.now = LATE
    delivered.bury(EventTask(REQUEST_ID, EventType.STARTED).to_body())
    assert delivered.request.webhook_status is WebhookStatus.NOT_SENT


def s3_event(key: str) -> str:
    described = {"key": key, "versionId": "v1"}
    return json.dumps({"Records": [{"s3": {"bucket": {"name": "uploads"}, "object": described}}]})


def test_a_drop_that_could_not_be_taken_in_becomes_a_request_that_failed(world: World) -> None:
    event = s3_event("incoming/acme/a.csv")
    (drop,) = arrivals(json.loads(event))
    world.bury(event)
    assert world.requests[drop.request_id].source is Source.S3
    assert world.finalize.sent == [FinalizeTask(drop.request_id, RequestCode.INGEST_FAILED)]


@pytest.mark.parametrize("version", ["", "v1"])
def test_an_upload_that_could_not_be_taken_in_fails_its_request(version: str) -> None:
    world = World(**WAITING | {"version_id": version})
    world.bury(s3_event(KEY))
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INGEST_FAILED)]


@pytest.mark.parametrize(
    "request_",
    [{"version_id": "v0"}, {"object_key": presigned_key("acme", REQUEST_ID, "b.csv")}],
    ids=["another version counts", "another key was given out"],
)
def test_an_upload_that_does_not_count_fails_no_request(request_: dict[str, Any]) -> None:
    world = World(**WAITING | request_)
    world.bury(s3_event(KEY))
    assert world.journal.writes == []


def test_an_upload_of_no_request_makes_none(world: World) -> None:
    world.bury(s3_event(presigned_key("acme", OTHER_ID, "a.csv")))
    assert (list(world.requests.records), world.journal.writes) == ([REQUEST_ID], [])


def test_a_dead_message_of_the_stream_is_left_to_the_sweep(world: World) -> None:
    world.bury(json.dumps({"DDBStreamBatchInfo": {"shardId": "1"}}))
    assert world.journal.writes == []


@pytest.mark.parametrize(
    "body",
    ["no json", "[]", '"text"', "{}", '{"kind":"elsewhere","v":1}', '{"kind":"compress","v":99}'],
)
def test_a_dead_message_that_nobody_knows_is_told(world: World, body: str) -> None:
    with pytest.raises(UnknownMessageError):
        world.bury(body)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (CompressTask(REQUEST_ID, 0, 1, url(1), Options()).to_body(), "image 1"),
        (IngestTask(REQUEST_ID).to_body(), "planned by another run"),
        (FinalizeTask(REQUEST_ID).to_body(), "could not be finalised"),
        (EventTask(REQUEST_ID, EventType.FAILED).to_body(), "could not be announced"),
    ],
)
def test_what_was_buried_is_told_with_its_request(world: World, body: str, word: str) -> None:
    told = world.bury(body)
    assert word in told
    assert REQUEST_ID in told
