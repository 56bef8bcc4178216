"""Requests and their legal steps."""

import pytest

from functions.core.errors import IMAGE_MESSAGES, REQUEST_MESSAGES, ImageCode, RequestCode
from functions.core.model import (
    Delivery,
    EventType,
    ImageStatus,
    RequestStatus,
    Result,
)
from tests.fakes import REQUEST_ID, a_request

PENDING, PROCESSING = RequestStatus.PENDING, RequestStatus.PROCESSING
COMPLETED, FAILED, CANCELLED = RequestStatus.COMPLETED, RequestStatus.FAILED, RequestStatus.CANCELLED
LEGAL = {
    (PENDING, PROCESSING),
    (PENDING, FAILED),
    (PENDING, CANCELLED),
    (PROCESSING, COMPLETED),
    (PROCESSING, FAILED),
    (PROCESSING, CANCELLED),
}


@pytest.mark.parametrize("before", RequestStatus)
@pytest.mark.parametrize("after", RequestStatus)
def test_only_legal_steps_can_be_taken(before: RequestStatus, after: RequestStatus) -> None:
    assert before.can_become(after) == ((before, after) in LEGAL)


@pytest.mark.parametrize("status", RequestStatus)
def test_a_status_that_nothing_follows_is_terminal(status: RequestStatus) -> None:
    assert status.is_terminal == (status in {COMPLETED, FAILED, CANCELLED})


@pytest.mark.parametrize(
    ("status", "chunks_done", "chunks_total", "is_counted"),
    [
        (PROCESSING, 2, 2, True),
        (PROCESSING, 0, 0, True),
        (PROCESSING, 1, 2, False),
        (PROCESSING, 0, None, False),
        (PROCESSING, 2, None, False),
        (PENDING, 2, 2, False),
        (COMPLETED, 2, 2, False),
        (CANCELLED, 2, 2, False),
    ],
)
def test_a_request_is_counted_when_all_its_chunks_are_and_it_has_not_ended(
    status: RequestStatus, chunks_done: int, chunks_total: int | None, is_counted: bool
) -> None:
    request = a_request(status=status, chunks_done=chunks_done, chunks_total=chunks_total)
    assert request.is_counted == is_counted


def test_a_result_without_a_code_is_completed() -> None:
    assert Result(1, "https://x/1.jpg", key="k").status is ImageStatus.COMPLETED


def test_a_result_with_a_code_has_failed() -> None:
    assert Result(1, "https://x/1.jpg", ImageCode.CORRUPT).status is ImageStatus.FAILED


def test_webhook_ids_differ_by_request_event_and_endpoint() -> None:
    ids = {
        Delivery(request_id, event, endpoint, "https://h/", "acme").webhook_id
        for request_id in (REQUEST_ID, "other")
        for event in EventType
        for endpoint in ("a", "b")
    }
    assert len(ids) == 2 * len(EventType) * 2


def test_every_image_code_has_its_sentence() -> None:
    assert set(IMAGE_MESSAGES) == set(ImageCode)


def test_every_request_code_has_its_sentence() -> None:
    assert set(REQUEST_MESSAGES) == set(RequestCode)
