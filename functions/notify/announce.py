"""Announces events: a delivery for everybody who listens, however often the same event is announced."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.core.messages import DELIVERY_PATIENCE, DeliveryTask
from functions.core.model import ENDS, Delivery, Endpoint, EventType, Request
from functions.core.webhooks import OWN_ENDPOINT
from functions.notify.ports import Deliveries, Endpoints, NotifyQueue, Requests


@dataclass(frozen=True, slots=True)
class Announce:
    """Creates all deliveries of an event before the first attempt, so that one of them is never taken for all."""

    requests: Requests
    endpoints: Endpoints
    deliveries: Deliveries
    queue: NotifyQueue
    clock: Callable[[], float]

    def run(self, request: Request, event: EventType) -> None:
        """Create a delivery for each URL that listens. A delivery that was attempted already keeps its own retries."""
        endpoints = self.endpoints.of_owner(request.owner)
        deliveries = self._deliveries(request, event, endpoints)
        self._show_whether_anybody_listens(request, event, endpoints, deliveries)
        for delivery in deliveries:
            self.deliveries.create(delivery, self.clock() + DELIVERY_PATIENCE, request.expires_at)
        for delivery in deliveries:
            if not delivery.attempts:
                self.queue.send(DeliveryTask(request.request_id, event, delivery.endpoint_id, attempt=0))

    def _deliveries(self, request: Request, event: EventType, endpoints: list[Endpoint]) -> list[Delivery]:
        """One for each URL. Those of an earlier run come first: who listens may have changed since."""
        made = self.deliveries.of_request(request.request_id)
        by_url = {delivery.url: delivery for delivery in made if delivery.event is event}
        listening = [(endpoint.endpoint_id, endpoint.url) for endpoint in endpoints if endpoint.listens_to(event)]
        if request.webhook_url and event in ENDS:
            listening.append((OWN_ENDPOINT, request.webhook_url))
        for endpoint_id, url in listening:
            made_now = Delivery(request.request_id, event, endpoint_id, url, request.owner, created_at=self.clock())
            by_url.setdefault(url, made_now)
        return list(by_url.values())

    def _show_whether_anybody_listens(
        self, request: Request, event: EventType, endpoints: list[Endpoint], deliveries: list[Delivery]
    ) -> None:
        """Show in the request whether somebody will hear of its end."""
        if event in ENDS:
            expect = self.requests.expect_webhooks if deliveries else self.requests.expect_no_webhooks
            expect(request.request_id)
        elif not request.status.is_terminal and any(each.listens_to(end) for each in endpoints for end in ENDS):
            self.requests.expect_webhooks(request.request_id)
