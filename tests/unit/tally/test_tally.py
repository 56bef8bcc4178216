"""The results that come through the stream."""

import pytest

from functions.core.messages import FinalizeTask
from functions.core.model import Chunk, RequestStatus, Result
from functions.core.settling import Settler
from functions.tally.service import NewResult, Tally
from tests.fakes import NOW, PATIENCE, REQUEST_ID, Chunks, Clock, Journal, Queue, Requests, a_request

OTHER_ID = "22222222-2222-4333-8444-555555555555"


class Stream:
    """Two requests of two chunks of two images each; every image has ended."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        self.chunks = Chunks(self.requests)
        for request_id in (REQUEST_ID, OTHER_ID):
            self.requests.add(a_request(request_id, status=RequestStatus.PROCESSING, chunks_total=2, total_images=4))
            for number in (0, 1):
                ended = [Result(n, f"https://x/{n}", key="k") for n in (2 * number, 2 * number + 1)]
                self.chunks.add(Chunk(request_id, number, 0, 2 * number, 2, int(NOW)), *ended)
        self.finalize: Queue[FinalizeTask] = Queue("finalize", self.journal)
        self.logged: list[str] = []
        settler = Settler(self.chunks, self.requests, self.finalize, Clock(), PATIENCE)
        self.tally = Tally(settler, lambda text, _error: self.logged.append(text))


@pytest.fixture
def stream() -> Stream:
    return Stream()


def test_a_batch_of_results_counts_their_chunks(stream: Stream) -> None:
    stream.tally.run([NewResult("1", REQUEST_ID, 0), NewResult("2", OTHER_ID, 1)])
    assert [request.chunks_done for request in stream.requests.records.values()] == [1, 1]


def test_a_chunk_that_many_results_touch_is_settled_once(stream: Stream) -> None:
    stream.tally.run([NewResult(str(n), REQUEST_ID, 0) for n in range(10)])
    assert stream.journal.writes == ["chunks.close 0"]


def test_a_request_whose_last_chunks_are_in_one_batch_is_finalized_once(stream: Stream) -> None:
    stream.tally.run([NewResult("1", REQUEST_ID, 0), NewResult("2", REQUEST_ID, 1)])
    assert stream.finalize.sent == [FinalizeTask(REQUEST_ID)]


def test_a_replayed_batch_counts_nothing_twice(stream: Stream) -> None:
    batch = [NewResult("1", REQUEST_ID, 0), NewResult("2", REQUEST_ID, 1)]
    stream.tally.run(batch)
    stream.tally.run(batch[::-1])
    assert stream.requests[REQUEST_ID].processed_images == 4


def test_all_is_settled_when_nothing_failed(stream: Stream) -> None:
    assert stream.tally.run([NewResult("1", REQUEST_ID, 0)]) is None


def test_the_stream_delivers_again_from_the_first_chunk_that_failed(stream: Stream) -> None:
    stream.journal.failing.add("chunks.look 1")
    batch = [NewResult("98", REQUEST_ID, 0), NewResult("99", OTHER_ID, 1), NewResult("101", REQUEST_ID, 1)]
    assert stream.tally.run(batch) == "99"


def test_a_chunk_that_failed_does_not_keep_the_others_from_being_counted(stream: Stream) -> None:
    stream.journal.failing.add("chunks.look 0")
    stream.tally.run([NewResult("1", REQUEST_ID, 0), NewResult("2", OTHER_ID, 1)])
    assert stream.requests[OTHER_ID].chunks_done == 1


def test_a_failed_evaluation_delivers_again_from_the_requests_first_result(stream: Stream) -> None:
    stream.journal.failing.add("finalize.send")
    batch = [NewResult("7", OTHER_ID, 0), NewResult("9", REQUEST_ID, 1), NewResult("10", REQUEST_ID, 0)]
    assert stream.tally.run(batch) == "9"


def test_a_chunk_that_could_not_be_settled_is_logged(stream: Stream) -> None:
    stream.journal.failing.add("chunks.look 0")
    stream.tally.run([NewResult("1", REQUEST_ID, 0)])
    assert stream.logged == ["a chunk could not be settled now"]
