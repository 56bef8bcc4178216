"""Events to the endpoints that an owner configured, beside the webhook URL of the request."""

import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from functions.core.messages import DeliveryTask
from functions.core.model import ENDS, DeliveryState, EventType, RequestStatus, WebhookStatus
from functions.core.webhooks.posted import Posted
from functions.core.webhooks.signature import OVERLAP_SECONDS, new_secret, signed_headers
from functions.core.webhooks.urls import OWN_ENDPOINT
from functions.notify.schedule import MAX_ATTEMPTS
from tests.fakes import NOW, REQUEST_ID, KilledError, Post, an_endpoint
from tests.notifying import BROKEN, HOOK, OK, SECRET, Notifying

FRESH = new_secret(bytes(24))
RUNNING: dict[str, Any] = {
    "status": RequestStatus.PROCESSING,
    "webhook_url": None,
    "webhook_status": None,
    "ended_at": None,
    "chunks_total": None,
    "parts_planned": 0,
}
UNASKED: dict[str, Any] = {"webhook_url": None, "webhook_status": None}
ENDED: dict[str, Any] = {"status": RequestStatus.COMPLETED, "ended_at": NOW, "parts_planned": 1, "chunks_total": 1}


def listening(*events: EventType, request: dict[str, Any] | None = None, answers: tuple[Posted, ...] = ()) -> Notifying:
    """A request whose owner has an endpoint for these events, and which has no webhook URL of its own."""
    notifying = Notifying(*answers, **(UNASKED if request is None else request))
    notifying.endpoints.add(an_endpoint(events=events or tuple(EventType)))
    return notifying


def complete(notifying: Notifying) -> None:
    """The request has ended, and nobody was told yet."""
    notifying.requests.add(replace(notifying.requests[REQUEST_ID], **ENDED))


def end(notifying: Notifying) -> None:
    """The request completes, and that is announced and delivered."""
    complete(notifying)
    notifying.deliver()


def told(notifying: Notifying) -> list[str]:
    return [post.url for post in notifying.poster.posts]


# --- who is told -----------------------------------------------------------------------------------------------------


def test_an_endpoint_is_told_what_it_listens_to() -> None:
    notifying = listening(EventType.COMPLETED)
    notifying.deliver()
    assert told(notifying) == ["https://shop.example/hook"]


def test_an_endpoint_is_not_told_what_it_does_not_listen_to() -> None:
    notifying = listening(EventType.FAILED)
    notifying.deliver()
    assert told(notifying) == []


def test_an_endpoint_of_another_owner_is_told_nothing() -> None:
    notifying = Notifying(**UNASKED)
    notifying.endpoints.add(an_endpoint(owner="other"))
    notifying.deliver()
    assert told(notifying) == []


def test_an_endpoint_that_is_disabled_is_told_nothing() -> None:
    notifying = Notifying(**UNASKED)
    notifying.endpoints.add(an_endpoint(is_disabled=True))
    notifying.deliver()
    assert told(notifying) == []


def test_the_webhook_url_of_a_request_is_told_beside_the_endpoints() -> None:
    notifying = Notifying()
    notifying.endpoints.add(an_endpoint())
    notifying.deliver()
    assert sorted(told(notifying)) == [HOOK, "https://shop.example/hook"]


def test_a_url_that_is_an_endpoint_and_the_requests_own_is_told_once_as_an_endpoint() -> None:
    notifying = Notifying()
    notifying.endpoints.add(an_endpoint("we_own", HOOK))
    notifying.deliver()
    assert [delivery.endpoint_id for delivery in notifying.deliveries.of_request(REQUEST_ID)] == ["we_own"]
    assert told(notifying) == [HOOK]


def test_an_endpoint_that_does_not_listen_takes_nothing_from_the_requests_own_url() -> None:
    notifying = Notifying()
    notifying.endpoints.add(an_endpoint("we_own", HOOK, events=(EventType.FAILED,)))
    notifying.deliver()
    assert [delivery.endpoint_id for delivery in notifying.deliveries.of_request(REQUEST_ID)] == [OWN_ENDPOINT]


def test_an_endpoint_that_was_disabled_between_two_announcements_leaves_its_url_told_once() -> None:
    notifying = Notifying(Posted(410, None, 5))
    notifying.endpoints.add(an_endpoint("we_own", HOOK))
    notifying.deliver()
    notifying.deliver()
    assert told(notifying) == [HOOK]


def test_an_endpoint_that_was_made_between_two_announcements_leaves_its_url_told_once() -> None:
    notifying = Notifying()
    notifying.deliver()
    notifying.endpoints.add(an_endpoint("we_own", HOOK))
    notifying.deliver()
    assert told(notifying) == [HOOK]


def test_the_start_is_told_to_endpoints_and_not_to_the_requests_own_url() -> None:
    notifying = Notifying(status=RequestStatus.PROCESSING)
    notifying.endpoints.add(an_endpoint())
    notifying.deliver(EventType.STARTED)
    assert told(notifying) == ["https://shop.example/hook"]


def test_every_delivery_is_there_before_the_first_message() -> None:
    """Otherwise one that is delivered at once would look like all of them."""
    notifying = Notifying()
    notifying.endpoints.add(an_endpoint())
    notifying.announce()
    assert notifying.journal.writes == ["deliveries.create"] * 2 + ["notify.send"] * 2


def test_an_announcement_that_died_half_way_is_made_up_for() -> None:
    notifying = Notifying()
    notifying.endpoints.add(an_endpoint())
    notifying.journal.kill_after = len(notifying.journal.writes) + 3
    with pytest.raises(KilledError):
        notifying.announce()
    notifying.journal.kill_after = None
    notifying.deliver()
    assert sorted(told(notifying)) == [HOOK, "https://shop.example/hook"]


# --- what they are told ----------------------------------------------------------------------------------------------


def signatures(post: Post) -> list[str]:
    return post.headers["webhook-signature"].split(" ")


def signature_by(secret: str, post: Post) -> str:
    at = int(post.headers["webhook-timestamp"])
    return signed_headers(post.headers["webhook-id"], at, post.body, [secret])["webhook-signature"]


def hex_signature_by(secret: str, post: Post) -> str:
    return hmac.new(secret.encode(), post.body, "sha256").hexdigest()


def test_an_endpoint_is_signed_for_with_its_own_secret_and_the_requests_url_with_the_owners() -> None:
    notifying = Notifying()
    notifying.endpoints.add(an_endpoint(secret=FRESH))
    notifying.deliver()
    assert {post.url: signatures(post) for post in notifying.poster.posts} == {
        post.url: [signature_by(SECRET if post.url == HOOK else FRESH, post)] for post in notifying.poster.posts
    }


def rotated(now: float) -> Post:
    """What is posted at that time to an endpoint that was given a new secret at NOW."""
    notifying = listening()
    notifying.endpoints.rotate("acme", "we_1", FRESH, NOW + OVERLAP_SECONDS)
    notifying.clock.now = now
    notifying.deliver()
    return notifying.poster.posts[0]


def test_after_a_rotation_both_secrets_sign_for_a_day() -> None:
    post = rotated(NOW + OVERLAP_SECONDS - 1)
    assert signatures(post) == [signature_by(FRESH, post), signature_by(an_endpoint().secret, post)]


def test_a_day_after_a_rotation_the_new_secret_signs_alone() -> None:
    post = rotated(NOW + OVERLAP_SECONDS)
    assert signatures(post) == [signature_by(FRESH, post)]


def test_the_hex_signature_is_by_the_new_secret_from_the_start() -> None:
    post = rotated(NOW)
    assert post.headers["X-Webhook-Signature"] == hex_signature_by(FRESH, post)


def test_the_start_is_told_as_it_was_also_when_the_request_has_ended_since() -> None:
    notifying = listening(request=RUNNING, answers=(BROKEN,))
    notifying.announce(EventType.STARTED)
    notifying.attempt()
    complete(notifying)
    notifying.attempt()
    first, second = [post.body for post in notifying.poster.posts]
    assert first == second
    assert json.loads(first)["status"] == "processing"


# --- endpoints that are gone -----------------------------------------------------------------------------------------


def test_an_endpoint_that_answers_410_is_disabled() -> None:
    notifying = listening(answers=(Posted(410, None, 5),))
    notifying.deliver()
    assert notifying.endpoints.records["acme", "we_1"].is_disabled


def test_a_delivery_that_is_answered_with_410_has_given_up() -> None:
    notifying = listening(answers=(Posted(410, None, 5),))
    notifying.deliver()
    assert notifying.delivery("we_1").state is DeliveryState.GAVE_UP


def test_an_endpoint_is_disabled_before_its_410_is_logged() -> None:
    """Once it is logged, a repeated message would not come back to the endpoint."""
    notifying = listening(answers=(Posted(410, None, 5),))
    notifying.deliver()
    writes = notifying.journal.writes
    assert writes.index("endpoints.disable") < writes.index("deliveries.log_attempt")


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_an_endpoint_that_answers_with_another_error_stays_enabled(status: int) -> None:
    notifying = listening(answers=(Posted(status, None, 5),))
    notifying.announce()
    notifying.attempt()
    assert not notifying.endpoints.records["acme", "we_1"].is_disabled


def given_up_without_a_post(notifying: Notifying) -> str | None:
    """Make the attempt that is announced; the error it was given up with."""
    notifying.attempt()
    delivery = notifying.delivery("we_1")
    assert (notifying.poster.posts, delivery.state) == ([], DeliveryState.GAVE_UP)
    return delivery.attempts[0].error


def test_a_delivery_to_an_endpoint_that_was_deleted_gives_up_and_says_so() -> None:
    notifying = listening()
    notifying.announce()
    notifying.endpoints.delete("acme", "we_1")
    assert (given_up_without_a_post(notifying) or "").startswith("endpoint_deleted: ")


def test_a_delivery_to_an_endpoint_that_was_disabled_gives_up_and_says_so() -> None:
    notifying = listening()
    notifying.announce()
    notifying.endpoints.disable("acme", "we_1")
    assert (given_up_without_a_post(notifying) or "").startswith("endpoint_disabled: ")


# --- the status ------------------------------------------------------------------------------------------------------


def test_without_anybody_who_listens_there_is_no_webhook_status() -> None:
    notifying = Notifying(**UNASKED)
    notifying.deliver()
    assert notifying.webhook_status is None


@pytest.mark.parametrize("event", sorted(ENDS))
def test_from_the_start_on_webhooks_are_not_sent_where_an_endpoint_may_hear_of_the_end(event: EventType) -> None:
    notifying = listening(event, request=RUNNING)
    notifying.deliver(EventType.STARTED)
    assert notifying.webhook_status is WebhookStatus.NOT_SENT


def test_a_start_that_is_delivered_is_not_all_that_is_to_be_sent() -> None:
    notifying = listening(request=RUNNING, answers=(OK,))
    notifying.deliver(EventType.STARTED)
    assert notifying.delivery("we_1", EventType.STARTED).state is DeliveryState.DELIVERED
    assert notifying.webhook_status is WebhookStatus.NOT_SENT


def test_a_start_that_is_delivered_after_the_end_is_not_all_that_is_to_be_sent() -> None:
    notifying = listening(request=RUNNING, answers=(BROKEN,))
    notifying.announce(EventType.STARTED)
    notifying.attempt()
    complete(notifying)
    notifying.attempt()
    assert notifying.webhook_status is WebhookStatus.NOT_SENT


def test_webhooks_are_sent_once_the_end_is_delivered() -> None:
    notifying = listening(request=RUNNING)
    notifying.deliver(EventType.STARTED)
    end(notifying)
    assert notifying.webhook_status is WebhookStatus.SENT


def test_webhooks_are_sent_once_the_end_is_delivered_though_the_start_is_not() -> None:
    notifying = listening(request=RUNNING, answers=(BROKEN,))
    notifying.announce(EventType.STARTED)
    notifying.attempt()
    end(notifying)
    assert notifying.webhook_status is WebhookStatus.SENT


def test_a_start_that_was_given_up_says_nothing_of_the_end() -> None:
    notifying = listening(EventType.STARTED, request=RUNNING, answers=(Posted(410, None, 5),))
    notifying.deliver(EventType.STARTED)
    assert notifying.webhook_status is None
    end(notifying)
    assert notifying.webhook_status is None


def test_an_end_that_nobody_wants_to_hear_of_leaves_no_webhook_to_be_sent() -> None:
    notifying = listening(EventType.FAILED, request=RUNNING)
    notifying.deliver(EventType.STARTED)
    end(notifying)
    assert notifying.webhook_status is None


def test_a_start_that_is_announced_after_the_end_owes_nothing() -> None:
    notifying = listening(EventType.FAILED)
    notifying.deliver(EventType.STARTED)
    assert notifying.webhook_status is None


@pytest.mark.parametrize("answer", [OK, Posted(410, None, 5)], ids=["sent", "failed"])
def test_an_event_that_is_announced_again_leaves_the_status_as_it_is(answer: Posted) -> None:
    notifying = listening(answers=(answer,))
    notifying.deliver()
    before = notifying.webhook_status
    notifying.announce()
    assert notifying.webhook_status is before is not None


# --- once more -------------------------------------------------------------------------------------------------------


def redeliver(notifying: Notifying) -> None:
    """What the API does."""
    delivery = notifying.delivery("we_1")
    assert notifying.deliveries.reopen(delivery, NOW + 300)
    notifying.requests.set_webhook_status(REQUEST_ID, WebhookStatus.NOT_SENT)
    notifying.service.run(DeliveryTask(REQUEST_ID, delivery.event, "we_1", len(delivery.attempts)))


def exhausted(*answers: Posted) -> Notifying:
    """A delivery that has given up after all its attempts; further ones are answered so."""
    notifying = listening(answers=(*[BROKEN] * MAX_ATTEMPTS, *answers))
    notifying.announce()
    for number in range(MAX_ATTEMPTS):
        notifying.service.run(DeliveryTask(REQUEST_ID, EventType.COMPLETED, "we_1", number))
    assert (notifying.delivery("we_1").state, notifying.webhook_status) == (
        DeliveryState.GAVE_UP,
        WebhookStatus.FAILED,
    )
    return notifying


def test_a_delivery_that_had_arrived_can_be_made_again() -> None:
    notifying = listening()
    notifying.deliver()
    redeliver(notifying)
    assert [len(notifying.poster.posts), notifying.webhook_status] == [2, WebhookStatus.SENT]


def test_a_delivery_that_is_made_again_has_the_same_webhook_id_and_bytes() -> None:
    notifying = listening()
    notifying.deliver()
    redeliver(notifying)
    first, second = notifying.poster.posts
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


def test_a_delivery_that_had_given_up_may_arrive_after_all() -> None:
    notifying = exhausted(OK)
    redeliver(notifying)
    assert (notifying.delivery("we_1").state, notifying.webhook_status) == (
        DeliveryState.DELIVERED,
        WebhookStatus.SENT,
    )


def test_a_delivery_without_attempts_left_gives_up_again_at_once() -> None:
    notifying = exhausted(BROKEN)
    redeliver(notifying)
    assert len(notifying.delivery("we_1").attempts) == MAX_ATTEMPTS + 1
    assert (notifying.delivery("we_1").state, notifying.webhook_status) == (
        DeliveryState.GAVE_UP,
        WebhookStatus.FAILED,
    )


def test_a_repeated_message_of_a_redelivery_makes_no_second_attempt() -> None:
    notifying = exhausted(OK)
    redeliver(notifying)
    notifying.service.run(DeliveryTask(REQUEST_ID, EventType.COMPLETED, "we_1", MAX_ATTEMPTS))
    assert len(notifying.poster.posts) == MAX_ATTEMPTS + 1


def test_what_waits_in_the_queue_after_a_redelivery_makes_no_attempt_too_many() -> None:
    notifying = listening(answers=(BROKEN,))
    notifying.announce()
    notifying.attempt()
    redeliver(notifying)
    notifying.attempt()
    assert len(notifying.poster.posts) == 2
