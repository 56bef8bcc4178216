"""Makes attempts at deliveries. Each is logged, and the request shows the result."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

from functions.core.catalogue import ResultReader
from functions.core.messages import DELIVERY_PATIENCE, DeliveryTask
from functions.core.model import Attempt, Delivery, DeliveryState, EventType, Request, Result, webhook_status
from functions.core.reports import AttemptMade, Report, unreported
from functions.core.settings import PublicUrls
from functions.core.webhooks import OWN_ENDPOINT, Posted, signed_headers
from functions.notify.body import JSON_TYPE, MAX_IMAGES, webhook_body
from functions.notify.ports import Deliveries, Endpoints, NotifyQueue, Poster, Requests
from functions.notify.schedule import next_delay

MAX_QUEUE_DELAY = 900  # seconds; what is due later waits for recover
GONE = 410  # the receiver wants no more


@dataclass(frozen=True, slots=True)
class Deliver:
    """`secrets_of` gives what signs for an owner's own webhook URLs, the current secret first."""

    requests: Requests
    endpoints: Endpoints
    deliveries: Deliveries
    results: ResultReader
    queue: NotifyQueue
    poster: Poster
    secrets_of: Callable[[str], list[str]]
    urls: PublicUrls
    clock: Callable[[], float]
    report: Report = unreported

    def run(self, request: Request, task: DeliveryTask) -> None:
        """One attempt; none when the message is a repeated one."""
        delivery = self.deliveries.find(task.request_id, task.event, task.endpoint_id)
        if delivery is None:
            return
        if delivery.state is not DeliveryState.WAITING or len(delivery.attempts) != task.attempt:
            self._show_status(request.request_id)  # a repeated message; its first run may have died before this
            return
        posted = self._post(request, delivery)
        if posted.status == GONE:
            self.endpoints.disable(delivery.owner, delivery.endpoint_id)  # first: once logged, nobody comes back here
        attempt = Attempt(self.clock(), posted.status, posted.error, posted.latency_ms)
        state, delay = _verdict(posted, task.attempt + 1)
        due_at = (
            None if delay is None else self.clock() + delay + (DELIVERY_PATIENCE if delay <= MAX_QUEUE_DELAY else 0)
        )
        if self.deliveries.log_attempt(delivery, attempt, state, due_at):
            self.report(AttemptMade(replace(delivery, state=state, attempts=(*delivery.attempts, attempt))))
            if delay is not None:
                self._wait(task, delay)
        self._show_status(request.request_id)

    def _post(self, request: Request, delivery: Delivery) -> Posted:
        """To an endpoint with its own secrets, unless its owner took it away since the event was announced."""
        if delivery.endpoint_id == OWN_ENDPOINT:
            return self._post_signed(request, delivery, self.secrets_of(request.owner))
        endpoint = self.endpoints.find(delivery.owner, delivery.endpoint_id)
        if endpoint is None or endpoint.is_disabled:
            error = "endpoint_deleted" if endpoint is None else "endpoint_disabled"
            return Posted(None, f"{error}: nobody is to hear of it there any more", latency_ms=0, is_permanent=True)
        return self._post_signed(request, delivery, endpoint.secrets(self.clock()))

    def _post_signed(self, request: Request, delivery: Delivery, secrets: list[str]) -> Posted:
        body = webhook_body(delivery.event, request, self._images(request, delivery.event), self.urls)
        headers = signed_headers(delivery.webhook_id, int(self.clock()), body, secrets)
        return self.poster.post(delivery.url, body, JSON_TYPE | headers)

    def _images(self, request: Request, event: EventType) -> list[Result]:
        """The first images that have ended, as many as a body holds. At the start there are none.

        The results are enough. Reading the plan takes too long: a thousand images may be in as many parts.
        """
        if event is EventType.STARTED or not request.parts_planned:
            return []
        chunks = MAX_IMAGES if request.chunks_total is None else request.chunks_total  # none is empty
        ended = (each for number in range(chunks) for each in self.results.results(request.request_id, number))
        return list(islice(ended, MAX_IMAGES))

    def _wait(self, task: DeliveryTask, delay: float) -> None:
        if delay <= MAX_QUEUE_DELAY:
            following = DeliveryTask(task.request_id, task.event, task.endpoint_id, task.attempt + 1)
            self.queue.send(following, delay=round(delay))

    def _show_status(self, request_id: str) -> None:
        status = webhook_status(self.deliveries.of_request(request_id))
        if status is not None:
            self.requests.set_webhook_status(request_id, status)


def _verdict(posted: Posted, attempts: int) -> tuple[DeliveryState, float | None]:
    """What the delivery is after this attempt, and the seconds to the next one if there is to be one."""
    if posted.status is not None and 200 <= posted.status < 300:  # noqa: PLR2004 - HTTP's own class of success
        return DeliveryState.DELIVERED, None
    if posted.status == GONE or posted.is_permanent:
        return DeliveryState.GAVE_UP, None
    delay = next_delay(attempts, random.random(), posted.retry_after)  # noqa: S311 - jitter, not a secret
    return (DeliveryState.GAVE_UP, None) if delay is None else (DeliveryState.WAITING, delay)
