"""The request records."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.queue_checks import QueueChecks
from functions.adapters.table.quota import KEPT_SECONDS, QuotaTable
from functions.adapters.table.requests import DUE_SHARDS, REQUEST_GRACE, RequestTable
from functions.core.errors import QuotaExceededError, RequestCode
from functions.core.model import Request, RequestStatus, WebhookStatus
from functions.core.options import CsvOptions, Format, ImageOptions, Mode, Options
from functions.core.quota import Charge, day_of
from tests.fakes import NOW, REQUEST_ID, a_request

DUE = NOW + 300
ENDS = [RequestStatus.COMPLETED, RequestStatus.FAILED, RequestStatus.CANCELLED]


@pytest.fixture
def requests(table: Dynamo) -> RequestTable:
    return RequestTable(table)


@pytest.fixture
def pending(requests: RequestTable) -> RequestTable:
    requests.create(a_request(), DUE)
    return requests


@pytest.fixture
def processing(pending: RequestTable) -> RequestTable:
    pending.start(REQUEST_ID, images=10, rows=5, row_errors=1, now=NOW + 1)
    return pending


def found(requests: RequestTable) -> Request:
    request = requests.find(REQUEST_ID)
    assert request is not None
    return request


def due(requests: RequestTable, now: float) -> list[tuple[str, float]]:
    return [(record["pk"], record["due_at"]) for record in requests.due(now)]


def test_a_request_comes_back_as_it_was_made(requests: RequestTable) -> None:
    options = Options(ImageOptions(40, Format.WEBP, 800), CsvOptions(Mode.LENIENT, url_columns=("a", "b")))
    made = a_request(options=options, webhook_url="https://h/x", webhook_status=WebhookStatus.NOT_SENT)
    requests.create(made, DUE)
    assert requests.find(REQUEST_ID) == made


def test_times_come_back_to_the_millisecond(requests: RequestTable) -> None:
    requests.create(a_request(created_at=1_700_000_000.123), DUE)
    assert found(requests).created_at == 1_700_000_000.123


def test_a_request_that_is_there_is_not_made_again(pending: RequestTable) -> None:
    assert not pending.create(a_request(owner="somebody else"), DUE)
    assert found(pending).owner == "acme"


def test_a_request_that_is_not_there_is_none(requests: RequestTable) -> None:
    assert requests.find(REQUEST_ID) is None


def test_a_request_outlives_its_children(pending: RequestTable) -> None:
    record = pending.table.get(f"REQUEST#{REQUEST_ID}", "REQUEST") or {}
    assert record["ttl"] == a_request().expires_at + REQUEST_GRACE


def test_a_pending_request_starts_with_what_was_counted(processing: RequestTable) -> None:
    request = found(processing)
    assert (request.status, request.total_images, request.rows, request.row_errors) == (
        RequestStatus.PROCESSING, 10, 5, 1,
    )  # fmt: skip


def test_a_request_starts_once(processing: RequestTable) -> None:
    assert not processing.start(REQUEST_ID, images=99, rows=99, row_errors=9, now=NOW)


def test_a_checkpoint_moves_forward(processing: RequestTable) -> None:
    assert processing.checkpoint(REQUEST_ID, 3, DUE, NOW)
    assert found(processing).parts_planned == 3


def test_a_checkpoint_of_a_run_that_was_overtaken_is_refused(processing: RequestTable) -> None:
    processing.checkpoint(REQUEST_ID, 3, DUE, NOW)
    assert not processing.checkpoint(REQUEST_ID, 2, DUE, NOW)


def test_the_same_checkpoint_again_is_taken(processing: RequestTable) -> None:
    """The write was applied, its answer lost."""
    processing.checkpoint(REQUEST_ID, 3, DUE, NOW)
    assert processing.checkpoint(REQUEST_ID, 3, DUE, NOW)


@pytest.mark.parametrize("status", ENDS)
def test_a_request_that_has_ended_takes_no_checkpoint(processing: RequestTable, status: RequestStatus) -> None:
    processing.end(REQUEST_ID, status, None, NOW)
    assert not processing.checkpoint(REQUEST_ID, 3, DUE, NOW)


def test_a_checkpoint_puts_off_recover(processing: RequestTable) -> None:
    processing.checkpoint(REQUEST_ID, 3, DUE + 50, NOW)
    assert due(processing, DUE + 49) == []


def test_the_plan_is_finished_once(processing: RequestTable) -> None:
    assert processing.finish_plan(REQUEST_ID, 4, 700, DUE, NOW)
    assert not processing.finish_plan(REQUEST_ID, 5, 900, DUE, NOW)
    assert (found(processing).chunks_total, found(processing).total_images) == (4, 700)


@pytest.mark.parametrize("status", ENDS)
def test_of_a_request_that_has_ended_no_plan_is_finished(processing: RequestTable, status: RequestStatus) -> None:
    processing.end(REQUEST_ID, status, None, NOW)
    assert not processing.finish_plan(REQUEST_ID, 4, 700, DUE, NOW)
    assert found(processing).chunks_total is None


def test_a_plan_without_chunks_is_finished_too(processing: RequestTable) -> None:
    processing.finish_plan(REQUEST_ID, 0, 0, DUE, NOW)
    assert found(processing).chunks_total == 0


@pytest.mark.parametrize("status", ENDS)
def test_a_running_request_ends(processing: RequestTable, status: RequestStatus) -> None:
    assert processing.end(REQUEST_ID, status, None, NOW + 9)
    assert (found(processing).status, found(processing).ended_at) == (status, NOW + 9)


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("second", ENDS)
def test_a_request_ends_once(processing: RequestTable, first: RequestStatus, second: RequestStatus) -> None:
    processing.end(REQUEST_ID, first, None, NOW)
    assert not processing.end(REQUEST_ID, second, RequestCode.FINALIZE_FAILED, NOW)
    assert (found(processing).status, found(processing).error) == (first, None)


def test_a_request_fails_with_its_reason(pending: RequestTable) -> None:
    pending.end(REQUEST_ID, RequestStatus.FAILED, RequestCode.INVALID_CSV, NOW)
    assert found(pending).error is RequestCode.INVALID_CSV


@pytest.mark.parametrize("error", [RequestCode.INGEST_FAILED, RequestCode.INVALID_CSV, RequestCode.QUOTA_EXCEEDED])
def test_a_verdict_ends_no_request_whose_plan_is_finished(processing: RequestTable, error: RequestCode) -> None:
    processing.finish_plan(REQUEST_ID, 4, 700, DUE, NOW)
    assert not processing.end(REQUEST_ID, RequestStatus.FAILED, error, NOW)
    assert found(processing).status is RequestStatus.PROCESSING


@pytest.mark.parametrize(
    "error", [RequestCode.NO_IMAGES, RequestCode.ALL_IMAGES_FAILED, RequestCode.FINALIZE_FAILED, None]
)
def test_a_request_whose_plan_is_finished_ends_by_it(processing: RequestTable, error: RequestCode | None) -> None:
    processing.finish_plan(REQUEST_ID, 4, 700, DUE, NOW)
    assert processing.end(REQUEST_ID, RequestStatus.FAILED, error, NOW)


def test_a_pending_request_is_not_completed(pending: RequestTable) -> None:
    assert not pending.end(REQUEST_ID, RequestStatus.COMPLETED, None, NOW)


def test_a_request_that_is_not_there_does_not_end(requests: RequestTable) -> None:
    assert not requests.end(REQUEST_ID, RequestStatus.FAILED, RequestCode.INGEST_FAILED, NOW)
    assert requests.find(REQUEST_ID) is None


def test_a_webhook_status_is_written(processing: RequestTable) -> None:
    processing.set_webhook_status(REQUEST_ID, WebhookStatus.SENT)
    assert found(processing).webhook_status is WebhookStatus.SENT


def test_a_webhook_status_makes_no_request(requests: RequestTable) -> None:
    assert not requests.set_webhook_status(REQUEST_ID, WebhookStatus.SENT)


def test_webhooks_are_expected_once(processing: RequestTable) -> None:
    assert processing.expect_webhooks(REQUEST_ID)
    assert found(processing).webhook_status is WebhookStatus.NOT_SENT
    assert not processing.expect_webhooks(REQUEST_ID)


@pytest.mark.parametrize("status", [WebhookStatus.SENT, WebhookStatus.FAILED])
def test_webhooks_that_ended_are_not_expected_again(processing: RequestTable, status: WebhookStatus) -> None:
    processing.set_webhook_status(REQUEST_ID, status)
    assert not processing.expect_webhooks(REQUEST_ID)
    assert not processing.expect_no_webhooks(REQUEST_ID)
    assert found(processing).webhook_status is status


def test_webhooks_that_nobody_wants_are_expected_no_more(processing: RequestTable) -> None:
    processing.expect_webhooks(REQUEST_ID)
    assert processing.expect_no_webhooks(REQUEST_ID)
    assert found(processing).webhook_status is None


def test_webhooks_of_a_request_that_is_gone_are_not_expected(requests: RequestTable) -> None:
    assert not requests.expect_webhooks(REQUEST_ID)
    assert not requests.expect_no_webhooks(REQUEST_ID)
    assert requests.find(REQUEST_ID) is None


def test_a_new_request_is_due_when_it_was_said(pending: RequestTable) -> None:
    assert due(pending, DUE) == [(f"REQUEST#{REQUEST_ID}", DUE)]


def test_a_request_is_not_due_before(pending: RequestTable) -> None:
    assert due(pending, DUE - 0.001) == []


def test_a_request_that_is_put_off_is_due_later(pending: RequestTable) -> None:
    pending.put_off(REQUEST_ID, DUE + 100)
    assert due(pending, DUE + 100) == [(f"REQUEST#{REQUEST_ID}", DUE + 100)]


def test_a_settled_request_is_never_due_again(processing: RequestTable) -> None:
    processing.leave_due_index(REQUEST_ID)
    assert due(processing, NOW + 1e9) == []


def test_a_request_that_is_gone_is_not_made_by_being_settled(pending: RequestTable) -> None:
    assert not pending.leave_due_index("gone")
    assert pending.table.get("REQUEST#gone", "REQUEST") is None


def test_a_settled_request_cannot_be_put_off(processing: RequestTable) -> None:
    processing.leave_due_index(REQUEST_ID)
    assert not processing.put_off(REQUEST_ID, DUE)
    assert due(processing, NOW + 1e9) == []


def test_what_is_due_comes_from_every_shard(requests: RequestTable) -> None:
    ids = [f"{n:08d}-2222-4333-8444-555555555555" for n in range(8 * DUE_SHARDS)]
    for request_id in ids:
        requests.create(a_request(request_id), DUE)
    assert sorted(pk for pk, _ in due(requests, DUE)) == [f"REQUEST#{request_id}" for request_id in ids]


def test_nobody_is_to_hear_of_a_request_that_is_cancelled(requests: RequestTable) -> None:
    requests.create(a_request(webhook_status=WebhookStatus.NOT_SENT), DUE)
    requests.end(REQUEST_ID, RequestStatus.CANCELLED, None, NOW)
    assert found(requests).webhook_status is None
    assert not requests.expect_webhooks(REQUEST_ID)


@pytest.mark.parametrize("status", [RequestStatus.COMPLETED, RequestStatus.FAILED])
def test_somebody_is_still_to_hear_of_a_request_that_has_ended(requests: RequestTable, status: RequestStatus) -> None:
    requests.create(a_request(status=RequestStatus.PROCESSING, webhook_status=WebhookStatus.NOT_SENT), DUE)
    requests.end(REQUEST_ID, status, None, NOW)
    assert found(requests).webhook_status is WebhookStatus.NOT_SENT


# --- presigned uploads -----------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(requests: RequestTable) -> RequestTable:
    """A request whose upload has not come yet."""
    requests.create(a_request(version_id="", upload_until=NOW + 600), DUE)
    return requests


def test_a_request_that_waits_for_its_upload_comes_back_as_it_was_made(waiting: RequestTable) -> None:
    assert found(waiting) == a_request(version_id="", upload_until=NOW + 600)


def test_an_upload_is_claimed_by_its_first_version(waiting: RequestTable) -> None:
    assert waiting.claim_upload(REQUEST_ID, "v1", NOW)
    assert not waiting.claim_upload(REQUEST_ID, "v2", NOW)
    assert found(waiting).version_id == "v1"


def test_a_request_that_came_another_way_is_not_claimed(pending: RequestTable) -> None:
    assert not pending.claim_upload(REQUEST_ID, "v2", NOW)
    assert found(pending).version_id == "v1"


def test_a_request_that_was_cancelled_is_not_claimed(waiting: RequestTable) -> None:
    waiting.end(REQUEST_ID, RequestStatus.CANCELLED, None, NOW)
    assert not waiting.claim_upload(REQUEST_ID, "v1", NOW)


def test_a_request_that_is_not_there_is_not_claimed(requests: RequestTable) -> None:
    assert not requests.claim_upload(REQUEST_ID, "v1", NOW)
    assert requests.find(REQUEST_ID) is None


# --- an owner's requests and days ------------------------------------------------------------------------------------


def test_an_owners_newest_requests_come_first(requests: RequestTable) -> None:
    for n, owner in enumerate(["acme", "other", "acme", "acme"]):
        requests.create(a_request(f"{n}", owner=owner, created_at=NOW + n), DUE)
    assert [request.request_id for request in requests.newest("acme", 2)] == ["3", "2"]


def test_an_owner_without_requests_has_no_newest(requests: RequestTable) -> None:
    assert requests.newest("acme", 100) == []


def start(requests: RequestTable, images: int, limit: int, request_id: str = REQUEST_ID, owner: str = "acme") -> bool:
    return requests.start(request_id, images=images, rows=5, row_errors=0, now=NOW, charge=Charge(owner, images, limit))


def used(requests: RequestTable, owner: str = "acme") -> int:
    return QuotaTable(requests.table).images_of_day(owner, day_of(NOW))


@pytest.fixture
def ids(requests: RequestTable) -> list[str]:
    """Three pending requests."""
    made = [f"{n}1111111-2222-4333-8444-555555555555" for n in range(3)]
    for request_id in made:
        requests.create(a_request(request_id), DUE)
    return made


def test_a_day_without_requests_has_no_images(requests: RequestTable) -> None:
    assert used(requests) == 0


def test_a_request_that_starts_is_charged(pending: RequestTable) -> None:
    assert start(pending, images=7, limit=10)
    assert (found(pending).status, used(pending)) == (RequestStatus.PROCESSING, 7)


def test_charges_of_a_day_add_up_to_the_limit(requests: RequestTable, ids: list[str]) -> None:
    assert start(requests, 6, 10, ids[0])
    assert start(requests, 4, 10, ids[1])
    assert used(requests) == 10


def test_a_request_over_the_limit_does_not_start_and_is_not_charged(requests: RequestTable, ids: list[str]) -> None:
    start(requests, 6, 10, ids[0])
    with pytest.raises(QuotaExceededError):
        start(requests, 5, 10, ids[1])
    assert (requests.newest("acme", 3)[0].status, used(requests)) == (RequestStatus.PENDING, 6)


def test_a_request_that_alone_is_over_the_limit_does_not_start(pending: RequestTable) -> None:
    with pytest.raises(QuotaExceededError):
        start(pending, images=11, limit=10)
    assert used(pending) == 0


def test_a_request_without_images_starts_on_a_day_that_is_used_up(requests: RequestTable, ids: list[str]) -> None:
    start(requests, 10, 10, ids[0])
    assert start(requests, 0, 10, ids[1])


def test_a_request_is_charged_once(pending: RequestTable) -> None:
    start(pending, images=7, limit=10)
    assert not start(pending, images=7, limit=10)
    assert used(pending) == 7


def test_a_request_without_a_charge_starts_whatever_was_used(requests: RequestTable, ids: list[str]) -> None:
    start(requests, 10, 10, ids[0])
    assert requests.start(ids[1], images=9, rows=1, row_errors=0, now=NOW)
    assert used(requests) == 10


def test_another_owner_has_a_day_of_its_own(requests: RequestTable, ids: list[str]) -> None:
    start(requests, 10, 10, ids[0])
    assert start(requests, 10, 10, ids[1], owner="other")
    assert used(requests, "other") == 10


def test_a_day_is_forgotten_two_days_later(pending: RequestTable) -> None:
    start(pending, images=7, limit=10)
    record = pending.table.get("OWNER#acme", f"DAY#{day_of(NOW)}") or {}
    assert record["ttl"] == int(NOW) + KEPT_SECONDS


def test_a_day_that_another_run_of_the_same_request_used_up_does_not_refuse_it(processing: RequestTable) -> None:
    """The other run's transaction was at the request's record, so its condition was not looked at."""
    reasons: Any = [{"Code": "TransactionConflict"}, {"Code": "ConditionalCheckFailed"}]
    answer: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}

    class Colliding:
        get_item = staticmethod(processing.table.dynamodb.get_item)

        def transact_write_items(self, **_arguments: Any) -> None:
            raise ClientError(answer, "TransactWriteItems")

    assert not start(RequestTable(Dynamo(Colliding(), processing.table.name)), images=7, limit=10)


# --- recover's memory ------------------------------------------------------------------------------------------------


def test_queues_that_were_empty_once_are_not_idle_yet(table: Dynamo) -> None:
    assert QueueChecks(table).add(True, 100) is None


def test_queues_that_were_empty_twice_running_are_idle_since_the_look_before(table: Dynamo) -> None:
    checks = QueueChecks(table)
    checks.add(True, 100)
    assert checks.add(True, 200) == 100


def test_queues_that_were_busy_in_between_are_not_idle(table: Dynamo) -> None:
    checks = QueueChecks(table)
    checks.add(True, 100)
    checks.add(False, 200)
    assert checks.add(True, 300) is None


def test_what_was_sent_while_the_queues_looked_empty_is_lost_after_two_more_looks(table: Dynamo) -> None:
    """On a quiet day nobody ever sees a full queue; and a sweep may die between its claim and its messages."""
    checks = QueueChecks(table)
    checks.add(True, 100)
    sent_at = 150
    checks.add(True, 200)
    assert sent_at < (checks.add(True, 300) or 0)


def test_a_look_by_a_clock_that_is_behind_makes_nothing_lost_sooner(table: Dynamo) -> None:
    checks = QueueChecks(table)
    checks.add(True, 700)
    checks.add(True, 100)
    assert checks.add(True, 800) == 700


def test_a_busy_look_at_queues_that_were_never_empty_changes_nothing(table: Dynamo) -> None:
    assert QueueChecks(table).add(False, 100) is None
    assert table.get("RECOVER", "QUEUES") is None
