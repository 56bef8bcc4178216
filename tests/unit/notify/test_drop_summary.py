"""What a drop leaves behind when it ends: its summary and an event on the account's bus."""

import json
from typing import Any

import pytest

from functions.core.catalogue import SurveyRecord
from functions.core.csv import RowError
from functions.core.errors import RequestCode, StorageError
from functions.core.model import DeliveryState, EventType, RequestStatus, Source
from functions.core.options import Options, RunOptions
from functions.notify.drop_summary import MAX_CHARACTERS, MAX_ERRORS
from tests.fakes import NOW, REQUEST_ID, KilledError
from tests.notifying import KEY, Notifying

DROPPED: dict[str, Any] = {"source": Source.S3, "object_key": "incoming/acme/a/B.CSV"}
EVENT_BYTES = 256 * 1024  # what EventBridge takes of an entry, by its quotas
SUMMARY_KEY = "outgoing/acme/a/B.CSV.summary.json"
REFUSED: dict[str, Any] = {
    "status": RequestStatus.FAILED,
    "error": RequestCode.INVALID_CSV,
    "chunks_total": None,
    "parts_planned": 0,
}


def dropped(**request: Any) -> Notifying:
    return Notifying(**DROPPED | request)


def summary_of(notifying: Notifying) -> dict[str, Any]:
    return dict(json.loads(notifying.objects.contents[SUMMARY_KEY]))


def test_the_summary_of_a_drop_tells_what_became_of_it() -> None:
    notifying = dropped(rows=3, row_errors=1, bytes_in=1_000, bytes_out=400)
    wrong = RowError(4, "Images", "not_a_url", "must begin with http:// or https://", "x")
    notifying.plans.store_survey(REQUEST_ID, SurveyRecord.refused([wrong], 1))
    notifying.announce()
    assert summary_of(notifying) == {
        "request_id": REQUEST_ID,
        "owner": "acme",
        "status": "completed",
        "error": None,
        "dry_run": False,
        "source_key": "incoming/acme/a/B.CSV",
        "output_key": "outgoing/acme/a/B.CSV",
        "rows": 3,
        "row_errors": 1,
        "total_images": 2,
        "processed_images": 2,
        "failed_images": 1,
        "bytes_in": 1_000,
        "bytes_out": 400,
        "bytes_saved": 600,
        "created_at": "2023-11-14T22:13:20.000Z",
        "completion_time": "2023-11-14T22:13:20.000Z",
        "results_csv_url": f"https://api.example/download/{REQUEST_ID}",
        "status_url": f"https://api.example/status/{REQUEST_ID}",
        "errors": [wrong.to_json()],
        "errors_total": 1,
    }


def test_the_bus_is_told_the_same() -> None:
    notifying = dropped()
    notifying.announce()
    assert notifying.bus.events == [("processing.completed", summary_of(notifying))]


def test_a_drop_that_failed_leaves_a_summary_that_says_why() -> None:
    notifying = dropped(**REFUSED)
    notifying.announce(EventType.FAILED)
    error, status_url = summary_of(notifying)["error"], summary_of(notifying)["status_url"]
    assert (error["code"], status_url) == ("invalid_csv", f"https://api.example/status/{REQUEST_ID}")
    assert "errors[] are in the status" in error["message"], "the summary has but the first of them"
    assert [kind for kind, _ in notifying.bus.events] == ["processing.failed"]


@pytest.mark.parametrize(
    "request_",
    [
        REFUSED,
        {"status": RequestStatus.FAILED, "error": RequestCode.FINALIZE_FAILED},
        {"chunks_total": None, "options": Options(run=RunOptions(dry_run=True))},
    ],
    ids=["refused", "not finalised", "dry run"],
)
def test_a_drop_without_an_output_csv_names_none(request_: dict[str, Any]) -> None:
    notifying = dropped(**request_)
    notifying.announce()
    assert (summary_of(notifying)["output_key"], summary_of(notifying)["results_csv_url"]) == (None, None)


def test_a_dry_run_of_a_drop_says_that_it_is_one() -> None:
    notifying = dropped(chunks_total=None, options=Options(run=RunOptions(dry_run=True)))
    notifying.announce()
    assert summary_of(notifying)["dry_run"]


def test_a_drop_whose_summary_would_have_too_long_a_key_has_its_event_alone() -> None:
    key = f"incoming/acme/{'x' * 1_000}.csv"
    notifying = dropped(**REFUSED, object_key=key)
    notifying.announce(EventType.FAILED)
    assert [detail["source_key"] for _, detail in notifying.bus.events] == [key]
    assert notifying.objects.contents == {}


def test_an_upload_leaves_no_summary_and_no_event() -> None:
    notifying = Notifying()
    notifying.announce()
    assert (notifying.objects.contents, notifying.bus.events) == ({}, [])


def test_the_start_of_a_drop_leaves_no_summary_and_no_event() -> None:
    notifying = dropped(status=RequestStatus.PROCESSING)
    notifying.announce(EventType.STARTED)
    assert (notifying.objects.contents, notifying.bus.events) == ({}, [])


def test_a_drop_that_nobody_has_a_webhook_for_leaves_its_summary() -> None:
    notifying = dropped(webhook_url=None, webhook_status=None)
    notifying.announce()
    assert notifying.journal.writes == ["paths.hold outgoing/acme/a/B.CSV", f"objects.put {SUMMARY_KEY}", "bus.put"]


@pytest.mark.parametrize("writes", [1, 2, 3, 4, 5])
def test_an_end_that_is_announced_again_after_a_crash_leaves_the_same_summary(writes: int) -> None:
    undisturbed = dropped()
    undisturbed.announce()
    notifying = dropped()
    notifying.journal.kill_after = writes
    with pytest.raises(KilledError):
        notifying.announce()
    notifying.journal.kill_after = None
    notifying.announce()
    assert notifying.objects.contents == undisturbed.objects.contents
    assert {json.dumps(event) for event in notifying.bus.events} == {json.dumps(undisturbed.bus.events[0])}


@pytest.mark.parametrize("failing", ["objects.put", "bus.put"])
def test_a_bucket_or_bus_that_fails_keeps_no_webhook_waiting(failing: str) -> None:
    notifying = dropped()
    notifying.journal.failing.add(failing)
    with pytest.raises(StorageError):
        notifying.announce()
    notifying.attempt()
    assert notifying.deliveries.records[KEY].state is DeliveryState.DELIVERED


def test_a_bus_that_failed_is_told_when_the_message_comes_again() -> None:
    notifying = dropped()
    notifying.journal.failing.add("bus.put")
    with pytest.raises(StorageError):
        notifying.announce()
    notifying.journal.failing.clear()
    notifying.announce()
    assert len(notifying.bus.events) == 1


def test_a_summary_keeps_what_is_not_ascii() -> None:
    notifying = dropped(object_key="incoming/acme/Frühling.csv", ended_at=NOW)
    notifying.announce()
    assert "Frühling".encode() in notifying.objects.contents["outgoing/acme/Frühling.csv.summary.json"]


def told(errors: list[RowError] | None, **request: Any) -> dict[str, Any]:
    """The summary of a drop that ended with these errors; None of one whose CSV was not read."""
    notifying = dropped(**request)
    if errors is not None:
        notifying.plans.store_survey(REQUEST_ID, SurveyRecord.refused(errors, len(errors)))
    notifying.announce(EventType.FAILED)
    return summary_of(notifying)


def test_the_first_errors_are_told_and_how_many_there_are() -> None:
    errors = [RowError(line, "Images", "not_a_url", "no URL", "x") for line in range(2, 30)]
    detail = told(errors, **REFUSED)
    assert [error["line"] for error in detail["errors"]] == list(range(2, 2 + MAX_ERRORS))
    assert detail["errors_total"] == 28
    assert detail["errors"][0] == errors[0].to_json()


def test_an_event_has_room_for_the_longest_headers_and_messages() -> None:
    detail = told([RowError(2, "😀" * 1_000_000, "not_a_url", "😀" * 1_000_000, "😀" * 80)] * 100, **REFUSED)
    assert len(detail["errors"][0]["message"]) == MAX_CHARACTERS
    assert len(json.dumps(detail)) < EVENT_BYTES


def test_bad_rows_of_a_drop_that_has_run_are_told_too() -> None:
    assert told([RowError(3, None, "not_a_url", "no URL")], row_errors=1)["errors_total"] == 1


def test_a_request_that_failed_before_its_csv_was_read_has_no_errors_to_tell() -> None:
    detail = told(None, **REFUSED)
    assert (detail["errors"], detail["errors_total"]) == ([], 0)
