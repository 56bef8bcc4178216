"""Counting."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import ImageCode
from functions.core.messages import FinalizeTask
from functions.core.model import Chunk, RequestStatus, Result
from functions.core.settling import Settler
from tests.fakes import NOW, PATIENCE, REQUEST_ID, Chunks, Clock, Journal, KilledError, Queue, Requests, a_request

SIZE = 3


class Counting:
    """A request of so many chunks of three images each, all of them open."""

    def __init__(self, chunks: int = 2, chunks_total: int | None = 2) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        running = a_request(status=RequestStatus.PROCESSING, chunks_total=chunks_total, total_images=SIZE * chunks)
        self.requests.add(running)
        self.chunks = Chunks(self.requests)
        for number in range(chunks):
            self.chunks.add(Chunk(REQUEST_ID, number, 0, number * SIZE, SIZE, int(NOW)))
        self.finalize: Queue[FinalizeTask] = Queue("finalize", self.journal)
        self.settler = Settler(self.chunks, self.requests, self.finalize, Clock(), PATIENCE)

    def end(self, *ns: int, code: ImageCode | None = None) -> None:
        for n in ns:
            result = Result(n, f"https://x/{n}", code, bytes_in=0 if code else 10, bytes_out=0 if code else 4)
            self.chunks.record(REQUEST_ID, n // SIZE, result, 1)

    def settle(self, *numbers: int) -> None:
        for number in numbers:
            self.settler.count(REQUEST_ID, number)
            self.settler.evaluate(REQUEST_ID)


@pytest.fixture
def counting() -> Counting:
    return Counting()


def test_a_chunk_whose_images_all_ended_is_done(counting: Counting) -> None:
    counting.end(0, 1, 2)
    counting.settle(0)
    assert counting.chunks.records[REQUEST_ID, 0].is_done


def test_a_request_that_gets_on_need_not_be_looked_at_soon(counting: Counting) -> None:
    counting.end(0, 1, 2)
    counting.settle(0)
    assert set(counting.requests.due_at.values()) == {NOW + PATIENCE}


def test_a_chunk_adds_its_sums_to_the_request(counting: Counting) -> None:
    counting.end(0, 1)
    counting.end(2, code=ImageCode.NOT_FOUND)
    counting.settle(0)
    request = counting.requests[REQUEST_ID]
    assert (request.processed_images, request.failed_images, request.bytes_in, request.bytes_out) == (3, 1, 20, 8)


def test_a_chunk_that_is_settled_twice_is_counted_once(counting: Counting) -> None:
    counting.end(0, 1, 2)
    counting.settle(0, 0)
    assert (counting.requests[REQUEST_ID].chunks_done, counting.requests[REQUEST_ID].processed_images) == (1, 3)


def test_a_chunk_with_an_image_missing_stays_open(counting: Counting) -> None:
    counting.end(0, 2)
    counting.settle(0)
    assert not counting.chunks.records[REQUEST_ID, 0].is_done


def test_a_chunk_with_an_image_missing_shows_how_many_ended(counting: Counting) -> None:
    counting.end(0, 2)
    counting.settle(0)
    assert counting.chunks.records[REQUEST_ID, 0].settled == 2


def test_progress_that_was_shown_already_is_not_written_again(counting: Counting) -> None:
    counting.end(0, 2)
    counting.settle(0, 0)
    assert counting.journal.writes.count("chunks.show_progress 0") == 1


def test_a_chunk_that_does_not_exist_is_none_of_our_business(counting: Counting) -> None:
    counting.settle(7)
    assert counting.journal.writes == []


def test_a_request_is_not_finalized_before_its_last_chunk(counting: Counting) -> None:
    counting.end(0, 1, 2)
    counting.settle(0)
    assert counting.finalize.sent == []


def test_the_last_chunk_has_the_request_finalized(counting: Counting) -> None:
    counting.end(0, 1, 2, 3, 4, 5)
    counting.settle(1, 0)
    assert counting.finalize.sent == [FinalizeTask(REQUEST_ID)]


def test_a_chunk_that_is_done_already_evaluates_completion_again(counting: Counting) -> None:
    """The tally that flipped the last chunk may have died before it could queue the finalisation."""
    counting.end(0, 1, 2, 3, 4, 5)
    counting.settle(0)
    counting.journal.kill_after = len(counting.journal.writes) + 1
    with pytest.raises(KilledError):
        counting.settle(1)
    counting.journal.kill_after = None
    counting.settle(1)
    assert counting.finalize.sent == [FinalizeTask(REQUEST_ID)]


def test_a_request_that_is_not_wholly_planned_is_not_finalized() -> None:
    counting = Counting(chunks_total=None)
    counting.end(0, 1, 2, 3, 4, 5)
    counting.settle(0, 1)
    assert counting.finalize.sent == []


def test_the_total_written_after_the_last_chunk_has_the_request_finalized() -> None:
    counting = Counting(chunks_total=None)
    counting.end(0, 1, 2, 3, 4, 5)
    counting.settle(0, 1)
    counting.requests.finish_plan(REQUEST_ID, 2, 6, NOW, NOW)
    assert counting.settler.evaluate(REQUEST_ID)


@pytest.mark.parametrize("status", [status for status in RequestStatus if status is not RequestStatus.PROCESSING])
def test_only_a_running_request_is_finalized(counting: Counting, status: RequestStatus) -> None:
    counting.end(0, 1, 2, 3, 4, 5)
    counting.requests.add(replace(counting.requests[REQUEST_ID], status=status))
    counting.settle(0, 1)
    assert counting.finalize.sent == []


def test_completion_of_a_request_that_is_gone_is_not_evaluated(counting: Counting) -> None:
    assert not counting.settler.evaluate("99999999-2222-4333-8444-555555555555")


@given(st.permutations(range(6)), st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), max_size=12))
def test_the_order_of_results_and_settlings_does_not_matter(order: list[int], settlings: list[tuple[int, int]]) -> None:
    """Whatever is settled whenever and however often: after a last look at every chunk, the sums are those of one."""
    counting = Counting()
    for place, n in enumerate(order):
        for _, number in (each for each in settlings if each[0] == place):
            counting.settle(number)
        counting.end(n)
    counting.settle(0, 1)
    request = counting.requests[REQUEST_ID]
    assert (request.chunks_done, request.processed_images, request.bytes_in) == (2, 6, 60)
