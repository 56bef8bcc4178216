"""What goes wrong with one image of a batch concerns no other image of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from functions.compress.worker import CODEC_RESERVE, TIME_RESERVE, Budget, CompressImages, Delivered, Politeness, Steps
from functions.core.errors import ImageCode, StorageError
from functions.core.messages import CompressTask
from functions.core.model import RequestStatus, Result
from functions.core.network.fetched import Fetched
from functions.core.options import ImageOptions, Options
from tests.fakes import (
    REQUEST_ID,
    Chunks,
    Journal,
    NoBuckets,
    Objects,
    Origins,
    Picture,
    Queue,
    Requests,
    a_request,
    renditions_of,
    with_steps,
)

SHARED, ALL = 1_000, 3_000  # bytes of memory that the images of a batch share, and that one has alone
BATCH = 5


def url(n: int) -> str:
    return f"https://shop.example/{n}.jpg"


def message(n: int, is_alone: bool = False) -> Delivered:
    task = CompressTask(REQUEST_ID, 0, n, url(n), Options())
    return Delivered(f"message-{n}", f"receipt-{n}", 1, is_alone, task)


@dataclass
class Worker:
    """The service among fakes. `needed` is the memory of each image by its URL; without it, 10 bytes."""

    needed: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        self.requests.add(a_request(status=RequestStatus.PROCESSING))
        self.results = Chunks(self.requests)
        self.queue: Queue[CompressTask] = Queue("queue", self.journal)
        self.alone: Queue[CompressTask] = Queue("alone", self.journal)
        self.origins = Origins({url(n): Fetched(str(n).encode()) for n in range(BATCH)})
        self.compressed: list[int] = []
        self.logged: list[tuple[str, Exception]] = []
        self.service = CompressImages(
            steps=Steps(
                fetcher=self.origins,
                buckets=NoBuckets(),
                memory_needed=lambda source, _options: self.needed.get(int(source), 10),
                compress=self.compress,
                compress_all=renditions_of(self.compress),
                pictures=Objects(self.journal),
                encoded=Budget(SHARED),
                decoded=Budget(SHARED),
                memory=ALL,
                origins=Politeness(25, lambda: 0.0),
                codec_slots=threading.BoundedSemaphore(2),
            ),
            requests=self.requests,
            results=self.results,
            queue=self.queue,
            alone=self.alone,
            first_wait=10,
            log=lambda text, error: self.logged.append((text, error)),
        )

    def compress(self, source: bytes, _options: ImageOptions) -> Picture:
        self.compressed.append(int(source))
        return Picture()

    def run(self, *batch: Delivered, time_left: Callable[[], float] = lambda: 100) -> list[str]:
        return self.service.run(batch, time_left)

    def run_all(self) -> list[str]:
        return self.run(*(message(n) for n in range(BATCH)))

    @property
    def ended(self) -> dict[int, Result]:
        return self.results.ended.get((REQUEST_ID, 0), {})


@pytest.fixture
def worker() -> Worker:
    return Worker()


# --- what nobody expected --------------------------------------------------------------------------------------------

UNEXPECTED = [ValueError("chunk of -5"), KeyError("ETag"), RecursionError(), MemoryError(), AssertionError()]


@pytest.mark.parametrize("error", UNEXPECTED, ids=lambda error: type(error).__name__)
def test_an_unexpected_error_fails_its_own_message_alone(worker: Worker, error: Exception) -> None:
    worker.origins.answers[url(2)] = error
    assert worker.run_all() == ["message-2"]
    assert sorted(worker.ended) == [0, 1, 3, 4]


def test_an_unexpected_error_of_the_codec_fails_its_own_message_alone(worker: Worker) -> None:
    def breaking(source: bytes, _options: ImageOptions) -> Picture:
        if source == b"2":
            raise ValueError("libwebp")
        return Picture()

    worker.service = with_steps(worker.service, compress=breaking)
    assert worker.run_all() == ["message-2"]
    assert sorted(worker.ended) == [0, 1, 3, 4]


def test_an_error_of_storage_puts_its_own_message_off_alone(worker: Worker) -> None:
    class Refusing(Chunks):
        def record(self, request_id: str, chunk: int, result: Result, expires_at: int) -> bool:
            if result.n == 2:
                raise StorageError("PutItem")
            return super().record(request_id, chunk, result, expires_at)

    worker.results = Refusing(worker.requests)
    worker.service = replace(worker.service, results=worker.results)
    assert worker.run_all() == []
    assert [task.n for task in worker.queue.sent] == [2]
    assert sorted(worker.ended) == [0, 1, 3, 4]


def test_an_unexpected_error_is_logged_with_its_image(worker: Worker) -> None:
    error = ValueError("chunk of -5")
    worker.origins.answers[url(2)] = error
    worker.run_all()
    assert worker.logged == [(f"image 2 of {REQUEST_ID} is tried again", error)]


def test_an_unexpected_error_waits_for_the_back_off(worker: Worker) -> None:
    worker.origins.answers[url(2)] = ValueError()
    worker.run_all()
    assert list(worker.queue.hidden) == ["receipt-2"]


def test_an_unexpected_error_is_no_result(worker: Worker) -> None:
    """It comes again, alone at last, and then dies into a result of its own."""
    worker.origins.answers[url(2)] = ValueError()
    worker.run(message(2))
    assert worker.ended == {}


# --- no time for the codec -------------------------------------------------------------------------------------------


def slow_download() -> Callable[[], float]:
    """Enough time is left before the download, and too little after it."""
    left = iter([TIME_RESERVE, TIME_RESERVE, CODEC_RESERVE - 1])
    return lambda: next(left)


@pytest.mark.parametrize("is_alone", [False, True])
def test_a_download_that_left_no_time_is_sent_afresh_and_acknowledged(worker: Worker, is_alone: bool) -> None:
    late = message(2, is_alone)
    assert worker.run(late, time_left=slow_download()) == []
    sent = {"queue": worker.queue.sent, "alone": worker.alone.sent}
    assert sent == ({"queue": [], "alone": [late.task]} if is_alone else {"queue": [late.task], "alone": []})


def test_a_download_that_left_no_time_is_not_begun_to_be_compressed(worker: Worker) -> None:
    worker.run(message(2), time_left=slow_download())
    assert (worker.origins.fetched, worker.compressed, worker.ended) == ([url(2)], [], {})


def test_a_body_is_not_read_when_its_memory_came_too_late(worker: Worker) -> None:
    left = iter([TIME_RESERVE, TIME_RESERVE - 1])
    late = message(2)
    assert worker.run(late, time_left=lambda: next(left)) == []
    assert (worker.queue.sent, worker.compressed) == ([late.task], [])


def test_a_download_that_left_just_enough_time_is_compressed(worker: Worker) -> None:
    left = iter([TIME_RESERVE, TIME_RESERVE, CODEC_RESERVE])
    worker.run(message(2), time_left=lambda: next(left))
    assert worker.compressed == [2]


def test_a_download_that_left_no_time_gives_its_memory_back(worker: Worker) -> None:
    worker.run(message(2), time_left=slow_download())
    assert (worker.service.steps.encoded._used, worker.service.steps.decoded._used) == (0, 0)


def test_a_download_that_left_no_time_is_delivered_again_when_it_cannot_be_sent(worker: Worker) -> None:
    worker.journal.failing.add("queue.send")
    assert worker.run(message(2), time_left=slow_download()) == ["message-2"]


def test_messages_that_there_is_no_time_for_fail_one_by_one_when_they_cannot_be_sent(worker: Worker) -> None:
    """The queue takes every message but the third."""

    class Refusing(Queue[CompressTask]):
        def send(self, task: CompressTask, delay: int = 0) -> None:
            if task.n == 2:
                raise StorageError("SendMessage")
            super().send(task, delay)

    worker.service = replace(worker.service, queue=Refusing())
    batch = [message(n) for n in range(BATCH)]
    assert worker.run(*batch, time_left=lambda: TIME_RESERVE - 1) == ["message-2"]


# --- more memory than is shared --------------------------------------------------------------------------------------


def test_an_image_that_fits_the_shared_memory_exactly_is_worked_on() -> None:
    worker = Worker({2: SHARED})
    assert worker.run_all() == []
    assert (sorted(worker.ended), worker.alone.sent) == ([0, 1, 2, 3, 4], [])


def test_an_image_that_needs_more_than_is_shared_is_moved_and_its_neighbours_end() -> None:
    worker = Worker({2: SHARED + 1})
    assert worker.run_all() == []
    assert worker.alone.sent == [message(2).task]
    assert sorted(worker.ended) == [0, 1, 3, 4]


def test_an_image_that_needs_more_than_there_is_at_all_is_moved_too() -> None:
    """Only alone is it known how much there is."""
    worker = Worker({2: ALL + 1})
    worker.run_all()
    assert (worker.alone.sent, 2 in worker.ended) == ([message(2).task], False)


def test_an_image_that_was_moved_holds_no_memory() -> None:
    worker = Worker({2: SHARED + 1})
    worker.run(message(2))
    assert (worker.service.steps.encoded._used, worker.service.steps.decoded._used) == (0, 0)


def test_an_image_that_cannot_be_moved_is_delivered_again_by_itself() -> None:
    worker = Worker({2: SHARED + 1})
    worker.journal.failing |= {"alone.send", "queue.send"}
    assert worker.run_all() == ["message-2"]
    assert sorted(worker.ended) == [0, 1, 3, 4]


def test_an_image_that_fits_all_memory_exactly_is_worked_on_alone() -> None:
    worker = Worker({2: ALL})
    worker.run(message(2, is_alone=True))
    assert (worker.ended[2].code, worker.alone.sent) == (None, [])


def test_an_image_that_needs_more_than_all_memory_is_never_begun() -> None:
    worker = Worker({2: ALL + 1})
    assert worker.run(message(2, is_alone=True)) == []
    assert (worker.ended[2].code, worker.compressed) == (ImageCode.TOO_MANY_PIXELS, [])


def test_an_image_that_needs_more_than_all_memory_is_not_sent_round_and_round() -> None:
    worker = Worker({2: ALL + 1})
    worker.run(message(2, is_alone=True))
    assert (worker.alone.sent, worker.queue.sent) == ([], [])
