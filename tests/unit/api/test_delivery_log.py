"""The log of deliveries: by request, by endpoint, and what a redelivery writes in which order."""

from dataclasses import replace
from typing import Any

import pytest

from functions.api.http.problem import ApiError, Code
from functions.api.keys import Caller
from functions.api.webhooks.delivery_log import MAX_ATTEMPTS, DeliveryLog
from functions.api.webhooks.schemas import Redelivery
from functions.core.messages import DELIVERY_PATIENCE, DeliveryTask
from functions.core.model import Attempt, Delivery, DeliveryState, EventType, WebhookStatus
from tests.fakes import NOW, REQUEST_ID, Clock, Deliveries, Endpoints, Journal, Queue, Requests, a_request, an_endpoint

ACME, OTHER = Caller("acme"), Caller("other")
HOOK = "https://shop.example/hook"
STARTED, COMPLETED = EventType.STARTED, EventType.COMPLETED
FAILED_ONCE = Attempt(NOW - 5, 500, None, 12)


class Overtaken(Deliveries):
    """What is read of these deliveries is from before their last attempt."""

    def of_request(self, request_id: str) -> list[Delivery]:
        return [replace(delivery, attempts=delivery.attempts[:-1]) for delivery in super().of_request(request_id)]


class Logging:
    """The calls among fakes, with one request of acme."""

    kept_in: type[Deliveries] = Deliveries

    def __init__(self, **request: Any) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        self.request = self.requests.add(a_request(**request))
        self.endpoints = Endpoints(self.journal)
        self.deliveries = self.kept_in(self.requests)
        self.notify: Queue[DeliveryTask] = Queue("notify", self.journal)
        self.calls = DeliveryLog(self.endpoints, self.deliveries, self.requests, self.notify, Clock())

    def delivered(self, event: EventType = COMPLETED, endpoint: str = "we_1", attempts: int = 1) -> Delivery:
        """A delivery that ended well, after so many attempts, to an endpoint that is there."""
        self.endpoints.add(an_endpoint(endpoint, HOOK))
        made = Delivery(
            REQUEST_ID, event, endpoint, HOOK, "acme", DeliveryState.DELIVERED, (FAILED_ONCE,) * attempts, NOW - 10
        )
        return self.deliveries.add(made)

    def redeliver(self, **chosen: Any) -> int:
        return self.calls.redeliver(self.request, Redelivery(**chosen))


class Overtaking(Logging):
    """The same, while notify is at the deliveries."""

    kept_in = Overtaken


def code_of(call: Any, *arguments: Any) -> Code:
    with pytest.raises(ApiError) as caught:
        call(*arguments)
    return caught.value.code


# --- by endpoint -----------------------------------------------------------------------------------------------------


def test_what_was_sent_to_an_endpoint_is_told_with_its_request_and_its_attempts() -> None:
    log = Logging()
    log.delivered(attempts=2)
    log.delivered(endpoint="we_2")
    (told,) = log.calls.of_endpoint(ACME, "we_1", 50, None).deliveries
    assert (told.request_id, told.event, told.created_at) == (REQUEST_ID, COMPLETED, "2023-11-14T22:13:10.000Z")
    assert [(attempt.status, attempt.latency_ms) for attempt in told.attempts] == [(500, 12), (500, 12)]


def test_a_page_goes_on_where_the_one_before_ended() -> None:
    log = Logging()
    for event in (STARTED, COMPLETED):
        log.delivered(event)
    first = log.calls.of_endpoint(ACME, "we_1", 1, None)
    second = log.calls.of_endpoint(ACME, "we_1", 1, first.next_token)
    assert [each.event for page in (first, second) for each in page.deliveries] == [STARTED, COMPLETED]
    assert second.next_token is None


def test_the_urls_of_uploads_are_an_endpoint_of_their_own() -> None:
    log = Logging()
    log.delivered(endpoint="request")
    log.endpoints.delete("acme", "request")
    assert len(log.calls.of_endpoint(ACME, "request", 50, None).deliveries) == 1
    assert log.calls.of_endpoint(OTHER, "request", 50, None).deliveries == []


@pytest.mark.parametrize(("caller", "id_"), [(OTHER, "we_1"), (ACME, "we_2"), (ACME, "we_1#x")])
def test_the_log_of_an_endpoint_that_the_caller_has_not_is_not_found(caller: Caller, id_: str) -> None:
    log = Logging()
    log.delivered()
    assert code_of(log.calls.of_endpoint, caller, id_, 50, None) is Code.NOT_FOUND


# --- once more -------------------------------------------------------------------------------------------------------


def test_a_redelivery_is_reopened_before_its_message_is_sent() -> None:
    """So that recover sends the message, should the call die before it does."""
    log = Logging(webhook_status=WebhookStatus.SENT)
    delivery = log.delivered(attempts=2)
    log.redeliver()
    assert log.journal.writes == ["deliveries.reopen", "requests.set_webhook_status", "notify.send"]
    assert log.notify.sent == [DeliveryTask(REQUEST_ID, COMPLETED, "we_1", attempt=2)]
    assert log.deliveries.due_at(delivery) == NOW + DELIVERY_PATIENCE


CHOSEN = {
    "all": ({}, [(STARTED, "we_1"), (COMPLETED, "we_1"), (COMPLETED, "request")]),
    "of an event": ({"event": COMPLETED}, [(COMPLETED, "we_1"), (COMPLETED, "request")]),
    "to an endpoint": ({"endpoint_id": "we_1"}, [(STARTED, "we_1"), (COMPLETED, "we_1")]),
    "one": ({"event": STARTED, "endpoint_id": "we_1"}, [(STARTED, "we_1")]),
}


@pytest.mark.parametrize(("chosen", "sent"), CHOSEN.values(), ids=CHOSEN)
def test_what_is_chosen_is_sent_again(chosen: dict[str, Any], sent: list[tuple[EventType, str]]) -> None:
    log = Logging()
    for event, endpoint in ((STARTED, "we_1"), (COMPLETED, "we_1"), (COMPLETED, "request")):
        log.delivered(event, endpoint)
    assert log.redeliver(**chosen) == len(sent)
    tasks = [task for task in log.notify.sent if isinstance(task, DeliveryTask)]
    assert [(task.event, task.endpoint_id) for task in tasks] == sent


@pytest.mark.parametrize("chosen", [{"event": STARTED}, {"endpoint_id": "we_2"}])
def test_a_delivery_that_was_never_made_cannot_be_made_again(chosen: dict[str, Any]) -> None:
    log = Logging()
    log.delivered()
    assert code_of(log.calls.redeliver, log.request, Redelivery(**chosen)) is Code.NOT_FOUND
    assert log.journal.writes == []


@pytest.mark.parametrize(
    ("before", "after"), [(None, None), (WebhookStatus.SENT, WebhookStatus.NOT_SENT)], ids=["nobody", "somebody"]
)
def test_the_status_waits_for_a_redelivery_where_somebody_was_to_hear_of_the_end(
    before: WebhookStatus | None, after: WebhookStatus | None
) -> None:
    log = Logging(webhook_status=before)
    log.delivered()
    log.redeliver()
    assert log.requests[REQUEST_ID].webhook_status is after


@pytest.mark.parametrize("gone", ["deleted", "disabled"])
def test_what_was_delivered_to_an_endpoint_that_is_gone_stays_delivered(gone: str) -> None:
    log = Logging(webhook_status=WebhookStatus.SENT)
    delivery = log.delivered()
    getattr(log.endpoints, {"deleted": "delete", "disabled": "disable"}[gone])("acme", "we_1")
    assert code_of(log.calls.redeliver, log.request, Redelivery()) is Code.NOT_FOUND
    assert log.deliveries.find(REQUEST_ID, COMPLETED, "we_1") == delivery


def test_there_is_an_end_to_the_attempts_at_a_delivery() -> None:
    log = Logging()
    log.delivered(attempts=MAX_ATTEMPTS - 1)
    assert log.redeliver() == 1
    log.delivered(attempts=MAX_ATTEMPTS)
    assert code_of(log.calls.redeliver, log.request, Redelivery()) is Code.NOT_FOUND


def test_a_delivery_that_was_attempted_meanwhile_is_left_as_it_is() -> None:
    """Its attempt may have shown its outcome already, and nobody would show it again."""
    log = Overtaking(webhook_status=WebhookStatus.SENT)
    log.delivered()
    assert log.redeliver() == 0
    assert log.notify.sent == []
    assert log.requests[REQUEST_ID].webhook_status is WebhookStatus.SENT
