"""Reading the CSV of a request: the plan, the chunks, the messages, and what stands after a crash anywhere."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from functions.core.catalogue.plan import MAX_PART_ROWS
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.errors import ImageCode, NotFoundError, RequestCode
from functions.core.messages import EventTask, FinalizeTask, IngestTask
from functions.core.model import CHUNK_SIZE, Chunk, EventType, Request, RequestStatus, Result, WebhookStatus
from functions.core.options import CsvOptions, Format, ImageOptions, Mode, Options
from functions.core.uploads.drop import MAX_DROP_KEY, Drop
from functions.core.uploads.presigned import MAX_CSV_BYTES
from functions.core.uploads.wishes import WishReader
from functions.ingest.intake import Intake
from functions.ingest.source import SKIP_SIZE, csv_source
from tests.fakes import NOW, REQUEST_ID, Clock, Journal, Objects, Plans, Queue, Requests, a_request
from tests.ingesting import PATIENCE, SMALL, Ingesting, csv_of, short_after, surveyed

# --- one undisturbed run ---------------------------------------------------------------------------------------------


def test_a_csv_becomes_one_message_an_image() -> None:
    ingesting = Ingesting()
    ingesting.run()
    assert [(task.n, task.url) for task in ingesting.compress.sent] == [(0, "https://x/1.jpg"), (1, "https://x/2.jpg")]


def test_messages_carry_the_options_of_their_request() -> None:
    options = Options(csv=CsvOptions(mode=Mode.LENIENT))
    ingesting = Ingesting(options=options)
    ingesting.run()
    assert {task.options for task in ingesting.compress.sent} == {options}


def test_a_url_that_occurs_twice_is_sent_once() -> None:
    ingesting = Ingesting("Name,Images\na,https://x/1.jpg\nb,https://x/1.jpg\n")
    ingesting.run()
    assert ingesting.sent() == [0]


def test_a_request_that_is_planned_is_processing() -> None:
    assert Ingesting().run().status is RequestStatus.PROCESSING


def test_a_planned_request_says_what_there_is_to_count() -> None:
    request = Ingesting(csv_of(450)).run()
    assert (request.total_images, request.chunks_total, request.rows) == (450, 3, 450)


def test_chunks_have_the_size_that_was_planned() -> None:
    ingesting = Ingesting(csv_of(450))
    ingesting.run()
    assert [chunk.size for chunk in ingesting.chunks.records.values()] == [CHUNK_SIZE, CHUNK_SIZE, 50]


def test_messages_name_the_chunk_that_counts_them() -> None:
    ingesting = Ingesting(csv_of(450))
    ingesting.run()
    assert Counter(task.chunk for task in ingesting.compress.sent) == {0: 200, 1: 200, 2: 50}


def test_the_started_event_is_queued() -> None:
    ingesting = Ingesting()
    ingesting.run()
    assert ingesting.notify.sent == [EventTask(REQUEST_ID, EventType.STARTED)]


def test_the_writes_are_in_the_order_that_makes_them_safe() -> None:
    ingesting = Ingesting(csv_of(MAX_PART_ROWS + 1))
    ingesting.run()
    order = [write.split()[0] for write in ingesting.journal.writes]
    distinct = [write for place, write in enumerate(order) if place == 0 or order[place - 1] != write]
    first_part = ["plans.store_survey", "requests.start", "notify.send", "plans.store"]
    assert distinct[:4] == first_part
    assert distinct[-5:] == [
        "plans.store",
        "chunks.create",
        "compress.send_all",
        "requests.checkpoint",
        "requests.finish_plan",
    ]


def test_recover_looks_after_a_planned_request_when_patience_ends() -> None:
    ingesting = Ingesting()
    ingesting.run()
    assert ingesting.requests.due_at == {(f"REQUEST#{REQUEST_ID}", "REQUEST"): NOW + PATIENCE}


def test_a_csv_without_images_ends_with_that_verdict() -> None:
    ingesting = Ingesting("Name,Images\na,\nb,\n")
    ingesting.run()
    assert ingesting.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.NO_IMAGES)]


def test_a_csv_without_images_is_planned_all_the_same() -> None:
    request = Ingesting("Name,Images\na,\nb,\n").run()
    assert (request.chunks_total, request.parts_planned) == (0, 1)


def test_results_that_were_all_there_before_the_total_have_the_request_finalized() -> None:
    ingesting = Ingesting(csv_of(2))
    ingesting.chunks.add(Chunk(REQUEST_ID, 0, 0, 0, 2, int(NOW), is_done=True))
    ingesting.requests.add(a_request(status=RequestStatus.PROCESSING, chunks_done=1))
    ingesting.run()
    assert ingesting.finalize.sent == [FinalizeTask(REQUEST_ID)]


@pytest.mark.parametrize("status", [RequestStatus.COMPLETED, RequestStatus.FAILED, RequestStatus.CANCELLED])
def test_a_request_that_has_ended_is_left_alone(status: RequestStatus) -> None:
    ingesting = Ingesting(status=status)
    ingesting.run()
    assert ingesting.journal.writes == []


def test_a_request_that_is_gone_is_left_alone() -> None:
    ingesting = Ingesting()
    ingesting.service.run("99999999-2222-4333-8444-555555555555", ingesting.time_left)
    assert ingesting.journal.writes == []


def test_a_gzipped_csv_is_read() -> None:
    key = "incoming/acme/products.csv.gz"
    ingesting = Ingesting(gzip.compress(SMALL.encode()), object_key=key)
    ingesting.run()
    assert ingesting.sent() == [0, 1]


# --- refusals --------------------------------------------------------------------------------------------------------

ONE_BAD_ROW = "Name,Images\na,https://x/1.jpg\nb,no url\n"


def test_strict_refuses_a_csv_for_one_bad_row() -> None:
    ingesting = Ingesting(ONE_BAD_ROW)
    ingesting.run()
    assert ingesting.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INVALID_CSV)]


def test_strict_sends_nothing_of_a_csv_that_it_refuses() -> None:
    ingesting = Ingesting(ONE_BAD_ROW)
    ingesting.run()
    assert (ingesting.compress.sent, ingesting.notify.sent) == ([], [])


def test_the_errors_of_a_refused_csv_are_kept() -> None:
    ingesting = Ingesting(ONE_BAD_ROW)
    ingesting.run()
    found = surveyed(ingesting.plans)
    assert [(error.line, error.code) for error in found.errors] == [(3, "not_a_url")]


def test_lenient_works_on_the_good_rows() -> None:
    ingesting = Ingesting(ONE_BAD_ROW, options=Options(csv=CsvOptions(mode=Mode.LENIENT)))
    assert ingesting.run().row_errors == 1
    assert ingesting.sent() == [0]


def test_lenient_refuses_a_csv_without_any_good_row() -> None:
    ingesting = Ingesting("Name,Images\na,no url\n", options=Options(csv=CsvOptions(mode=Mode.LENIENT)))
    ingesting.run()
    assert ingesting.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INVALID_CSV)]


def test_a_file_that_is_no_csv_is_refused() -> None:
    ingesting = Ingesting(b"PK\x03\x04 what a spreadsheet saves")
    ingesting.run()
    assert ingesting.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INVALID_CSV)]


def test_what_is_wrong_with_a_file_that_is_no_csv_is_kept() -> None:
    ingesting = Ingesting(b"PK\x03\x04 what a spreadsheet saves")
    ingesting.run()
    found = surveyed(ingesting.plans)
    assert found.errors_total == 1


def test_a_csv_that_is_not_there_was_not_uploaded() -> None:
    ingesting = Ingesting()
    ingesting.uploads.contents.clear()
    ingesting.run()
    assert ingesting.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.NOT_UPLOADED)]


def test_a_plan_that_is_not_there_any_more_says_nothing_of_the_upload() -> None:
    """What recover makes of it, once the message has died, is that the CSV could not be read."""
    ingesting = Ingesting(csv_of(MAX_PART_ROWS + 10))
    ingesting.time_left = short_after(1)
    ingesting.run()
    ingesting.plans.stored.clear()
    ingesting.time_left = lambda: 900.0
    with pytest.raises(NotFoundError):
        ingesting.run()
    assert ingesting.finalize.sent == []


# --- crashes and continuations ---------------------------------------------------------------------------------------

CRASHING = csv_of(3, images_a_row=150)  # one part of three chunks
ALL_WRITES = 12  # survey, start, event, part, three chunks, three sends, checkpoint, total


def undisturbed(text: str) -> Ingesting:
    ingesting = Ingesting(text)
    ingesting.run()
    return ingesting


def test_an_undisturbed_run_has_the_writes_that_the_next_tests_die_after() -> None:
    assert len(undisturbed(CRASHING).journal.writes) == ALL_WRITES


@pytest.mark.parametrize("writes", range(1, ALL_WRITES + 1))
def test_a_run_after_a_crash_converges(writes: int) -> None:
    ingesting, expected = Ingesting(CRASHING), undisturbed(CRASHING)
    assert not ingesting.run_until_killed(writes)
    assert ingesting.run() == expected.requests[REQUEST_ID]


@pytest.mark.parametrize("writes", range(1, ALL_WRITES + 1))
def test_a_run_after_a_crash_leaves_the_plan_of_the_first(writes: int) -> None:
    ingesting, expected = Ingesting(CRASHING), undisturbed(CRASHING)
    ingesting.run_until_killed(writes)
    ingesting.run()
    assert ingesting.planned() == expected.planned()


@pytest.mark.parametrize("writes", range(1, ALL_WRITES + 1))
def test_a_run_after_a_crash_sends_every_image(writes: int) -> None:
    ingesting = Ingesting(CRASHING)
    ingesting.run_until_killed(writes)
    ingesting.run()
    assert sorted(set(ingesting.sent())) == list(range(450))


def test_a_rerun_does_not_reset_a_chunk_that_is_done() -> None:
    ingesting = Ingesting(CRASHING)
    ingesting.run_until_killed(ALL_WRITES - 2)  # before the checkpoint
    done = Chunk(REQUEST_ID, 1, 0, 200, 200, int(NOW), is_done=True, settled=200)
    ingesting.chunks.add(done)
    ingesting.run()
    assert ingesting.chunks.records[REQUEST_ID, 1] == done


def test_a_rerun_sends_only_the_images_that_have_no_result() -> None:
    ingesting = Ingesting(CRASHING)
    ingesting.run_until_killed(ALL_WRITES - 2)  # before the checkpoint
    for n in range(440):
        ingesting.chunks.record(REQUEST_ID, n // 200, Result(n, f"https://x/{n}", ImageCode.NOT_FOUND), 1)
    ingesting.compress.sent.clear()
    ingesting.run()
    assert ingesting.sent() == list(range(440, 450))


def test_a_rerun_after_the_checkpoint_sends_nothing() -> None:
    ingesting = Ingesting(CRASHING)
    ingesting.run_until_killed(ALL_WRITES - 1)  # the checkpoint
    ingesting.compress.sent.clear()
    ingesting.run()
    assert ingesting.compress.sent == []


def test_a_rerun_of_a_planned_request_evaluates_its_completion() -> None:
    """The run that wrote the total may have died before it saw that everything was counted already."""
    ingesting = Ingesting(status=RequestStatus.PROCESSING, chunks_total=1, chunks_done=1, parts_planned=1)
    ingesting.run()
    assert ingesting.finalize.sent == [FinalizeTask(REQUEST_ID)]


def test_a_rerun_takes_the_stored_part_of_another_parser() -> None:
    """A deploy in between cannot renumber: the rerun goes on where the stored part ends, whatever it reads itself."""
    earlier = Ingesting("Name,Images\na,https://old/1.jpg\n")
    earlier.run()
    stored = earlier.planned()[REQUEST_ID, 0]
    ingesting = Ingesting()
    ingesting.plans.stored[REQUEST_ID, 0] = stored
    ingesting.run()
    assert [task.url for task in ingesting.compress.sent] == ["https://old/1.jpg"]


def test_a_rerun_goes_on_where_the_stored_part_of_another_parser_ends() -> None:
    """What it planned itself and may not store is forgotten: the rows that follow get chunks of their own."""
    first_row, everything = Ingesting(csv_of(1)), Ingesting(csv_of(3))
    first_row.run()
    everything.plans.stored[REQUEST_ID, 0] = replace(first_row.plans.part(REQUEST_ID, 0), is_last=False).to_bytes()
    everything.run()
    sent = [(task.n, task.chunk, task.url) for task in everything.compress.sent]
    assert sent == [(0, 0, "https://x/0-0.jpg"), (1, 1, "https://x/1-0.jpg"), (2, 1, "https://x/2-0.jpg")]


def test_a_run_without_time_sends_itself_a_continuation() -> None:
    ingesting = Ingesting(csv_of(MAX_PART_ROWS + 1))
    ingesting.time_left = short_after(1)
    ingesting.run()
    assert ingesting.again.sent == [IngestTask(REQUEST_ID)]


def test_a_run_that_is_cut_short_leaves_the_total_open() -> None:
    ingesting = Ingesting(csv_of(MAX_PART_ROWS + 1))
    ingesting.time_left = short_after(1)
    request = ingesting.run()
    assert (request.parts_planned, request.chunks_total) == (1, None)


def test_continuations_make_the_plan_of_an_undisturbed_run() -> None:
    text = csv_of(2 * MAX_PART_ROWS + 10)
    ingesting, expected = Ingesting(text), undisturbed(text)
    for _ in range(4):
        ingesting.time_left = short_after(1)
        ingesting.run()
    assert ingesting.planned() == expected.planned()
    assert ingesting.sent() == expected.sent()


def test_a_continuation_opens_the_csv_where_the_checkpoint_is() -> None:
    ingesting = Ingesting(csv_of(MAX_PART_ROWS + 1))
    ingesting.time_left = short_after(1)
    ingesting.run()
    ingesting.uploads.opened_at.clear()
    ingesting.time_left = short_after(9)
    ingesting.run()
    assert ingesting.uploads.opened_at == [ingesting.plans.part(REQUEST_ID, 0).end.position.offset]


def test_a_continuation_knows_the_urls_of_earlier_parts() -> None:
    text = csv_of(MAX_PART_ROWS) + "again,https://x/7-0.jpg\n"
    ingesting = Ingesting(text)
    ingesting.time_left = short_after(1)
    ingesting.run()
    ingesting.time_left = short_after(9)
    ingesting.run()
    assert ingesting.plans.part(REQUEST_ID, 1).rows[-1].images[0][0].n == 7


def test_a_request_that_is_cancelled_meanwhile_is_planned_no_further() -> None:
    ingesting = Ingesting(csv_of(2 * MAX_PART_ROWS))

    def cancel_during_the_first_part() -> float:
        if ingesting.plans.stored:
            raise AssertionError("asked for time once more")
        ingesting.requests.add(a_request(status=RequestStatus.CANCELLED))
        return 900.0

    ingesting.time_left = cancel_during_the_first_part
    ingesting.run()
    assert (list(ingesting.plans.stored), ingesting.again.sent) == ([(REQUEST_ID, 0)], [])


# --- drops -----------------------------------------------------------------------------------------------------------

DROP = Drop("uploads", "incoming/acme/spring/products.csv", "v7", "acme")


class Dropping:
    """The intake among fakes, with a CSV that was dropped."""

    def __init__(self, **metadata: str) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        self.plans = Plans(self.journal)
        self.uploads = Objects(self.journal)
        self.uploads.contents[DROP.key] = SMALL.encode()
        self.uploads.metadata[DROP.key] = {name.replace("_", "-"): value for name, value in metadata.items()}
        self.finalize: Queue[FinalizeTask] = Queue("finalize", self.journal)
        self.wish_reader = WishReader(self.requests.find, Clock(), https_only=True)
        self.intake = Intake(
            self.requests, self.plans, self.uploads, self.finalize, Clock(), 86_400, PATIENCE, self.wish_reader
        )

    def accept(self) -> Request:
        assert self.intake.accept(DROP) == DROP.request_id
        return self.requests[DROP.request_id]

    def refused(self) -> SurveyRecord:
        assert self.intake.accept(DROP) is None
        return surveyed(self.plans, DROP.request_id)


def test_a_drop_becomes_a_pending_request_of_its_owner() -> None:
    request = Dropping().accept()
    assert (request.owner, request.object_key, request.version_id) == ("acme", DROP.key, "v7")


def test_a_drop_is_lenient_unless_told_otherwise() -> None:
    assert Dropping().accept().options.csv.mode is Mode.LENIENT


def test_a_drop_takes_options_from_its_metadata() -> None:
    options = Dropping(imagepress_format="webp", imagepress_mode="strict").accept().options
    assert (options.image.format, options.csv.mode) == (Format.WEBP, Mode.STRICT)


def test_a_drop_with_a_webhook_url_owes_a_webhook() -> None:
    request = Dropping(imagepress_webhook_url="https://hook.example/x").accept()
    assert (request.webhook_url, request.webhook_status) == ("https://hook.example/x", WebhookStatus.NOT_SENT)


def test_the_same_event_again_is_the_same_request() -> None:
    dropping = Dropping()
    dropping.accept()
    dropping.accept()
    assert list(dropping.requests.records) == [DROP.request_id]


def test_the_same_event_again_changes_nothing() -> None:
    dropping = Dropping()
    first = dropping.accept()
    dropping.uploads.metadata[DROP.key] = {"imagepress-quality": "9"}
    assert dropping.accept() == first


def test_a_drop_that_was_deleted_since_is_no_request() -> None:
    dropping = Dropping()
    dropping.uploads.contents.clear()
    assert dropping.intake.accept(DROP) is None
    assert dropping.requests.records == {}


def test_a_drop_with_options_that_cannot_be_used_fails() -> None:
    dropping = Dropping(imagepress_quality="200")
    dropping.refused()
    assert dropping.finalize.sent == [FinalizeTask(DROP.request_id, RequestCode.INVALID_OPTIONS)]


def test_a_drop_with_options_that_cannot_be_used_says_which() -> None:
    errors = Dropping(imagepress_quality="200", imagepress_colour="red").refused().errors
    assert sorted(error.message.split(":")[0] for error in errors) == [
        "x-amz-meta-imagepress-colour",
        "x-amz-meta-imagepress-quality",
    ]


def test_a_drop_with_a_webhook_url_that_cannot_be_used_fails() -> None:
    dropping = Dropping(imagepress_webhook_url="http://hook.example/x")
    dropping.refused()
    assert dropping.finalize.sent == [FinalizeTask(DROP.request_id, RequestCode.INVALID_OPTIONS)]


@pytest.mark.parametrize(("length", "refused"), [(MAX_DROP_KEY, False), (MAX_DROP_KEY + 1, True), (1_024, True)])
def test_a_drop_whose_summary_would_have_too_long_a_key_fails(length: int, refused: bool) -> None:
    path = "ü" * 400 + "x" * (length - 800 - len("incoming/acme/.csv"))
    dropping, drop = Dropping(), replace(DROP, key=f"incoming/acme/{path}.csv")
    dropping.uploads.contents[drop.key] = SMALL.encode()
    assert (dropping.intake.accept(drop) is None) == refused
    assert dropping.finalize.sent == [FinalizeTask(drop.request_id, RequestCode.INVALID_OPTIONS)] * refused


def test_a_drop_whose_key_is_too_long_says_how_long_it_may_be() -> None:
    dropping, drop = Dropping(), replace(DROP, key=f"incoming/acme/{'x' * 1_000}.csv")
    dropping.uploads.contents[drop.key] = SMALL.encode()
    dropping.intake.accept(drop)
    (error,) = surveyed(dropping.plans, drop.request_id).errors
    assert "1,011 bytes" in error.message


def reusing(**earlier: Any) -> Dropping:
    """A drop that asks for the results of a request, which is there if anything is said of it."""
    dropping = Dropping(imagepress_reuse=REQUEST_ID)
    if earlier:
        dropping.requests.add(a_request(**earlier))
    return dropping


def test_a_drop_may_reuse_a_request_of_its_owner() -> None:
    assert reusing(owner="acme").accept().options.run.reuse == REQUEST_ID


def test_a_drop_may_ask_for_the_latest_even_if_there_is_none() -> None:
    assert Dropping(imagepress_reuse="latest").accept().options.run.reuse == "latest"


@pytest.mark.parametrize(
    "earlier", [{}, {"owner": "other"}, {"expires_at": int(NOW)}], ids=["none", "other", "expired"]
)
def test_a_drop_that_reuses_a_request_which_its_owner_has_not_fails(earlier: dict[str, Any]) -> None:
    (error,) = reusing(**earlier).refused().errors
    assert error.message == "x-amz-meta-imagepress-reuse: there is no such request"


def test_a_drop_cannot_reuse_a_request_whose_images_were_made_otherwise() -> None:
    (error,) = reusing(owner="acme", options=Options(ImageOptions(quality=30))).refused().errors
    assert "another quality" in error.message


# --- the source ------------------------------------------------------------------------------------------------------


def read(content: bytes, key: str = "a.csv.gz", offset: int = 0) -> bytes:
    uploads = Objects()
    uploads.contents[key] = content
    return b"".join(csv_source(uploads, key, "v1")(offset))


@pytest.mark.parametrize("offset", [0, 1, 999, 1000, 1001, 5000])
def test_a_plain_csv_is_read_from_any_offset(offset: int) -> None:
    content = bytes(range(256)) * 12
    assert read(content, "a.csv", offset) == content[offset:]


@pytest.mark.parametrize("offset", [0, 1, 999, 1000, 1001, 5000])
def test_a_gzipped_csv_is_read_from_any_offset_of_its_text(offset: int) -> None:
    content = bytes(range(256)) * 12
    assert read(gzip.compress(content), offset=offset) == content[offset:]


def test_gzip_files_that_were_concatenated_are_one_text() -> None:
    assert read(gzip.compress(b"first,") + gzip.compress(b"second")) == b"first,second"


@pytest.mark.parametrize(
    "content", [b"not gzip at all", gzip.compress(SMALL.encode())[:-10], b""], ids=["other", "cut off", "empty"]
)
def test_a_gzip_file_that_is_damaged_is_refused(content: bytes) -> None:
    ingesting = Ingesting(content, object_key="incoming/acme/a.csv.gz")
    ingesting.run()
    assert ingesting.finalize.sent == [FinalizeTask(REQUEST_ID, RequestCode.INVALID_CSV)]


def test_a_csv_with_too_many_bytes_is_refused_before_it_is_all_read() -> None:
    block = b"a" * (MAX_CSV_BYTES // 10)
    opened: list[int] = []

    class Endless(Objects):
        def stream(self, key: str, _version_id: str = "", offset: int = 0) -> Iterator[bytes]:
            while True:
                opened.append(len(block))
                yield block

    blocks = csv_source(Endless(), "a.csv", "v1")(0)
    with pytest.raises(Exception, match="more than 1,000,000,000 bytes"):
        for _ in blocks:
            pass
    assert len(opened) == 11


def test_a_bomb_is_unpacked_a_little_at_a_time() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    uploads = Objects()
    uploads.contents["a.csv.gz"] = bomb
    blocks = csv_source(uploads, "a.csv.gz", "v1")(0)
    assert max(len(block) for block in blocks) <= SKIP_SIZE


def test_a_survey_is_plain_json() -> None:
    ingesting = Ingesting()
    ingesting.run()
    assert json.loads(ingesting.plans.surveys[REQUEST_ID])["images"] == 2
