"""Cancel and retry."""

from dataclasses import dataclass
from typing import Any

import pytest

from functions.adapters.workbook.sheets import Workbooks
from functions.api.http.problem import ApiError, Code
from functions.api.keys import Caller
from functions.api.requests.lifecycle import Lifecycle
from functions.api.uploads.checks import Checks
from functions.api.uploads.opening import Opening
from functions.core.errors import RequestCode
from functions.core.messages import IngestTask
from functions.core.model import Request, RequestStatus, WebhookStatus
from functions.core.options import ImageOptions, Options, RunOptions
from functions.core.settings import PublicUrls
from functions.core.uploads.wishes import WishReader
from tests.fakes import NOW, REQUEST_ID, Clock, Queue, Requests, a_request

ACME = Caller("acme")
CHILD = "77777777-2222-4333-8444-555555555555"
COMPLETED = {
    "status": RequestStatus.COMPLETED,
    "total_images": 5,
    "processed_images": 5,
    "failed_images": 2,
    "row_errors": 1,
}


@dataclass
class Quota:
    """What an owner used on this day."""

    used: int = 0

    def images_of_day(self, owner: str, day: str) -> int:
        assert owner == "acme", day
        return self.used


class Living:
    """One request among fakes, due in the index."""

    def __init__(self, **request: Any) -> None:
        self.requests = Requests()
        self.request: Request = self.requests.add(a_request(**request), due_at=NOW)
        self.ingest: Queue[IngestTask] = Queue("ingest", self.requests.journal)
        self.quota = Quota()
        opening = Opening(
            requests=self.requests,
            ingest=self.ingest,
            urls=PublicUrls("https://api.example", "https://cdn.example"),
            clock=Clock(),
            new_id=lambda: CHILD,
            lifetime=1000,
            patience=60,
        )
        self.lifecycle = Lifecycle(
            Checks(
                WishReader(self.requests.find, Clock(), https_only=True),
                Workbooks(60),
                self.quota,
                Clock(),
                daily_images=10,
            ),
            self.requests,
            opening,
        )

    def retry(self, key: str | None = None) -> Any:
        return self.lifecycle.retry(ACME, self.request, key)


@pytest.mark.parametrize("status", [RequestStatus.PENDING, RequestStatus.PROCESSING])
def test_a_request_that_has_not_ended_can_be_cancelled(status: RequestStatus) -> None:
    living = Living(status=status)
    assert living.lifecycle.cancel(living.request).request_id == REQUEST_ID
    assert living.requests[REQUEST_ID].status is RequestStatus.CANCELLED
    assert not living.requests.due_at, "nobody has to look after it any more"


def test_cancelling_twice_is_as_good_as_once() -> None:
    living = Living()
    assert living.lifecycle.cancel(living.request) == living.lifecycle.cancel(living.request)


def test_a_cancel_that_died_half_way_is_ended_by_the_next_one() -> None:
    living = Living(status=RequestStatus.CANCELLED)
    living.lifecycle.cancel(living.request)
    assert not living.requests.due_at


@pytest.mark.parametrize("status", [RequestStatus.COMPLETED, RequestStatus.FAILED])
def test_what_has_ended_stays_as_it_is(status: RequestStatus) -> None:
    living = Living(status=status)
    with pytest.raises(ApiError) as caught:
        living.lifecycle.cancel(living.request)
    assert caught.value.code is Code.ALREADY_ENDED
    assert living.requests[REQUEST_ID].status is status


def test_a_retry_is_another_request_over_the_same_version() -> None:
    living = Living(**COMPLETED, webhook_url="https://hook.example")
    accepted = living.retry()
    child, parent = living.requests[CHILD], living.request
    assert (accepted.request_id, accepted.retry_of, accepted.total_images) == (CHILD, REQUEST_ID, 5)
    assert (child.object_key, child.version_id, child.owner) == (parent.object_key, parent.version_id, "acme")
    assert (child.webhook_url, child.webhook_status) == ("https://hook.example", WebhookStatus.NOT_SENT)
    assert living.ingest.sent == [IngestTask(CHILD)]


def test_a_retry_keeps_the_options_but_reuses_its_parent_only() -> None:
    options = Options(ImageOptions(quality=30), run=RunOptions(reuse="latest"))
    living = Living(**COMPLETED, options=options)
    living.retry()
    assert living.requests[CHILD].options == Options(ImageOptions(quality=30))


def test_a_repeated_retry_with_a_key_gives_the_same_request() -> None:
    living = Living(**COMPLETED)
    first, second = living.retry("k-1"), living.retry("k-1")
    assert first.request_id == second.request_id
    assert len(living.requests.records) == 2


def test_nobody_is_to_hear_of_a_request_that_was_cancelled() -> None:
    living = Living(webhook_url="https://hook.example/x", webhook_status=WebhookStatus.NOT_SENT)
    living.lifecycle.cancel(living.request)
    assert living.requests[REQUEST_ID].webhook_status is None


def test_a_key_of_another_retry_is_refused() -> None:
    living = Living(**COMPLETED)
    living.retry("k-1")
    other = living.requests.add(a_request("88888888-2222-4333-8444-555555555555", **COMPLETED))
    with pytest.raises(ApiError) as caught:
        living.lifecycle.retry(ACME, other, "k-1")
    assert caught.value.code is Code.IDEMPOTENCY_KEY_REUSED


REFUSED = {
    "one that runs": ({"status": RequestStatus.PROCESSING}, Code.STILL_RUNNING),
    "one without failures": ({"status": RequestStatus.COMPLETED}, Code.NOTHING_TO_RETRY),
    "a bad CSV": ({"status": RequestStatus.FAILED, "error": RequestCode.INVALID_CSV}, Code.NOTHING_TO_RETRY),
    "a CSV that is too long": (
        {"status": RequestStatus.FAILED, "error": RequestCode.TOO_MANY_ROWS},
        Code.NOTHING_TO_RETRY,
    ),
    "one without a CSV": ({"status": RequestStatus.CANCELLED, "version_id": ""}, Code.NOTHING_TO_RETRY),
}


@pytest.mark.parametrize(("request_", "code"), REFUSED.values(), ids=REFUSED)
def test_what_another_try_would_not_change_is_refused(request_: dict[str, Any], code: Code) -> None:
    living = Living(**request_)
    with pytest.raises(ApiError) as caught:
        living.retry()
    assert caught.value.code is code
    assert len(living.requests.records) == 1


@pytest.mark.parametrize(
    "error", [RequestCode.ALL_IMAGES_FAILED, RequestCode.INGEST_FAILED, RequestCode.QUOTA_EXCEEDED]
)
def test_what_failed_by_circumstance_can_be_tried_again(error: RequestCode) -> None:
    assert Living(status=RequestStatus.FAILED, error=error).retry().retry_of == REQUEST_ID


@pytest.mark.parametrize(("used", "is_taken"), [(8, True), (9, False)])
def test_a_retry_needs_room_in_the_day_for_what_failed(used: int, is_taken: bool) -> None:
    living = Living(**COMPLETED)
    living.quota.used = used
    if is_taken:
        living.retry()
    else:
        with pytest.raises(ApiError) as caught:
            living.retry()
        assert caught.value.code is Code.QUOTA_EXCEEDED
    assert len(living.ingest.sent) == int(is_taken)
