"""The worker."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from functions.compress.worker import (
    CODEC_RESERVE,
    MAX_ALONE_RECEIVES,
    MAX_PAUSES,
    MAX_SHARED_RECEIVES,
    TIME_RESERVE,
    Budget,
    CompressImages,
    Delivered,
    Politeness,
    Steps,
)
from functions.core.errors import ImageCode, OverloadedError, PermanentError, TransientError
from functions.core.messages import CompressTask
from functions.core.model import ImageStatus, Prior, RequestStatus, Result
from functions.core.network.fetched import Fetched
from functions.core.options import ImageOptions, Options, parse_options
from functions.core.reports import Happened, ImagesEnded
from functions.core.reuse import prior_of
from tests.fakes import (
    REQUEST_ID,
    Chunks,
    Journal,
    KilledError,
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

MEBIBYTE = 1 << 20
SECOND_ID = "22222222-2222-4333-8444-555555555555"


def half(source: bytes, _options: ImageOptions) -> Picture:
    """A codec that halves."""
    return Picture(source[: len(source) // 2])


def needing(size: int) -> Callable[[bytes, ImageOptions], int]:
    """Every image needs so many bytes of memory."""
    return lambda _source, _options: size


def url(n: int) -> str:
    return f"https://shop.example/{n}.jpg"


def message(n: int, receives: int = 1, is_alone: bool = False, request_id: str = REQUEST_ID) -> Delivered:
    task = CompressTask(request_id, n // 200, n, url(n), Options())
    return Delivered(f"message-{n}", f"receipt-{n}", receives, is_alone, task)


@dataclass
class Worker:
    """The service among fakes."""

    journal: Journal = field(default_factory=Journal)
    origins: Origins = field(default_factory=Origins)
    logged: list[str] = field(default_factory=list)
    reported: list[Happened] = field(default_factory=list)
    time_left: float = 100

    def __post_init__(self) -> None:
        self.requests = Requests(self.journal)
        self.requests.add(a_request(status=RequestStatus.PROCESSING))
        self.results = Chunks(self.requests)
        self.pictures = Objects(self.journal)
        self.queue: Queue[CompressTask] = Queue("queue", self.journal)
        self.alone: Queue[CompressTask] = Queue("alone", self.journal)
        self.service = CompressImages(
            steps=Steps(
                fetcher=self.origins,
                buckets=NoBuckets(),
                memory_needed=lambda source, _options: len(source),
                compress=half,
                compress_all=renditions_of(half),
                pictures=self.pictures,
                encoded=Budget(MEBIBYTE),
                decoded=Budget(MEBIBYTE),
                memory=2 * MEBIBYTE,
                origins=Politeness(25, lambda: 0.0),
                codec_slots=threading.BoundedSemaphore(2),
            ),
            requests=self.requests,
            results=self.results,
            queue=self.queue,
            alone=self.alone,
            first_wait=10,
            log=lambda text, _error: self.logged.append(text),
            report=self.reported.append,
        )

    def run(self, *batch: Delivered) -> list[str]:
        return self.service.run(batch, lambda: self.time_left)

    def result(self, n: int) -> Result:
        return self.results.ended[REQUEST_ID, n // 200][n]

    def has_ended(self, n: int) -> bool:
        return n in self.results.ended.get((REQUEST_ID, n // 200), {})


@pytest.fixture
def worker() -> Worker:
    return Worker()


def test_an_image_ends_with_its_size_before_and_after(worker: Worker) -> None:
    worker.origins.answers[url(7)] = Fetched(b"0123456789")
    worker.run(message(7))
    assert (worker.result(7).bytes_in, worker.result(7).bytes_out) == (10, 5)


def test_an_image_ends_with_the_format_and_edges_of_its_output(worker: Worker) -> None:
    worker.run(message(7))
    assert (worker.result(7).format, worker.result(7).width, worker.result(7).height) == ("webp", 12, 8)


def test_the_picture_is_where_the_result_says(worker: Worker) -> None:
    worker.origins.answers[url(7)] = Fetched(b"0123456789")
    worker.run(message(7))
    assert worker.pictures.contents == {worker.result(7).key: b"01234"}


def test_the_picture_is_written_before_its_result(worker: Worker) -> None:
    worker.run(message(7))
    assert [write.split()[0] for write in worker.journal.writes] == ["objects.put", "chunks.record"]


def test_a_result_keeps_what_the_origin_said_about_its_version(worker: Worker) -> None:
    worker.origins.answers[url(7)] = Fetched(b"0123456789", '"abc"', "Mon, 01 Jan 2024 00:00:00 GMT")
    worker.run(message(7))
    assert (worker.result(7).etag, worker.result(7).last_modified) == ('"abc"', "Mon, 01 Jan 2024 00:00:00 GMT")


def test_a_result_says_how_many_attempts_it_took(worker: Worker) -> None:
    worker.run(message(7, receives=2))
    assert worker.result(7).attempts == 2


def test_every_image_of_a_batch_ends(worker: Worker) -> None:
    assert worker.run(*(message(n) for n in range(25))) == []
    assert sorted(worker.results.ended[REQUEST_ID, 0]) == list(range(25))


def test_a_permanent_failure_is_a_result_at_once(worker: Worker) -> None:
    worker.origins.answers[url(7)] = PermanentError(ImageCode.NOT_FOUND)
    assert worker.run(message(7)) == []
    assert worker.result(7) == Result(7, url(7), ImageCode.NOT_FOUND, attempts=1)


def test_what_the_codec_refuses_is_a_result_at_once(worker: Worker) -> None:
    def refuse(_source: bytes, _options: ImageOptions) -> Picture:
        raise PermanentError(ImageCode.CORRUPT)

    worker.service = with_steps(worker.service, compress=refuse)
    worker.run(message(7))
    assert worker.result(7).code is ImageCode.CORRUPT


def test_the_format_of_an_image_that_is_not_supported_is_in_its_result(worker: Worker) -> None:
    worker.origins.answers[url(7)] = PermanentError(ImageCode.UNSUPPORTED_FORMAT, "svg")
    worker.run(message(7))
    assert worker.result(7) == Result(7, url(7), ImageCode.UNSUPPORTED_FORMAT, format="svg")


def test_the_detail_of_another_failure_is_for_logs_only(worker: Worker) -> None:
    worker.origins.answers[url(7)] = PermanentError(ImageCode.CORRUPT, "at byte 7")
    worker.run(message(7))
    assert worker.result(7).format is None


def test_a_transient_failure_is_delivered_again(worker: Worker) -> None:
    worker.origins.answers[url(7)] = TransientError(ImageCode.TIMEOUT)
    assert worker.run(message(7)) == ["message-7"]


def test_a_transient_failure_is_no_result_yet(worker: Worker) -> None:
    worker.origins.answers[url(7)] = TransientError(ImageCode.TIMEOUT)
    worker.run(message(7))
    assert not worker.has_ended(7)


def test_a_transient_failure_waits_for_the_back_off(worker: Worker) -> None:
    worker.origins.answers[url(7)] = TransientError(ImageCode.TIMEOUT)
    worker.run(message(7, receives=2))
    assert 10 <= worker.queue.hidden["receipt-7"] <= 20


def test_a_transient_failure_waits_as_long_as_the_origin_asks(worker: Worker) -> None:
    worker.origins.answers[url(7)] = TransientError(ImageCode.RATE_LIMITED, retry_after=120)
    worker.run(message(7))
    assert worker.queue.hidden == {"receipt-7": 120}


def test_a_failure_does_not_touch_its_neighbours(worker: Worker) -> None:
    worker.origins.answers[url(6)] = TransientError(ImageCode.TIMEOUT)
    worker.run(*(message(n) for n in range(10)))
    assert [n for n in range(10) if not worker.has_ended(n)] == [6]


def test_the_third_delivery_moves_to_alone_queue(worker: Worker) -> None:
    third = message(7, receives=MAX_SHARED_RECEIVES + 1)
    assert worker.run(third) == []
    assert worker.alone.sent == [third.task]


def test_the_third_delivery_moves_before_any_work_is_done(worker: Worker) -> None:
    worker.run(message(7, receives=MAX_SHARED_RECEIVES + 1))
    assert worker.origins.fetched == []


def test_the_third_delivery_is_moved_later_when_it_cannot_be_moved(worker: Worker) -> None:
    worker.journal.failing.add("alone.send")
    third = message(7, receives=MAX_SHARED_RECEIVES + 1)
    assert worker.run(third) == []
    assert worker.queue.sent == [replace(third.task, tried=MAX_SHARED_RECEIVES, pauses=1)]


def test_the_third_delivery_stays_when_no_queue_takes_it(worker: Worker) -> None:
    worker.journal.failing |= {"alone.send", "queue.send"}
    assert worker.run(message(7, receives=MAX_SHARED_RECEIVES + 1)) == ["message-7"]


def test_the_third_delivery_moves_even_when_no_time_is_left(worker: Worker) -> None:
    worker.time_left = 0
    worker.run(message(7, receives=MAX_SHARED_RECEIVES + 1))
    assert (len(worker.alone.sent), len(worker.queue.sent)) == (1, 0)


def test_a_message_of_alone_queue_is_worked_on_however_often_it_was_received(worker: Worker) -> None:
    worker.run(message(7, receives=MAX_ALONE_RECEIVES, is_alone=True))
    assert worker.result(7).status is ImageStatus.COMPLETED


def test_a_transient_failure_alone_waits_in_alone_queue(worker: Worker) -> None:
    worker.origins.answers[url(7)] = TransientError(ImageCode.TIMEOUT)
    assert worker.run(message(7, receives=MAX_ALONE_RECEIVES - 1, is_alone=True)) == ["message-7"]
    assert "receipt-7" in worker.alone.hidden


def test_the_last_delivery_alone_ends_with_the_origins_code(worker: Worker) -> None:
    worker.origins.answers[url(7)] = TransientError(ImageCode.RATE_LIMITED)
    assert worker.run(message(7, receives=MAX_ALONE_RECEIVES, is_alone=True)) == []
    assert worker.result(7).code is ImageCode.RATE_LIMITED


def test_storage_that_fails_on_the_last_delivery_alone_is_no_result(worker: Worker) -> None:
    worker.journal.failing.add("objects.put")
    last = message(7, receives=MAX_ALONE_RECEIVES, is_alone=True)
    assert worker.run(last) == []
    assert worker.alone.sent == [replace(last.task, tried=MAX_ALONE_RECEIVES - 1, pauses=1)]
    assert not worker.has_ended(7)


@pytest.mark.parametrize("status", [RequestStatus.COMPLETED, RequestStatus.FAILED, RequestStatus.CANCELLED])
def test_the_work_of_a_request_that_has_ended_is_left(worker: Worker, status: RequestStatus) -> None:
    worker.requests.add(a_request(status=status))
    assert worker.run(message(7)) == []
    assert worker.origins.fetched == []


def test_the_work_of_a_request_that_is_gone_is_left(worker: Worker) -> None:
    assert worker.run(message(7, request_id=SECOND_ID)) == []
    assert worker.origins.fetched == []


def test_an_ended_request_does_not_hold_up_another_of_its_batch(worker: Worker) -> None:
    worker.requests.add(a_request(SECOND_ID, status=RequestStatus.CANCELLED))
    worker.run(message(1, request_id=SECOND_ID), message(2))
    assert worker.origins.fetched == [url(2)]


def test_without_time_left_a_fresh_copy_is_sent(worker: Worker) -> None:
    worker.time_left = TIME_RESERVE - 1
    late = message(7, receives=2)
    assert worker.run(late) == []
    assert worker.queue.sent == [late.task]


def test_without_time_left_nothing_is_fetched(worker: Worker) -> None:
    worker.time_left = TIME_RESERVE - 1
    worker.run(message(7))
    assert worker.origins.fetched == []


def test_without_time_left_a_message_of_alone_queue_stays_alone(worker: Worker) -> None:
    worker.time_left = TIME_RESERVE - 1
    worker.run(message(7, is_alone=True))
    assert (len(worker.alone.sent), len(worker.queue.sent)) == (1, 0)


@pytest.mark.parametrize("call", ["objects.put", "chunks.record"])
def test_what_aws_fails_at_is_no_failed_attempt(worker: Worker, call: str) -> None:
    worker.journal.failing.add(call)
    second = message(7, receives=2)
    assert worker.run(second) == []
    assert worker.queue.sent == [replace(second.task, tried=1, pauses=1)]


def test_what_aws_fails_at_after_the_last_pause_is_a_failed_attempt(worker: Worker) -> None:
    worker.journal.failing.add("objects.put")
    tired = message(7)
    assert worker.run(replace(tired, task=replace(tired.task, pauses=MAX_PAUSES))) == ["message-7"]


def test_what_aws_fails_at_comes_back_when_it_takes_no_copy_either(worker: Worker) -> None:
    worker.journal.failing |= {"objects.put", "queue.send"}
    assert worker.run(message(7)) == ["message-7"]


def test_images_whose_request_cannot_be_looked_at_wait_as_well(worker: Worker) -> None:
    worker.journal.failing.add("requests.find")
    assert worker.run(message(6), message(7)) == []
    assert {(task.n, task.tried, task.pauses) for task in worker.queue.sent} == {(6, 0, 1), (7, 0, 1)}
    assert worker.origins.fetched == []


def test_a_message_that_cannot_be_hidden_is_delivered_again_all_the_same(worker: Worker) -> None:
    worker.origins.answers[url(7)] = TransientError(ImageCode.TIMEOUT)
    worker.journal.failing.add("queue.hide")
    assert worker.run(message(7)) == ["message-7"]


def test_a_transient_failure_is_logged(worker: Worker) -> None:
    worker.origins.answers[url(7)] = TransientError(ImageCode.TIMEOUT)
    worker.run(message(7))
    assert worker.logged == [f"image 7 of {REQUEST_ID} is tried again"]


def test_a_redelivered_image_keeps_its_first_result(worker: Worker) -> None:
    worker.run(message(7))
    first = worker.result(7)
    worker.origins.answers[url(7)] = Fetched(b"other bytes")
    assert worker.run(message(7, receives=2)) == []
    assert worker.result(7) == first


def test_a_redelivered_image_with_other_bytes_overwrites_no_picture(worker: Worker) -> None:
    worker.run(message(7))
    first = worker.result(7).key
    worker.origins.answers[url(7)] = Fetched(b"other bytes")
    worker.run(message(7, receives=2))
    assert first in worker.pictures.contents
    assert len(worker.pictures.contents) == 2


@pytest.mark.parametrize("writes", [1, 2])
def test_a_worker_that_dies_after_any_write_leaves_an_image_that_another_can_end(worker: Worker, writes: int) -> None:
    worker.journal.kill_after = writes
    with pytest.raises(KilledError):
        worker.run(message(7))
    worker.journal.kill_after = None
    assert worker.run(message(7, receives=2)) == []
    assert worker.result(7).key in worker.pictures.contents


def test_the_codec_never_runs_in_more_threads_than_it_has_slots(worker: Worker) -> None:
    running = 0
    most = 0
    changing = threading.Lock()
    pair = threading.Barrier(2)

    def compress(source: bytes, _options: ImageOptions) -> Picture:
        nonlocal running, most
        with changing:
            running += 1
            most = max(most, running)
        pair.wait(timeout=10)  # both slots are in use at the same time
        with changing:
            running -= 1
        return Picture(source)

    worker.service = with_steps(worker.service, compress=compress)
    worker.run(*(message(n) for n in range(8)))
    assert most == 2


def test_the_codec_runs_while_the_memory_that_it_needs_is_held(worker: Worker) -> None:
    held: list[int] = []

    def compress(source: bytes, _options: ImageOptions) -> Picture:
        held.append(worker.service.steps.decoded._used)
        return Picture(source)

    worker.service = with_steps(worker.service, compress=compress, memory_needed=needing(MEBIBYTE // 4))
    worker.run(message(7))
    assert held == [MEBIBYTE // 4]


def test_all_memory_is_given_back(worker: Worker) -> None:
    worker.origins.answers[url(6)] = TransientError(ImageCode.TIMEOUT)
    worker.run(*(message(n) for n in range(10)))
    assert (worker.service.steps.encoded._used, worker.service.steps.decoded._used) == (0, 0)


def test_an_image_that_needs_more_memory_than_is_shared_is_moved_to_be_alone(worker: Worker) -> None:
    worker.service = with_steps(worker.service, memory_needed=needing(MEBIBYTE + 1))
    large = message(7)
    assert worker.run(large) == []
    assert (worker.alone.sent, worker.has_ended(7)) == ([large.task], False)


def test_an_image_that_needs_more_memory_than_is_shared_stays_when_it_cannot_be_moved(worker: Worker) -> None:
    worker.service = with_steps(worker.service, memory_needed=needing(MEBIBYTE + 1))
    worker.journal.failing |= {"alone.send", "queue.send"}
    assert worker.run(message(7)) == ["message-7"]


def test_an_image_that_needs_much_memory_is_worked_on_alone(worker: Worker) -> None:
    worker.service = with_steps(worker.service, memory_needed=needing(MEBIBYTE + 1))
    worker.run(message(7, is_alone=True))
    assert worker.result(7).status is ImageStatus.COMPLETED


def test_an_image_that_needs_more_memory_than_there_is_has_too_many_pixels(worker: Worker) -> None:
    worker.service = with_steps(worker.service, memory_needed=needing(2 * MEBIBYTE + 1))
    worker.run(message(7, is_alone=True))
    assert worker.result(7).code is ImageCode.TOO_MANY_PIXELS


def test_an_image_whose_download_left_no_time_for_the_codec_is_sent_afresh(worker: Worker) -> None:
    left = iter([TIME_RESERVE, CODEC_RESERVE - 1])
    late = message(7, receives=2)
    assert worker.service.run([late], lambda: next(left)) == []
    assert (worker.queue.sent, worker.has_ended(7)) == ([late.task], False)


def test_a_fresh_copy_that_cannot_be_sent_leaves_the_message_to_come_back(worker: Worker) -> None:
    worker.time_left = TIME_RESERVE - 1
    worker.journal.failing.add("queue.send")
    assert worker.run(message(7)) == ["message-7"]


def test_a_codec_that_breaks_takes_no_neighbour_with_it(worker: Worker) -> None:
    def breaking(source: bytes, options: ImageOptions) -> Picture:
        if source == b"poison":
            raise RuntimeError("libpng error")
        return half(source, options)

    worker.service = with_steps(worker.service, compress=breaking)
    worker.origins.answers[url(6)] = Fetched(b"poison")
    assert worker.run(*(message(n) for n in range(10))) == ["message-6"]
    assert [n for n in range(10) if not worker.has_ended(n)] == [6]


# --- what an earlier request made ------------------------------------------------------------------------------------

EARLIER = Prior(f"images/{SECOND_ID}/4-abc/shoe.webp", "webp", 120, 80, 100, 40, '"same"')


def message_with_prior(n: int = 7) -> Delivered:
    return replace(message(n), task=replace(message(n).task, prior=EARLIER))


@pytest.fixture
def reusing(worker: Worker) -> Worker:
    """An origin that still has what the earlier picture was made of, and the picture."""
    worker.pictures.contents[EARLIER.key] = b"picture"
    worker.origins.answers[url(7)] = Fetched(b"0123456789", '"same"')
    return worker


def test_an_image_that_the_origin_has_not_changed_ends_with_the_earlier_picture(reusing: Worker) -> None:
    assert reusing.run(message_with_prior()) == []
    assert reusing.result(7) == Result(
        7, url(7), None, EARLIER.key, "webp", 120, 80, bytes_in=100, bytes_out=40, attempts=1, etag='"same"'
    )


def test_an_image_that_the_origin_has_not_changed_is_written_nowhere(reusing: Worker) -> None:
    reusing.run(message_with_prior())
    assert reusing.journal.writes == ["chunks.record 7"]


def test_an_image_that_the_origin_has_changed_is_worked_on(reusing: Worker) -> None:
    reusing.origins.answers[url(7)] = Fetched(b"abcdefghij", '"other"')
    reusing.run(message_with_prior())
    assert (reusing.result(7).bytes_out, reusing.result(7).etag) == (5, '"other"')
    assert (reusing.result(7).key or "").startswith(f"images/{REQUEST_ID}/7-")


def test_an_image_that_has_changed_is_fetched_once(reusing: Worker) -> None:
    reusing.origins.answers[url(7)] = Fetched(b"abcdefghij", '"other"')
    reusing.run(message_with_prior())
    assert reusing.origins.fetched == [url(7)]


def test_an_image_whose_earlier_picture_is_gone_is_fetched_without_conditions(reusing: Worker) -> None:
    reusing.pictures.contents.clear()
    reusing.run(message_with_prior())
    assert (reusing.origins.asked_newer, reusing.result(7).bytes_out) == ([], 5)


def test_an_image_without_an_earlier_one_is_fetched_without_conditions(reusing: Worker) -> None:
    reusing.run(message(7))
    assert (reusing.origins.asked_newer, reusing.result(7).bytes_out) == ([], 5)


def test_an_origin_that_cannot_be_asked_now_is_asked_again(reusing: Worker) -> None:
    reusing.origins.answers[url(7)] = TransientError(ImageCode.TIMEOUT)
    assert reusing.run(message_with_prior()) == ["message-7"]


def test_a_picture_that_cannot_be_looked_for_now_is_looked_for_again(reusing: Worker) -> None:
    reusing.journal.failing.add("objects.exists")
    unseen = message_with_prior()
    assert reusing.run(unseen) == []
    assert (reusing.queue.sent, reusing.has_ended(7)) == ([replace(unseen.task, pauses=1)], False)


def test_memory_is_given_back_where_nothing_was_fetched(reusing: Worker) -> None:
    reusing.run(message_with_prior())
    assert (reusing.service.steps.encoded._used, reusing.service.steps.decoded._used) == (0, 0)


BUSY = OverloadedError(ImageCode.RATE_LIMITED, retry_after=120)


def test_a_host_that_asked_for_a_pause_is_not_asked_for_the_next_image(worker: Worker) -> None:
    worker.origins.answers[url(6)] = BUSY
    worker.run(message(6))
    worker.run(message(7))
    assert worker.origins.fetched == [url(6)]


@pytest.mark.parametrize("receives", [1, 2])
def test_an_image_that_was_not_asked_for_comes_back_after_the_pause_with_its_count(
    worker: Worker, receives: int
) -> None:
    worker.origins.answers[url(6)] = BUSY
    worker.run(message(6))
    paused = message(7, receives)
    assert worker.run(paused) == []
    assert worker.queue.sent == [replace(paused.task, tried=receives - 1, pauses=1)]
    assert worker.queue.delays == [120]


def test_an_image_that_waited_often_for_its_host_counts_as_failed(worker: Worker) -> None:
    worker.origins.answers[url(6)] = BUSY
    worker.run(message(6))
    tired = message(7)
    assert worker.run(replace(tired, task=replace(tired.task, pauses=MAX_PAUSES))) == ["message-7"]
    assert (worker.queue.sent, worker.queue.hidden["receipt-7"]) == ([], 120)


def test_the_pauses_of_an_image_grow(worker: Worker) -> None:
    worker.origins.answers[url(6)] = BUSY
    worker.run(message(6))
    late = message(7)
    worker.run(replace(late, task=replace(late.task, pauses=MAX_PAUSES - 1)))
    assert worker.queue.delays == [900]


def test_an_image_that_was_not_asked_for_alone_stays_alone(worker: Worker) -> None:
    worker.origins.answers[url(6)] = BUSY
    worker.run(message(6))
    worker.run(message(7, is_alone=True))
    assert (len(worker.alone.sent), worker.queue.sent) == (1, [])


def test_an_image_that_moves_to_be_alone_is_new_there(worker: Worker) -> None:
    third = message(7, receives=MAX_SHARED_RECEIVES + 1)
    worker.run(replace(third, task=replace(third.task, tried=2, pauses=1)))
    assert worker.alone.sent == [replace(third.task, tried=0, pauses=1)]


def test_the_last_delivery_alone_to_a_host_that_pauses_is_no_result_yet(worker: Worker) -> None:
    worker.origins.answers[url(6)] = BUSY
    worker.run(message(6))
    last = message(7, receives=MAX_ALONE_RECEIVES, is_alone=True)
    assert worker.run(last) == []
    assert worker.alone.sent == [replace(last.task, tried=MAX_ALONE_RECEIVES - 1, pauses=1)]


def test_the_last_delivery_alone_to_a_host_that_pauses_for_good_says_so(worker: Worker) -> None:
    worker.origins.answers[url(6)] = BUSY
    worker.run(message(6))
    last = message(7, receives=MAX_ALONE_RECEIVES, is_alone=True)
    assert worker.run(replace(last, task=replace(last.task, pauses=MAX_PAUSES))) == []
    assert worker.result(7).code is ImageCode.RATE_LIMITED


def test_a_host_that_pauses_holds_up_no_other(worker: Worker) -> None:
    worker.origins.answers[url(6)] = BUSY
    worker.run(message(6))
    other = message(8)
    elsewhere = replace(other, task=replace(other.task, url="https://other.example/8.jpg"))
    worker.run(message(7), elsewhere)
    assert (worker.has_ended(7), worker.has_ended(8)) == (False, True)


def test_one_host_of_many_images_does_not_take_all_threads_from_another(worker: Worker) -> None:
    """The other host's image is there while the first ones still download: else the barrier would break."""
    together = threading.Barrier(2)

    class Meeting(Origins):
        def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched:
            if url in {"https://other.example/99.jpg", "https://shop.example/0.jpg"}:
                together.wait(timeout=10)
            return super().fetch(url, reserve)

    worker.service = with_steps(worker.service, fetcher=Meeting(), origins=Politeness(1, lambda: 0.0))
    last = message(99)
    elsewhere = replace(last, task=replace(last.task, url="https://other.example/99.jpg"))
    assert worker.run(*(message(n) for n in range(60)), elsewhere) == []
    assert worker.has_ended(99)


# --- what is reported ------------------------------------------------------------------------------------------------


def reported(worker: Worker) -> dict[str, list[int]]:
    """The images that were reported, by request."""
    ends = [each for each in worker.reported if isinstance(each, ImagesEnded)]
    return {each.request_id: sorted(result.n for result in each.results) for each in ends}


def test_images_are_reported_once_a_batch_and_request(worker: Worker) -> None:
    worker.requests.add(a_request("other", status=RequestStatus.PROCESSING))
    worker.origins.answers[url(2)] = PermanentError(ImageCode.NOT_FOUND)
    worker.run(message(1), message(2), message(3, request_id="other"))
    assert reported(worker) == {REQUEST_ID: [1, 2], "other": [3]}


def test_an_image_that_is_tried_again_is_not_reported(worker: Worker) -> None:
    worker.origins.answers[url(1)] = TransientError(ImageCode.TIMEOUT)
    worker.run(message(1), message(2))
    assert reported(worker) == {REQUEST_ID: [2]}


def test_only_images_that_were_made_have_stages(reusing: Worker) -> None:
    reusing.run(message_with_prior(), message(8))
    (ended,) = [each for each in reusing.reported if isinstance(each, ImagesEnded)]
    assert (len(ended.results), len(ended.stages)) == (2, 1)
    assert min(ended.stages[0].fetch, ended.stages[0].codec, ended.stages[0].store) >= 0


# --- renditions ------------------------------------------------------------------------------------------------------

SHOP = parse_options({"renditions": "thumb=320x; zoom=2000x", "primary": "zoom"})


def message_with_renditions(n: int = 7) -> Delivered:
    return replace(message(n), task=replace(message(n).task, options=SHOP))


def test_an_image_has_one_result_with_all_of_its_renditions(worker: Worker) -> None:
    worker.run(message_with_renditions())
    result = worker.result(7)
    thumb, zoom = result.renditions
    assert (thumb.name, zoom.name, result.key) == ("thumb", "zoom", zoom.key)
    assert set(worker.pictures.contents) == {thumb.key, zoom.key}
    assert (result.bytes_out, zoom.bytes) == (len(worker.pictures.contents[zoom.key]),) * 2
    assert thumb.key.endswith("/7-thumb.webp")


def test_nothing_is_told_before_every_rendition_is_stored(worker: Worker) -> None:
    worker.run(message_with_renditions())
    assert [write.split()[0] for write in worker.journal.writes] == ["objects.put", "objects.put", "chunks.record"]


@pytest.mark.parametrize("writes", [1, 2])
def test_a_run_that_died_between_two_renditions_is_done_again_to_the_same_end(worker: Worker, writes: int) -> None:
    worker.journal.kill_after = writes
    with pytest.raises(KilledError):
        worker.run(message_with_renditions())
    worker.journal.kill_after = None
    worker.run(message_with_renditions())
    again = Worker()
    again.run(message_with_renditions())
    assert worker.result(7) == again.result(7)
    assert worker.pictures.contents == again.pictures.contents


def test_renditions_are_adopted_together_or_made_anew(worker: Worker) -> None:
    worker.origins.answers[url(7)] = Fetched(b"0123456789", '"same"')
    worker.run(message_with_renditions())
    first = worker.result(7)
    prior = prior_of(first)
    assert prior is not None
    later = replace(message_with_renditions(8), task=replace(message_with_renditions(8).task, url=url(7), prior=prior))
    worker.run(later)
    assert worker.result(8).renditions == first.renditions
    del worker.pictures.contents[first.renditions[0].key]
    worker.run(replace(later, task=replace(later.task, n=9)))
    assert worker.result(9).renditions[0].key.startswith(f"images/{REQUEST_ID}/9-")
