"""The chunk and result records."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from functions.adapters.table.chunks import ChunkTable, parse_chunk_pk
from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.requests import RequestTable
from functions.core.catalogue.plan import PlannedImage
from functions.core.errors import ImageCode
from functions.core.messages import FinalizeTask
from functions.core.model import CHUNK_SIZE, Chunk, Request, RequestStatus, Result, Settlement
from functions.core.settling import Settler
from tests.fakes import NOW, PATIENCE, REQUEST_ID, Queue, a_request

SIZE = 3
CHUNK = Chunk(REQUEST_ID, 0, part=2, first_n=400, size=SIZE, sent_at=int(NOW))
EXPIRES = int(NOW) + 86_400
MADE = Result(
    n=400, url="https://x/ä.jpg", key="images/1", format="webp", width=12, height=8, bytes_in=10, bytes_out=4,
    attempts=2, etag='"7"', last_modified="Mon, 01 Jan 2024 00:00:00 GMT",
)  # fmt: skip
FAILED = Result(401, "https://x/b.jpg", ImageCode.NOT_FOUND)
SUMS = Settlement(seen=3, failed=1, bytes_in=20, bytes_out=8)


@pytest.fixture
def requests(table: Dynamo) -> RequestTable:
    made = RequestTable(table)
    made.create(a_request(status=RequestStatus.PROCESSING, chunks_total=2, total_images=2 * SIZE), NOW)
    return made


@pytest.fixture
def chunks(requests: RequestTable) -> ChunkTable:
    made = ChunkTable(requests.table)
    made.create(CHUNK, EXPIRES)
    return made


def request_of(chunks: ChunkTable) -> Request:
    request = RequestTable(chunks.table).find(REQUEST_ID)
    assert request is not None
    return request


def chunk_of(chunks: ChunkTable) -> Chunk:
    (chunk,) = chunks.find(REQUEST_ID, [0])
    return chunk


def test_a_chunk_comes_back_as_it_was_made(chunks: ChunkTable) -> None:
    assert chunk_of(chunks) == CHUNK


def test_a_chunk_that_is_there_is_not_made_again(chunks: ChunkTable) -> None:
    assert not chunks.create(replace(CHUNK, size=99), EXPIRES)
    assert chunk_of(chunks) == CHUNK


def test_a_chunk_that_is_done_is_not_reset(chunks: ChunkTable) -> None:
    chunks.close(CHUNK, SUMS, NOW, NOW + PATIENCE)
    chunks.create(CHUNK, EXPIRES)
    assert chunk_of(chunks).is_done


def test_only_chunks_that_exist_are_found(chunks: ChunkTable) -> None:
    assert [chunk.number for chunk in chunks.find(REQUEST_ID, [0, 1, 7])] == [0]


def test_more_chunks_than_one_call_takes_are_found_in_order(chunks: ChunkTable) -> None:
    for number in range(1, 130):
        chunks.create(replace(CHUNK, number=number), EXPIRES)
    assert [chunk.number for chunk in chunks.find(REQUEST_ID, range(130))] == list(range(130))


@pytest.mark.parametrize("result", [MADE, FAILED])
def test_a_result_comes_back_as_it_was_written(chunks: ChunkTable, result: Result) -> None:
    chunks.record(REQUEST_ID, 0, result, EXPIRES)
    assert chunks.results(REQUEST_ID, 0) == [result]


def test_the_first_result_of_an_image_stays(chunks: ChunkTable) -> None:
    chunks.record(REQUEST_ID, 0, MADE, EXPIRES)
    assert not chunks.record(REQUEST_ID, 0, replace(MADE, code=ImageCode.GAVE_UP, key=None), EXPIRES)
    assert chunks.results(REQUEST_ID, 0) == [MADE]


def test_results_are_found_wherever_in_a_request_they_are(chunks: ChunkTable) -> None:
    images = [PlannedImage(n, n // CHUNK_SIZE, f"https://x/{n}") for n in range(0, 30_000, 200)]
    for image in images[:-1]:
        chunks.record(REQUEST_ID, image.chunk, Result(image.n, image.url), EXPIRES)
    chunks.record(REQUEST_ID, 0, Result(1, "https://x/not-asked-for"), EXPIRES)
    found = chunks.results_of(REQUEST_ID, reversed(images))
    assert sorted(result.n for result in found) == [image.n for image in images[:-1]]


def test_of_many_results_at_once_one_is_written(chunks: ChunkTable) -> None:
    def record(attempt: int) -> bool:
        return chunks.record(REQUEST_ID, 0, replace(MADE, attempts=attempt), EXPIRES)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(record, range(8))) == 1


def test_results_come_by_number(chunks: ChunkTable) -> None:
    for n in (1_000, 9, 100_000, 20):
        chunks.record(REQUEST_ID, 0, replace(FAILED, n=n), EXPIRES)
    assert [result.n for result in chunks.results(REQUEST_ID, 0)] == [9, 20, 1_000, 100_000]


def test_results_of_a_full_chunk_with_long_urls_all_come(chunks: ChunkTable) -> None:
    """They are more than one page of an answer (1 MB)."""
    for n in range(CHUNK_SIZE):
        chunks.record(REQUEST_ID, 0, replace(MADE, n=n, url="https://x/" + "a" * 8_000), EXPIRES)
    assert len(chunks.results(REQUEST_ID, 0)) == CHUNK_SIZE


def test_a_look_sums_over_the_results(chunks: ChunkTable) -> None:
    chunks.record(REQUEST_ID, 0, MADE, EXPIRES)
    chunks.record(REQUEST_ID, 0, FAILED, EXPIRES)
    assert chunks.look(REQUEST_ID, 0) == (CHUNK, Settlement(seen=2, failed=1, bytes_in=10, bytes_out=4))


def test_a_look_at_a_chunk_without_results_sees_none(chunks: ChunkTable) -> None:
    assert chunks.look(REQUEST_ID, 0) == (CHUNK, Settlement(0, 0, 0, 0))


def test_a_look_at_no_chunk_sees_nothing(chunks: ChunkTable) -> None:
    assert chunks.look(REQUEST_ID, 7) is None


def test_results_without_their_chunk_are_no_chunk(chunks: ChunkTable) -> None:
    chunks.record(REQUEST_ID, 7, MADE, EXPIRES)
    assert chunks.look(REQUEST_ID, 7) is None


def test_closing_a_chunk_flips_it(chunks: ChunkTable) -> None:
    assert chunks.close(CHUNK, SUMS, NOW, NOW + PATIENCE)
    assert (chunk_of(chunks).is_done, chunk_of(chunks).settled) == (True, 3)


def test_closing_a_chunk_puts_off_the_look_at_its_request(chunks: ChunkTable) -> None:
    chunks.close(CHUNK, SUMS, NOW, NOW + PATIENCE)
    due = RequestTable(chunks.table).due
    assert [record["due_at"] for record in due(NOW + PATIENCE)] == [NOW + PATIENCE]
    assert not list(due(NOW + PATIENCE - 1))


def test_closing_a_chunk_adds_its_sums_to_the_request(chunks: ChunkTable) -> None:
    chunks.close(CHUNK, SUMS, NOW + 5, NOW + 5 + PATIENCE)
    request = request_of(chunks)
    assert request == replace(
        a_request(status=RequestStatus.PROCESSING, chunks_total=2, total_images=2 * SIZE),
        chunks_done=1, processed_images=3, failed_images=1, bytes_in=20, bytes_out=8, updated_at=NOW + 5,
    )  # fmt: skip


def test_a_chunk_is_closed_once(chunks: ChunkTable) -> None:
    chunks.close(CHUNK, SUMS, NOW, NOW + PATIENCE)
    assert not chunks.close(CHUNK, SUMS, NOW, NOW + PATIENCE)
    assert request_of(chunks).processed_images == 3


def test_a_chunk_whose_request_is_gone_is_not_closed(chunks: ChunkTable) -> None:
    orphan = replace(CHUNK, request_id="22222222-2222-4333-8444-555555555555")
    chunks.create(orphan, EXPIRES)
    assert not chunks.close(orphan, SUMS, NOW, NOW + PATIENCE)
    assert RequestTable(chunks.table).find(orphan.request_id) is None


def test_of_many_settlements_at_once_one_counts(chunks: ChunkTable) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: chunks.close(CHUNK, SUMS, NOW, NOW + PATIENCE), range(8))) == 1
    assert (request_of(chunks).chunks_done, request_of(chunks).processed_images) == (1, 3)


def test_chunks_that_close_at_once_are_all_counted(chunks: ChunkTable) -> None:
    made = [replace(CHUNK, number=number) for number in range(1, 9)]
    for chunk in made:
        chunks.create(chunk, EXPIRES)
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda chunk: chunks.close(chunk, SUMS, NOW, NOW + PATIENCE), made))
    assert request_of(chunks).processed_images == 3 * 8


def test_progress_is_shown(chunks: ChunkTable) -> None:
    chunks.show_progress(CHUNK, 2)
    assert chunk_of(chunks).settled == 2


def test_progress_of_a_chunk_that_is_done_is_not_turned_back(chunks: ChunkTable) -> None:
    chunks.close(CHUNK, SUMS, NOW, NOW + PATIENCE)
    chunks.show_progress(CHUNK, 2)
    assert chunk_of(chunks).settled == 3


def test_progress_makes_no_chunk(chunks: ChunkTable) -> None:
    chunks.show_progress(replace(CHUNK, number=7), 2)
    assert chunks.find(REQUEST_ID, [7]) == []


def test_missing_images_are_claimed_by_one_sweep(chunks: ChunkTable) -> None:
    assert chunks.claim_resending(CHUNK, int(NOW) + 10)
    assert not chunks.claim_resending(CHUNK, int(NOW) + 10)
    assert chunk_of(chunks).sent_at == int(NOW) + 10


def test_a_chunk_that_is_done_has_nothing_to_claim(chunks: ChunkTable) -> None:
    chunks.close(CHUNK, SUMS, NOW, NOW + PATIENCE)
    assert not chunks.claim_resending(CHUNK, int(NOW) + 10)


def test_the_key_of_a_chunk_is_read_back() -> None:
    assert parse_chunk_pk(f"REQUEST#{REQUEST_ID}#CHUNK#12") == (REQUEST_ID, 12)


@pytest.mark.parametrize("pk", [f"REQUEST#{REQUEST_ID}", "OWNER#x", "A#b#CHUNK#1", "REQUEST#b#CHUNK#x", ""])
def test_the_key_of_anything_else_is_refused(pk: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever its words
        parse_chunk_pk(pk)


def test_settling_at_once_from_many_sides_finalizes_an_exact_count(requests: RequestTable) -> None:
    """Two chunks, each settled by four tallies at the same time, over the real conditions."""
    chunks = ChunkTable(requests.table)
    for number in (0, 1):
        chunks.create(replace(CHUNK, number=number), EXPIRES)
        for n in range(SIZE):
            chunks.record(REQUEST_ID, number, replace(MADE, n=number * SIZE + n), EXPIRES)
    finalize: Queue[FinalizeTask] = Queue()
    settler = Settler(chunks, requests, finalize, lambda: NOW, PATIENCE)

    def settle(number: int) -> bool:
        settler.count(REQUEST_ID, number)
        return settler.evaluate(REQUEST_ID)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(settle, [0, 1] * 4))
    request = request_of(chunks)
    assert (request.chunks_done, request.processed_images, request.bytes_in) == (2, 6, 60)
    assert set(finalize.sent) == {FinalizeTask(REQUEST_ID)}
