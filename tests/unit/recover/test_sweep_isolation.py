"""What ails one request keeps recover from no other; and no dead message makes it promise what is not so."""

from collections.abc import Callable

import pytest

from functions.adapters.table.deliveries import parse_delivery_sk
from functions.core.catalogue.plan import Cursor, PlannedImage, PlannedRow, PlanPart
from functions.core.catalogue.products import Position
from functions.core.errors import NotFoundError, RequestCode, StorageError
from functions.core.messages import CompressTask, DeliveryTask, EventTask, FinalizeTask, IngestTask
from functions.core.model import Chunk, Request, RequestStatus, Result
from functions.core.settling import Settler
from functions.recover.dead_letters import DeadLetters
from functions.recover.sweep import TIME_RESERVE, Sweep, Timing
from tests.fakes import NOW, REQUEST_ID, Chunks, Clock, Deliveries, Plans, Queue, Requests, a_request

PATIENCE = 300
HOUR = 3_600
TIMING = Timing(patience=PATIENCE, deadline=72 * HOUR)
IDS = [f"{n}1111111-2222-4333-8444-555555555555" for n in range(3)]
AILING = IDS[1]


class AilingRequests(Requests):
    """Records of which one cannot be read."""

    error: Exception | None = None

    def find(self, request_id: str) -> Request | None:
        if self.error is not None and request_id == AILING:
            raise self.error
        return super().find(request_id)


class World:
    """Three requests that have ended and are due, the ailing one between the others."""

    def __init__(self) -> None:
        self.requests = AilingRequests()
        for n, request_id in enumerate(IDS):
            self.requests.add(a_request(request_id, status=RequestStatus.COMPLETED), due_at=NOW - 10 + n)
        self.chunks = Chunks(self.requests)
        self.deliveries = Deliveries(self.requests)
        self.plans = Plans()
        self.compress: Queue[CompressTask] = Queue("compress")
        self.ingest: Queue[IngestTask] = Queue("ingest")
        self.finalize: Queue[FinalizeTask] = Queue("finalize")
        self.notify: Queue[EventTask | DeliveryTask] = Queue("notify")
        self.clock = Clock(NOW)
        self.idle_since: int | None = None
        self.logged: list[tuple[str, Exception]] = []

    def sweep(self, time_left: Callable[[], float] = lambda: 300) -> int:
        sweep = Sweep(
            requests=self.requests,
            chunks=self.chunks,
            deliveries=self.deliveries,
            plans=self.plans,
            compress=self.compress,
            ingest=self.ingest,
            finalize=self.finalize,
            notify=self.notify,
            settler=Settler(self.chunks, self.requests, self.finalize, self.clock, PATIENCE),
            idle_since=lambda: self.idle_since,
            timing=TIMING,
            clock=self.clock,
            parse_delivery=parse_delivery_sk,
            log=lambda message, error: self.logged.append((message, error)),
        )
        return sweep.run(time_left)

    def bury(self, task: IngestTask | FinalizeTask) -> str:
        dead = DeadLetters(
            requests=self.requests,
            chunks=self.chunks,
            deliveries=self.deliveries,
            finalize=self.finalize,
            notify=self.notify,
            clock=self.clock,
            lifetime=24 * HOUR,
            patience=PATIENCE,
            deadline=TIMING.deadline,
        )
        return dead.bury(task.to_body())

    @property
    def finalized(self) -> list[str]:
        return [task.request_id for task in self.finalize.sent]


@pytest.fixture
def world() -> World:
    return World()


# --- one request that ails -------------------------------------------------------------------------------------------

ERRORS = [NotFoundError("plans/1/0"), KeyError("status"), StorageError("GetItem"), ValueError("not a plan")]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_request_that_cannot_be_looked_at_keeps_no_other_from_it(world: World, error: Exception) -> None:
    world.requests.error = error
    assert world.sweep() == 3
    assert world.finalized == [IDS[0], IDS[2]]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_request_that_cannot_be_looked_at_is_told_by_its_id(world: World, error: Exception) -> None:
    world.requests.error = error
    world.sweep()
    ((message, logged),) = world.logged
    assert AILING in message
    assert logged is error


def test_a_request_that_could_be_looked_at_is_not_told(world: World) -> None:
    world.sweep()
    assert (world.finalized, world.logged) == (IDS, [])


def test_a_request_that_could_not_be_looked_at_is_due_again(world: World) -> None:
    world.requests.error = StorageError("GetItem")
    world.sweep()
    world.requests.error = None
    world.clock.now += PATIENCE - 1
    world.finalize.sent.clear()
    world.sweep()
    assert world.finalized == [AILING]


def test_a_request_whose_plan_is_gone_keeps_no_other_from_being_looked_at(world: World) -> None:
    """It expires: S3 may delete the plan before DynamoDB does the record."""
    running = a_request(AILING, status=RequestStatus.PROCESSING, chunks_total=1, parts_planned=1)
    world.requests.add(running, due_at=NOW - 9)
    world.chunks.add(Chunk(AILING, 0, 0, 0, 1, int(NOW) - 100))
    world.idle_since = int(NOW)
    world.sweep()
    assert world.finalized == [IDS[0], IDS[2]]
    assert [type(error) for _, error in world.logged] == [NotFoundError]


def test_a_delivery_record_that_cannot_be_read_keeps_no_other_from_being_looked_at(world: World) -> None:
    world.requests.due_at = {
        (f"REQUEST#{AILING}", "DELIVERY#processing.paused#request"): NOW - 20,
        **world.requests.due_at,
    }
    world.sweep()
    assert world.finalized == IDS
    assert [type(error) for _, error in world.logged] == [ValueError]


def test_a_queue_that_takes_no_message_is_told_for_every_request(world: World) -> None:
    world.finalize.journal.failing.add("finalize.send")
    assert world.sweep() == 3
    assert [type(error) for _, error in world.logged] == [StorageError] * 3


# --- no time for all chunks ------------------------------------------------------------------------------------------

CHUNKS = 5


class Spending:
    """Time of which every look at it takes a second; `seconds` are there beyond the reserve."""

    def __init__(self, seconds: float) -> None:
        self.left = TIME_RESERVE + seconds

    def __call__(self) -> float:
        self.left -= 1
        return self.left


@pytest.fixture
def chunked(world: World) -> World:
    """One request of CHUNKS chunks, an image each, none of which has ended."""
    world.requests.due_at.clear()
    running = a_request(status=RequestStatus.PROCESSING, chunks_total=CHUNKS, parts_planned=1, total_images=CHUNKS)
    world.requests.add(running, due_at=NOW)
    images = tuple(PlannedImage(n, n, f"https://x/{n}.jpg") for n in range(CHUNKS))
    row = PlannedRow(2, 1, ("Shoe",), (images,), ())
    end = Cursor(Position(99, 3, 1), CHUNKS, CHUNKS)
    part = PlanPart(0, Cursor(Position(9, 2, 0)), end, (row,), is_last=True)
    world.plans.stored[REQUEST_ID, 0] = part.to_bytes()
    for n in range(CHUNKS):
        world.chunks.add(Chunk(REQUEST_ID, n, 0, n, 1, int(NOW) - 100))
    return world


def test_chunks_that_there_is_no_time_to_count_are_left_open(chunked: World) -> None:
    for n in range(CHUNKS):
        chunked.chunks.record(REQUEST_ID, n, Result(n, f"https://x/{n}.jpg", key="k"), 1)
    chunked.sweep(Spending(4))  # one to begin, and three chunks
    assert chunked.requests[REQUEST_ID].chunks_done == 3


def test_chunks_that_there_was_no_time_to_count_are_counted_by_the_next_sweep(chunked: World) -> None:
    for n in range(CHUNKS):
        chunked.chunks.record(REQUEST_ID, n, Result(n, f"https://x/{n}.jpg", key="k"), 1)
    chunked.sweep(Spending(4))
    chunked.clock.now += PATIENCE
    chunked.sweep()
    assert chunked.finalized == [REQUEST_ID]


def test_chunks_that_there_is_no_time_to_send_again_are_not_sent(chunked: World) -> None:
    chunked.idle_since = int(NOW)
    chunked.sweep(Spending(CHUNKS + 3))  # all are counted, and two sent again
    assert [task.n for task in chunked.compress.sent] == [0, 1]


def test_chunks_that_there_is_no_time_to_give_up_are_not_given_up(chunked: World) -> None:
    chunked.clock.now = NOW + TIMING.deadline + 1
    chunked.sweep(Spending(CHUNKS + 3))
    assert [len(chunked.chunks.results(REQUEST_ID, n)) for n in range(CHUNKS)] == [1, 1, 0, 0, 0]
    assert chunked.finalized == []


def test_chunks_of_a_request_are_all_looked_at_when_there_is_time(chunked: World) -> None:
    chunked.idle_since = int(NOW)
    chunked.sweep()
    assert [task.n for task in chunked.compress.sent] == list(range(CHUNKS))


# --- dead messages of ingest -----------------------------------------------------------------------------------------


def planning(world: World, silent_for: float, status: RequestStatus = RequestStatus.PROCESSING) -> None:
    """A request that was planned up to so many seconds ago."""
    world.requests.add(a_request(status=status, updated_at=NOW - silent_for, created_at=NOW - 2 * HOUR))


def test_a_dead_ingest_message_of_a_request_that_goes_on_ends_nothing(world: World) -> None:
    """SQS delivers more than once: another run is at it, and only this copy died."""
    planning(world, silent_for=PATIENCE - 1)
    assert "left to the sweep" in world.bury(IngestTask(REQUEST_ID))
    assert world.finalize.sent == []


def test_a_dead_ingest_message_of_a_request_that_went_silent_fails_it(world: World) -> None:
    planning(world, silent_for=PATIENCE)
    world.bury(IngestTask(REQUEST_ID))
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INGEST_FAILED)]


def test_a_dead_ingest_message_of_a_request_that_never_began_fails_it(world: World) -> None:
    planning(world, silent_for=1, status=RequestStatus.PENDING)
    world.bury(IngestTask(REQUEST_ID))
    assert world.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INGEST_FAILED)]


def test_a_request_that_is_left_to_the_sweep_is_read_on_by_it(world: World) -> None:
    world.requests.due_at.clear()
    planning(world, silent_for=PATIENCE - 1)
    world.requests.due_at[f"REQUEST#{REQUEST_ID}", "REQUEST"] = NOW + 1
    world.bury(IngestTask(REQUEST_ID))
    world.clock.now += 1
    world.sweep()
    assert world.ingest.sent == [IngestTask(REQUEST_ID)]


# --- dead messages of finalize ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [None, RequestCode.NO_IMAGES])
def test_a_dead_finalisation_that_was_to_write_a_csv_promises_none(world: World, verdict: RequestCode | None) -> None:
    world.requests.add(a_request(status=RequestStatus.PROCESSING, chunks_total=0))
    world.bury(FinalizeTask(REQUEST_ID, verdict))
    request = world.requests[REQUEST_ID]
    assert (request.status, request.error) == (RequestStatus.FAILED, RequestCode.FINALIZE_FAILED)
    assert not request.has_csv


@pytest.mark.parametrize("verdict", [RequestCode.INVALID_CSV, RequestCode.TOO_MANY_IMAGES, RequestCode.INGEST_FAILED])
def test_a_dead_finalisation_that_was_to_write_no_csv_keeps_its_verdict(world: World, verdict: RequestCode) -> None:
    world.requests.add(a_request(status=RequestStatus.PROCESSING))
    world.bury(FinalizeTask(REQUEST_ID, verdict))
    request = world.requests[REQUEST_ID]
    assert (request.error, request.has_csv) == (verdict, False)


PROCESSING, COMPLETED = RequestStatus.PROCESSING, RequestStatus.COMPLETED
FAILED, CANCELLED = RequestStatus.FAILED, RequestStatus.CANCELLED


@pytest.mark.parametrize(
    ("status", "chunks_total", "error", "has_csv"),
    [
        (COMPLETED, 2, None, True),
        (FAILED, 2, RequestCode.ALL_IMAGES_FAILED, True),
        (FAILED, 0, RequestCode.NO_IMAGES, True),
        (FAILED, 2, RequestCode.FINALIZE_FAILED, False),
        (FAILED, 0, RequestCode.FINALIZE_FAILED, False),
        (FAILED, None, RequestCode.INVALID_CSV, False),
        (FAILED, None, RequestCode.INGEST_FAILED, False),
        (FAILED, None, RequestCode.FINALIZE_FAILED, False),
        (RequestStatus.PENDING, None, None, False),
        (PROCESSING, None, None, False),
        (PROCESSING, 2, None, False),
        (CANCELLED, 2, None, False),
        (CANCELLED, None, None, False),
    ],
)
def test_a_request_has_a_csv_when_it_was_planned_and_finalize_could_end_it(
    status: RequestStatus, chunks_total: int | None, error: RequestCode | None, has_csv: bool
) -> None:
    assert a_request(status=status, chunks_total=chunks_total, error=error).has_csv is has_csv
