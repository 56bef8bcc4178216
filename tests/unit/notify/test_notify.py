"""Announcing events, and the attempts at their deliveries."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from standardwebhooks import Webhook

from functions.core.errors import RequestCode
from functions.core.messages import DELIVERY_PATIENCE, DeliveryTask, EventTask
from functions.core.model import Attempt, Delivery, DeliveryState, EventType, RequestStatus, WebhookStatus
from functions.core.options import Options, RunOptions
from functions.core.webhooks.posted import Posted
from functions.core.webhooks.urls import OWN_ENDPOINT
from functions.notify.body import MAX_IMAGES
from functions.notify.schedule import MAX_ATTEMPTS
from tests.fakes import NOW, REQUEST_ID, KilledError, Poster, an_endpoint
from tests.notifying import BROKEN, KEY, OK, SECRET, Notifying

OTHER = "https://other.example/hook"

# --- announcing ------------------------------------------------------------------------------------------------------


def test_an_event_becomes_a_delivery_and_its_first_attempt() -> None:
    notifying = Notifying()
    notifying.announce()
    assert notifying.queue.sent == [DeliveryTask(REQUEST_ID, EventType.COMPLETED, OWN_ENDPOINT, 0)]


def test_the_delivery_is_written_before_its_message_is_sent() -> None:
    notifying = Notifying()
    notifying.announce()
    assert notifying.journal.writes == ["deliveries.create", "notify.send"]


def test_an_event_that_is_announced_twice_is_one_delivery() -> None:
    notifying = Notifying()
    notifying.deliver()
    notifying.deliver()
    assert len(notifying.poster.posts) == 1


def test_recover_looks_after_a_delivery_whose_message_got_lost() -> None:
    notifying = Notifying()
    notifying.announce()
    assert notifying.deliveries.due_at(notifying.deliveries.records[KEY]) == NOW + 10 + DELIVERY_PATIENCE


def test_a_request_without_a_webhook_url_announces_nothing() -> None:
    notifying = Notifying(webhook_url=None, webhook_status=None)
    notifying.announce()
    assert notifying.journal.writes == []


def test_the_webhook_url_of_an_upload_hears_nothing_of_the_start() -> None:
    notifying = Notifying()
    notifying.announce(EventType.STARTED)
    assert notifying.journal.writes == []


def test_an_event_of_a_request_that_is_gone_is_left() -> None:
    notifying = Notifying()
    notifying.service.run(EventTask("99999999-2222-4333-8444-555555555555", EventType.COMPLETED))
    assert notifying.journal.writes == []


# --- attempts --------------------------------------------------------------------------------------------------------


def test_a_delivery_that_is_answered_with_2xx_is_delivered() -> None:
    notifying = Notifying(Posted(204, None, 5))
    notifying.deliver()
    assert notifying.state is DeliveryState.DELIVERED


def test_nobody_looks_after_a_delivery_that_is_delivered() -> None:
    notifying = Notifying(OK)
    notifying.deliver()
    assert notifying.requests.due_at == {}


def test_an_attempt_is_logged_with_time_status_and_latency() -> None:
    notifying = Notifying(Posted(500, None, 42))
    notifying.announce()
    notifying.attempt()
    (attempt,) = notifying.deliveries.records[KEY].attempts
    assert (attempt.at, attempt.status, attempt.latency_ms) == (NOW + 10, 500, 42)


def test_an_attempt_that_nobody_answered_is_logged_with_its_error() -> None:
    notifying = Notifying(Posted(None, "timeout: no answer", 15_000))
    notifying.announce()
    notifying.attempt()
    (attempt,) = notifying.deliveries.records[KEY].attempts
    assert (attempt.status, attempt.error) == (None, "timeout: no answer")


@pytest.mark.parametrize(
    "answer",
    [BROKEN, Posted(404, None, 5), Posted(429, None, 5), Posted(None, "timeout", 5), Posted(302, None, 5)],
    ids=["500", "404", "429", "no answer", "redirect"],
)
def test_a_delivery_that_fails_is_tried_again(answer: Posted) -> None:
    notifying = Notifying(answer)
    notifying.announce()
    notifying.attempt()
    assert notifying.queue.sent[-1] == DeliveryTask(REQUEST_ID, EventType.COMPLETED, OWN_ENDPOINT, 1)


def test_the_second_attempt_comes_after_some_five_seconds() -> None:
    notifying = Notifying(BROKEN)
    notifying.announce()
    notifying.attempt()
    assert 5 <= notifying.queue.delays[-1] <= 6


def test_the_second_attempt_waits_as_long_as_the_receiver_asks() -> None:
    notifying = Notifying(Posted(503, None, 5, retry_after=120))
    notifying.announce()
    notifying.attempt()
    assert notifying.queue.delays[-1] == 120


def test_an_attempt_that_is_due_later_than_a_queue_can_wait_is_left_to_recover() -> None:
    notifying = Notifying(Posted(503, None, 5, retry_after=3_600))
    notifying.announce()
    notifying.attempt()
    assert len(notifying.queue.sent) == 1
    assert notifying.deliveries.due_at(notifying.deliveries.records[KEY]) == NOW + 10 + 3_600


def test_every_attempt_has_the_same_webhook_id() -> None:
    notifying = Notifying(BROKEN, BROKEN, OK)
    notifying.deliver()
    assert [post.headers["webhook-id"] for post in notifying.poster.posts] == [
        f"msg_{REQUEST_ID}_completed_{OWN_ENDPOINT}"
    ] * 3


def test_every_attempt_sends_the_same_bytes() -> None:
    notifying = Notifying(BROKEN, OK)
    notifying.deliver()
    first, second = notifying.poster.posts
    assert first.body == second.body


def test_every_attempt_is_signed_with_its_own_time() -> None:
    notifying = Notifying(BROKEN, OK)
    notifying.announce()
    notifying.attempt()
    notifying.clock.now += 5
    notifying.attempt()
    assert [post.headers["webhook-timestamp"] for post in notifying.poster.posts] == [
        str(int(NOW) + 10),
        str(int(NOW) + 15),
    ]


def test_a_receiver_can_verify_what_it_gets() -> None:
    notifying = Notifying()
    notifying.clock.now = time.time()  # receivers refuse what is old
    notifying.deliver()
    (post,) = notifying.poster.posts
    assert Webhook(SECRET).verify(post.body, post.headers)["request_id"] == REQUEST_ID


def test_a_delivery_ends_with_the_attempt_that_succeeds() -> None:
    notifying = Notifying(BROKEN, OK)
    notifying.deliver()
    assert (notifying.state, len(notifying.poster.posts)) == (DeliveryState.DELIVERED, 2)


def test_a_receiver_that_answers_410_gets_no_other_attempt() -> None:
    notifying = Notifying(Posted(410, None, 5))
    notifying.deliver()
    assert (notifying.state, len(notifying.poster.posts)) == (DeliveryState.GAVE_UP, 1)


def test_a_url_that_is_refused_for_ever_gets_no_other_attempt() -> None:
    notifying = Notifying(Posted(None, "address_not_public: ...", 5, is_permanent=True))
    notifying.deliver()
    assert (notifying.state, len(notifying.poster.posts)) == (DeliveryState.GAVE_UP, 1)


def test_a_delivery_gives_up_after_its_last_attempt() -> None:
    notifying = Notifying(*[BROKEN] * MAX_ATTEMPTS)
    notifying.announce()
    for number in range(MAX_ATTEMPTS):
        notifying.service.run(DeliveryTask(REQUEST_ID, EventType.COMPLETED, OWN_ENDPOINT, number))
    assert notifying.state is DeliveryState.GAVE_UP


def test_nobody_looks_after_a_delivery_that_gave_up() -> None:
    notifying = Notifying(Posted(410, None, 5))
    notifying.deliver()
    assert notifying.requests.due_at == {}


def test_a_repeated_message_makes_no_second_attempt() -> None:
    notifying = Notifying(BROKEN)
    notifying.announce()
    first = notifying.queue.sent[0]
    notifying.service.run(first)
    notifying.service.run(first)
    assert len(notifying.poster.posts) == 1


def test_a_message_of_a_delivery_that_is_delivered_makes_no_attempt() -> None:
    notifying = Notifying(OK)
    notifying.deliver()
    notifying.service.run(DeliveryTask(REQUEST_ID, EventType.COMPLETED, OWN_ENDPOINT, 1))
    assert len(notifying.poster.posts) == 1


def test_a_message_of_a_delivery_that_does_not_exist_makes_no_attempt() -> None:
    notifying = Notifying()
    notifying.service.run(DeliveryTask(REQUEST_ID, EventType.COMPLETED, "elsewhere", 0))
    assert notifying.poster.posts == []


def test_an_attempt_that_another_run_logged_meanwhile_changes_nothing() -> None:
    """Two workers with the same message: both post, but the second finds that the attempt is in the log."""
    notifying = Notifying()
    notifying.announce()
    before = notifying.deliveries.records[KEY]

    class Overtaken(Poster):
        def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
            notifying.deliveries.log_attempt(before, Attempt(NOW, 200, None, 5), DeliveryState.DELIVERED, None)
            return super().post(url, body, headers)

    deliver = replace(notifying.service.deliver, poster=Overtaken([BROKEN]))
    notifying.service = replace(notifying.service, deliver=deliver)
    notifying.attempt()
    assert (notifying.state, len(notifying.queue.sent)) == (DeliveryState.DELIVERED, 1)


# --- the status ------------------------------------------------------------------------------------------------------


def test_webhooks_that_are_delivered_are_sent() -> None:
    notifying = Notifying(OK)
    notifying.deliver()
    assert notifying.webhook_status is WebhookStatus.SENT


def test_webhooks_are_not_sent_while_attempts_go_on() -> None:
    notifying = Notifying(BROKEN)
    notifying.announce()
    notifying.attempt()
    assert notifying.webhook_status is WebhookStatus.NOT_SENT


def test_webhooks_have_failed_once_a_delivery_gave_up() -> None:
    notifying = Notifying(Posted(410, None, 5))
    notifying.deliver()
    assert notifying.webhook_status is WebhookStatus.FAILED


def test_one_delivery_that_gave_up_outweighs_another_that_is_delivered() -> None:
    notifying = Notifying(OK)
    notifying.deliveries.add(Delivery(REQUEST_ID, EventType.COMPLETED, "other", OTHER, "acme", DeliveryState.GAVE_UP))
    notifying.deliver()
    assert notifying.webhook_status is WebhookStatus.FAILED


def test_webhooks_are_not_sent_until_every_endpoint_has_answered() -> None:
    notifying = Notifying(OK)
    notifying.endpoints.add(an_endpoint())
    notifying.announce()
    notifying.attempt()
    assert notifying.webhook_status is WebhookStatus.NOT_SENT


def test_a_repeated_message_shows_the_status_that_its_first_run_did_not_live_to_show() -> None:
    notifying = Notifying(OK)
    notifying.announce()
    notifying.journal.kill_after = len(notifying.journal.writes) + 1
    with pytest.raises(KilledError):
        notifying.attempt()
    notifying.journal.kill_after = None
    notifying.attempt()
    assert notifying.webhook_status is WebhookStatus.SENT


# --- the body --------------------------------------------------------------------------------------------------------


def test_the_body_tells_what_became_of_the_request() -> None:
    notifying = Notifying()
    notifying.deliver()
    body = notifying.body()
    del body["images"]
    assert body == {
        "type": "processing.completed",
        "timestamp": "2023-11-14T22:13:20.000Z",
        "request_id": REQUEST_ID,
        "status": "completed",
        "error": None,
        "dry_run": False,
        "total_images": 2,
        "processed_images": 2,
        "failed_images": 1,
        "completion_time": "2023-11-14T22:13:20.000Z",
        "results_csv_url": f"https://api.example/download/{REQUEST_ID}",
        "status_url": f"https://api.example/status/{REQUEST_ID}",
    }


def test_the_body_says_that_a_request_was_a_dry_run() -> None:
    notifying = Notifying(chunks_total=None, parts_planned=0, options=Options(run=RunOptions(dry_run=True)))
    notifying.deliver()
    assert (notifying.body()["type"], notifying.body()["dry_run"]) == ("processing.completed", True)


def test_the_body_lists_the_images_with_their_outputs() -> None:
    notifying = Notifying()
    notifying.deliver()
    assert notifying.body()["images"] == [
        {"input_url": "https://x/0.jpg", "output_url": "https://cdn.example/images/0.webp", "status": "completed"},
        {"input_url": "https://x/1.jpg", "output_url": None, "status": "failed"},
    ]


def test_the_body_lists_no_more_images_than_it_may() -> None:
    notifying = Notifying(images=MAX_IMAGES + 1)
    notifying.deliver()
    assert len(notifying.body()["images"]) == MAX_IMAGES


def test_the_body_of_many_rows_with_few_images_is_made_without_their_plan() -> None:
    """The fakes of notify have no plan: a thousand parts with an image now and then would take it too long."""
    notifying = Notifying(parts_planned=1_000)
    notifying.deliver()
    assert len(notifying.body()["images"]) == 2


def test_the_body_of_a_request_that_was_half_planned_lists_the_images_that_have_ended() -> None:
    failed: dict[str, Any] = {"error": RequestCode.INGEST_FAILED, "chunks_total": None, "total_images": 500}
    notifying = Notifying(status=RequestStatus.FAILED, **failed)
    notifying.announce(EventType.FAILED)
    notifying.attempt()
    assert [image["status"] for image in notifying.body()["images"]] == ["completed", "failed"]


def test_the_body_of_a_request_that_failed_as_a_whole_says_why() -> None:
    failed: dict[str, Any] = {"error": RequestCode.INVALID_CSV, "chunks_total": None, "parts_planned": 0}
    notifying = Notifying(status=RequestStatus.FAILED, **failed)
    notifying.announce(EventType.FAILED)
    notifying.attempt()
    assert notifying.body()["error"]["code"] == "invalid_csv"


def test_a_request_that_was_never_planned_has_no_csv_to_link_to() -> None:
    failed: dict[str, Any] = {"error": RequestCode.INVALID_CSV, "chunks_total": None, "parts_planned": 0}
    notifying = Notifying(status=RequestStatus.FAILED, **failed)
    notifying.announce(EventType.FAILED)
    notifying.attempt()
    assert (notifying.body()["results_csv_url"], notifying.body()["images"]) == (None, [])
