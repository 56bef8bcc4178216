"""What was sent, by request and by endpoint, with every attempt; and once more where that is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from functions.api.http import not_found, page_place, page_token
from functions.api.keys import Caller
from functions.api.webhooks.schemas import AttemptAnswer, DeliveryAnswer, DeliveryPage, Redelivery
from functions.api.webhooks.subscriptions import EndpointFinder, refuse_unknown
from functions.core.messages import DELIVERY_PATIENCE, DeliveryTask
from functions.core.model import Delivery, Request, WebhookStatus
from functions.core.ports import Sender
from functions.core.times import iso
from functions.core.webhooks import OWN_ENDPOINT

MAX_ATTEMPTS = 100  # at a delivery, all of which its record keeps, after which it is not made again

Place = tuple[str, str, float]  # the request id, event and creation time that a page goes on after


class Deliveries(Protocol):
    """Deliveries of a request, or to an endpoint, newest first; the second value is where the next page begins."""

    def of_request(self, request_id: str) -> list[Delivery]: ...
    def of_endpoint(
        self, owner: str, endpoint_id: str, limit: int, after: Place | None
    ) -> tuple[list[Delivery], Place | None]: ...
    def reopen(self, delivery: Delivery, due_at: float) -> bool: ...


class Requests(Protocol):
    """What the webhooks of a request have come to."""

    def set_webhook_status(self, request_id: str, status: WebhookStatus) -> bool: ...


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    """The deliveries of the caller's requests."""

    endpoints: EndpointFinder
    deliveries: Deliveries
    requests: Requests
    notify: Sender[DeliveryTask]
    clock: Callable[[], float]

    def of_request(self, request: Request) -> list[DeliveryAnswer]:
        """What was sent about a request."""
        return [_answer(delivery) for delivery in self.deliveries.of_request(request.request_id)]

    def of_endpoint(self, caller: Caller, id_: str, limit: int, next_token: str | None) -> DeliveryPage:
        """What was sent to an endpoint of the caller, newest first. Raises ApiError 404.

        OWN_ENDPOINT stands for all the URLs that came with requests.
        """
        after = cast(Place | None, page_place(next_token, str, str, float))
        if id_ != OWN_ENDPOINT:
            refuse_unknown(self.endpoints, caller, id_)
        found, following = self.deliveries.of_endpoint(caller.owner, id_, limit, after)
        return DeliveryPage(
            deliveries=[_answer(delivery) for delivery in found],
            next_token=page_token(*following) if following else None,
        )

    def redeliver(self, request: Request, wanted: Redelivery) -> int:
        """Make the deliveries again that were asked for; how many. Raises ApiError 404 when there are none."""
        listening = {each.endpoint_id for each in self.endpoints.of_owner(request.owner) if not each.is_disabled}
        chosen = [
            delivery
            for delivery in self.deliveries.of_request(request.request_id)
            if wanted.event in {None, delivery.event}
            and wanted.endpoint_id in {None, delivery.endpoint_id}
            and delivery.endpoint_id in {OWN_ENDPOINT, *listening}
            and len(delivery.attempts) < MAX_ATTEMPTS
        ]
        if not chosen:
            reasons = f"its endpoint is deleted or disabled, or there were {MAX_ATTEMPTS} attempts at it"
            raise not_found(f"there is no such delivery, {reasons}")
        due_at = self.clock() + DELIVERY_PATIENCE
        reopened = [delivery for delivery in chosen if self.deliveries.reopen(delivery, due_at)]
        if reopened and request.webhook_status is not None:
            self.requests.set_webhook_status(request.request_id, WebhookStatus.NOT_SENT)
        for delivery in reopened:
            task = DeliveryTask(request.request_id, delivery.event, delivery.endpoint_id, len(delivery.attempts))
            self.notify.send(task)
        return len(reopened)


def _answer(delivery: Delivery) -> DeliveryAnswer:
    return DeliveryAnswer(
        webhook_id=delivery.webhook_id,
        request_id=delivery.request_id,
        event=delivery.event,
        endpoint_id=delivery.endpoint_id,
        webhook_url=delivery.url,
        state=delivery.state,
        created_at=None if delivery.created_at is None else iso(delivery.created_at),
        attempts=[AttemptAnswer.of(attempt) for attempt in delivery.attempts],
    )
