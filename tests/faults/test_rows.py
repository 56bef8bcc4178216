"""The faults of which each has happened to somebody, one by one: what was asked for comes all the same, once."""

from itertools import count

import pytest

from functions.adapters.table.deliveries import DeliveryTable
from functions.core.errors import ImageCode, RequestCode
from functions.core.model import DeliveryState, EventType, RequestStatus, WebhookStatus
from functions.core.webhooks.posted import Posted
from functions.finalize.drop_copy import output_key
from tests.fakes import KilledError
from tests.faults.simulator.faults import Kind, Scripted
from tests.faults.simulator.inputs import (
    ALL_FAIL,
    ALL_WELL,
    FICKLE,
    HOOK,
    NONE_USABLE,
    ONE_KILLS,
    SHOP,
    SIZES,
    SOME_FAIL,
    TWO_PARTS,
    drop,
    retry,
    upload,
)
from tests.faults.simulator.invariants import results_of, violations
from tests.faults.simulator.receivers import BROKEN, LATE
from tests.faults.simulator.rounds import undisturbed
from tests.faults.simulator.row import Row
from tests.faults.simulator.world import RESULTS

CHILD_ID = "99999999-2222-4333-8444-555555555555"
WRITERS = ("ingest", "compress", "tally", "finalize", "notify", "recover")
TOLD = (Kind.KILLED, Kind.LOST_ANSWER, Kind.RETRIED, Kind.THROTTLED)


def settled(row: Row) -> Row:
    row.settle()
    return row


@pytest.mark.parametrize("seed", range(3))
def test_an_event_that_comes_three_times_makes_one_request_and_fetches_each_image_once(seed: int) -> None:
    row = settled(Row(events=3, seed=seed))
    assert row.world.request(row.request_id).status is RequestStatus.COMPLETED
    assert sorted(row.world.origins.fetched) == [f"https://ok/{n}.jpg" for n in (1, 2, 3)]


@pytest.mark.parametrize("seed", range(6))
def test_of_two_versions_in_any_order_the_newer_one_lies_under_outgoing(seed: int) -> None:
    row = Row(lines=SOME_FAIL, seed=seed)
    newer = drop(row.world, ALL_WELL)
    row.settle()
    kept = row.world.s3.content(RESULTS, "outgoing/acme/spring/products.csv")
    assert kept == row.world.s3.content(RESULTS, output_key(newer))
    assert row.world.request(newer).status is RequestStatus.COMPLETED


@pytest.mark.parametrize("kind", TOLD)
@pytest.mark.parametrize("function", WRITERS)
def test_whichever_write_fails_the_request_ends_as_if_none_had(function: str, kind: Kind) -> None:
    for nth in count(1):
        row = settled(Row(Scripted(kind, function, nth=nth), lines=SOME_FAIL, seed=nth))
        assert row.world.request(row.request_id).status is RequestStatus.COMPLETED
        if not row.world.faults.counts[kind]:
            break
    assert nth > 1 or function == "recover", f"{function} never wrote"


@pytest.mark.parametrize("kind", TOLD)
def test_a_crash_between_two_renditions_changes_nothing(kind: Kind) -> None:
    for nth in count(1):
        row = settled(Row(Scripted(kind, "compress", nth=nth), lines=SOME_FAIL, seed=nth, renditions=SIZES))
        results, _, _ = results_of(row.world, row.world.request(row.request_id))
        done = [result for result in results if result.code is None]
        assert [[made.name for made in result.renditions] for result in done] == [["thumb", "zoom"]] * len(done)
        assert all(row.world.s3.content(RESULTS, made.key) for result in done for made in result.renditions)
        if not row.world.faults.counts[kind]:
            break
    assert nth > 3


def test_ingest_may_die_after_any_write_of_a_plan_of_two_parts() -> None:
    for nth in count(1):
        row = settled(Row(Scripted(Kind.KILLED, "ingest", nth=nth), lines=TWO_PARTS, seed=nth))
        assert row.world.request(row.request_id).chunks_total == 2
        if not row.world.faults.counts[Kind.KILLED]:
            break
    assert nth > 10


def test_messages_that_a_batch_refuses_are_sent_again_and_no_others() -> None:
    row = settled(Row(Scripted(Kind.REFUSED, "ingest", "send_message_batch")))
    assert sorted(row.world.origins.fetched) == [f"https://ok/{n}.jpg" for n in (1, 2, 3)]


def test_a_csv_without_an_image_ends_at_once_with_its_output_csv() -> None:
    row = Row(lines=NONE_USABLE)
    row.schedule.run_without_sweep()
    assert row.world.request(row.request_id).error is RequestCode.NO_IMAGES
    assert row.world.s3.content(RESULTS, output_key(row.request_id))
    row.settle()


def test_images_that_are_done_before_the_plan_is_finished_complete_it_without_a_sweep() -> None:
    row = Row(Scripted(Kind.MEANWHILE, "ingest", "update_item", nth=3))  # after the start and the checkpoint
    row.world.faults.meanwhile = row.work_off
    row.schedule.run_without_sweep()
    assert row.world.request(row.request_id).status is RequestStatus.COMPLETED
    row.settle()


def test_an_ingest_that_dies_before_its_checkpoint_leaves_chunks_that_are_done_as_they_are() -> None:
    row = Row(Scripted(Kind.MEANWHILE, "ingest", "update_item", nth=2))

    def work_off_and_die() -> None:
        row.work_off()
        raise KilledError

    row.world.faults.meanwhile = work_off_and_die
    row.settle()
    assert len(row.world.origins.fetched) == 3


def test_a_tally_that_dies_after_the_flip_is_made_up_for_by_the_stream() -> None:
    row = Row(Scripted(Kind.KILLED, "tally", "transact_write_items"))
    row.schedule.run_without_sweep()
    assert row.world.request(row.request_id).status is RequestStatus.COMPLETED
    row.settle()


def test_two_tallies_over_one_chunk_count_it_once() -> None:
    row = Row(Scripted(Kind.MEANWHILE, "tally", "transact_write_items"))
    row.world.faults.meanwhile = lambda: row.world.invoke(
        "tally", lambda: row.world.tally(list(enumerate(row.world.stream)))
    )
    row.settle()
    assert row.world.faults.counts[Kind.MEANWHILE] == 1


@pytest.mark.parametrize("call", ["upload_fileobj", "update_item"])
def test_two_finalisers_at_once_make_one_end(call: str) -> None:
    row = Row(Scripted(Kind.MEANWHILE, "finalize", call))
    task = f'{{"v":1,"kind":"finalize","request_id":"{row.request_id}","verdict":null}}'
    row.world.faults.meanwhile = lambda: row.world.invoke(
        "finalize", lambda: row.world.consume("finalize", task, 1, "again")
    )
    row.settle()
    assert row.world.faults.counts[Kind.MEANWHILE] == 1


def test_images_whose_messages_are_sent_twice_are_counted_once() -> None:
    row = settled(Row(Scripted(Kind.RETRIED, "ingest", "send_message_batch", times=9)))
    assert row.world.request(row.request_id).processed_images == 3


def test_an_image_that_ended_keeps_its_first_result_whatever_its_origin_answers_later() -> None:
    row = Row(Scripted(Kind.RETRIED, "ingest", "send_message_batch", times=9), lines=FICKLE)
    row.schedule._deliver("ingest", row.world.queues["ingest"])
    first, second = row.world.queues["compress"].messages
    for message in (first, second):
        row.schedule._invoke("compress", [message])
        row.work_off()
    row.settle()
    assert row.codes() == {0: None}
    assert row.world.request(row.request_id).failed_images == 0


def test_an_image_that_kills_its_worker_gives_up_alone() -> None:
    row = settled(Row(lines=ONE_KILLS))
    assert row.codes() == {0: None, 1: ImageCode.GAVE_UP, 2: None}


@pytest.mark.parametrize("call", ["get_item", "put_object", "put_item"])
def test_images_outlast_an_aws_that_takes_no_call_of_their_workers(call: str) -> None:
    row = settled(Row(Scripted(Kind.THROTTLED, "compress", call, times=20)))
    assert set(row.codes().values()) == {None}


def test_an_origin_that_is_always_busy_is_told_by_its_own_code() -> None:
    row = settled(Row(lines=SOME_FAIL))
    assert row.codes() == {0: None, 1: ImageCode.NOT_FOUND, 2: ImageCode.ORIGIN_ERROR, 3: None}


def test_a_request_of_which_no_image_is_left_fails() -> None:
    row = settled(Row(lines=ALL_FAIL))
    assert row.world.request(row.request_id).error is RequestCode.ALL_IMAGES_FAILED


@pytest.mark.parametrize("seed", range(1_000, 1_005))
def test_a_fifth_of_all_calls_may_fail_for_a_while(seed: int) -> None:
    row = Row(lines=SOME_FAIL, seed=seed)
    row.world.faults.rate, row.schedule.calm_after = 0.2, 60
    settled(row)


def test_a_stream_that_is_replayed_backwards_changes_nothing() -> None:
    row = settled(Row(lines=SOME_FAIL))
    before = row.world.request(row.request_id)
    for place in reversed(range(len(row.world.stream))):
        row.world.tally([(place, row.world.stream[place])])
    row.settle()
    assert row.world.request(row.request_id) == before


def test_a_stream_that_loses_everything_is_made_up_for_by_the_sweep() -> None:
    row = Row()
    row.schedule.read = 1_000
    settled(row)
    assert row.world.request(row.request_id).status is RequestStatus.COMPLETED


def test_a_record_that_is_no_result_keeps_no_other_from_being_counted() -> None:
    row = Row()
    row.world.stream.append(("nobody's", "IMAGE#1"))
    settled(row)
    assert row.world.request(row.request_id).chunks_done == 1


def test_messages_that_are_lost_are_sent_again_and_a_backlog_is_not() -> None:
    row = Row()
    row.schedule._deliver("ingest", row.world.queues["ingest"])
    waiting = row.world.queues["compress"].messages
    lost = waiting.pop()
    row.schedule._sweep()
    assert lost not in row.world.queues["compress"].messages
    assert len(row.world.queues["compress"].messages) == 2
    row.settle()


def test_a_csv_whose_message_is_lost_is_read_all_the_same() -> None:
    row = Row()
    uploaded = upload(row.world, ALL_WELL, is_message_lost=True)
    row.schedule.run()
    assert violations(row.world, uploaded, undisturbed(ALL_WELL), listens=True) == []


def test_an_output_csv_that_cannot_be_written_is_told_as_that() -> None:
    row = settled(Row(Scripted(Kind.KILLED, "finalize", "put_object"), lines=ALL_WELL))
    assert row.world.request(row.request_id).status is RequestStatus.COMPLETED
    dying = settled(Row(Scripted(Kind.THROTTLED, "finalize", "upload_fileobj", times=50)))
    assert dying.world.request(dying.request_id).error is RequestCode.FINALIZE_FAILED


def test_an_ingest_that_always_dies_is_told_as_that() -> None:
    row = settled(Row(Scripted(Kind.THROTTLED, "ingest", "put_object", times=5)))
    assert row.world.request(row.request_id).error is RequestCode.INGEST_FAILED


def test_a_receiver_that_fails_or_answers_late_gets_the_same_id_again() -> None:
    row = Row()
    row.world.receivers.answers[HOOK] = [BROKEN, LATE, BROKEN]
    settled(row)
    ids = [post.headers["webhook-id"] for post in row.world.receivers.posts if post.url == HOOK]
    assert len(ids) == 4
    assert len(set(ids)) == 1
    assert row.world.request(row.request_id).webhook_status is WebhookStatus.SENT


def test_a_receiver_that_is_gone_is_not_asked_again() -> None:
    row = Row()
    row.world.receivers.answers[SHOP] = [Posted(410, None, 5)]
    settled(row)
    deliveries = DeliveryTable(row.world.onlooker.table).of_request(row.request_id)
    states = {(each.url, each.event): each.state for each in deliveries}
    assert [post.url for post in row.world.receivers.posts].count(SHOP) == 1
    assert DeliveryState.GAVE_UP in {states.get((SHOP, event)) for event in EventType}


@pytest.mark.parametrize("step", range(1, 30, 2))
def test_a_request_that_is_cancelled_whenever_ends_once_and_nobody_hears_of_another_end(step: int) -> None:
    row = Row(seed=step)
    row.schedule.at = {step: lambda: row.schedule.cancel(row.request_id)}
    settled(row)


def test_a_cancellation_that_comes_before_the_last_write_of_the_end_holds() -> None:
    row = Row(Scripted(Kind.MEANWHILE, "finalize", "update_item"))
    row.world.faults.meanwhile = lambda: row.schedule.cancel(row.request_id)
    settled(row)
    assert row.world.request(row.request_id).status is RequestStatus.CANCELLED


def test_a_retry_adopts_what_was_done_whichever_write_its_ingest_dies_after() -> None:
    for nth in count(1):
        row = settled(Row(lines=SOME_FAIL))
        row.world.faults.script.append(Scripted(Kind.KILLED, "ingest", nth=nth))
        row.schedule.calm_after = 10_000
        child = retry(row.world, row.request_id, CHILD_ID)
        row.world.origins.fetched.clear()
        row.schedule.run()
        request = row.world.request(child)
        assert (request.processed_images, request.failed_images, request.chunks_done) == (4, 2, 1)
        assert row.world.origins.fetched == []  # those that failed are told by their hosts
        if not row.world.faults.counts[Kind.KILLED]:
            break
    assert nth > 5
