"""Announces events and makes the attempts at their deliveries; each is logged, and the status tells the truth."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from functions.core.messages import DeliveryTask, EventTask
from functions.core.model import (
    Attempt,
    Delivery,
    DeliveryState,
    EventType,
    Request,
    Result,
    WebhookStatus,
    webhook_status,
)
from functions.core.plan import PlannedImage, PlanPart
from functions.core.posted import Posted
from functions.core.progress import results_of
from functions.core.settings import Links
from functions.core.signature import signed_headers
from functions.notify.body import MAX_IMAGES, webhook_body
from functions.notify.schedule import next_delay

OWN_ENDPOINT = "request"  # the endpoint id of the webhook_url that came with a CSV
OWN_EVENTS = {EventType.COMPLETED, EventType.FAILED}
MAX_QUEUE_DELAY = 900  # seconds; what is due later waits for recover
PATIENCE = 300  # seconds after which recover takes a message that should have come for lost
GONE = 410  # the receiver wants no more


class Requests(Protocol):
    """The request records."""

    def find(self, request_id: str) -> Request | None: ...
    def set_webhook_status(self, request_id: str, status: WebhookStatus) -> bool: ...


class Deliveries(Protocol):
    """The delivery records."""

    def create(self, delivery: Delivery, due_at: float, expires_at: int) -> bool: ...
    def find(self, request_id: str, event: EventType, endpoint_id: str) -> Delivery | None: ...
    def of_request(self, request_id: str) -> list[Delivery]: ...
    def log_attempt(self, delivery: Delivery, attempt: Attempt, state: DeliveryState, due_at: float | None) -> bool: ...


class Plans(Protocol):
    """The plans."""

    def part(self, request_id: str, number: int) -> PlanPart: ...


class Results(Protocol):
    """The result records."""

    def results(self, request_id: str, chunk: int) -> list[Result]: ...


class NotifyQueue(Protocol):
    """Where attempts wait, for up to MAX_QUEUE_DELAY seconds."""

    def send(self, task: DeliveryTask, delay: int = 0) -> None: ...


class Poster(Protocol):
    """Sends one body; whatever happens is an answer."""

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Posted: ...


@dataclass(frozen=True, slots=True)
class Notify:
    """`secrets_of` gives an owner's secrets, the current one first."""

    requests: Requests
    deliveries: Deliveries
    plans: Plans
    results: Results
    queue: NotifyQueue
    poster: Poster
    secrets_of: Callable[[str], list[str]]
    links: Links
    clock: Callable[[], float]

    def run(self, task: EventTask | DeliveryTask) -> None:
        """Announce an event, or make one attempt at a delivery."""
        request = self.requests.find(task.request_id)
        if request is None:
            return
        if isinstance(task, EventTask):
            self._announce(request, task.event)
        else:
            self._attempt(request, task)

    def _announce(self, request: Request, event: EventType) -> None:
        """A delivery to each endpoint that listens; one that is there already is left to its own retries."""
        if request.webhook_url is None or event not in OWN_EVENTS:
            return
        delivery = Delivery(request.request_id, event, OWN_ENDPOINT, request.webhook_url, request.owner)
        self.deliveries.create(delivery, self.clock() + PATIENCE, request.expires_at)
        self.queue.send(DeliveryTask(request.request_id, event, OWN_ENDPOINT, attempt=0))

    def _attempt(self, request: Request, task: DeliveryTask) -> None:
        delivery = self.deliveries.find(task.request_id, task.event, task.endpoint_id)
        if delivery is None:
            return
        if delivery.state is not DeliveryState.WAITING or len(delivery.attempts) != task.attempt:
            self._show_status(request.request_id)  # a repeated message; its first run may have died before this
            return
        posted = self._post(request, delivery)
        attempt = Attempt(self.clock(), posted.status, posted.error, posted.latency_ms)
        state, delay = _verdict(posted, task.attempt + 1)
        due_at = None if delay is None else self.clock() + delay + (PATIENCE if delay <= MAX_QUEUE_DELAY else 0)
        if self.deliveries.log_attempt(delivery, attempt, state, due_at) and delay is not None:
            self._wait(task, delay)
        self._show_status(request.request_id)

    def _post(self, request: Request, delivery: Delivery) -> Posted:
        images = self._images(request)
        results = results_of(request.request_id, images, self.results)
        body = webhook_body(delivery.event, request, images, results, self.links)
        headers = signed_headers(delivery.webhook_id, int(self.clock()), body, self.secrets_of(request.owner))
        return self.poster.post(delivery.url, body, {"Content-Type": "application/json", **headers})

    def _images(self, request: Request) -> list[PlannedImage]:
        """The first images of the plan, up to what a body holds."""
        parts = (self.plans.part(request.request_id, number) for number in range(request.parts_planned))
        images = (image for part in parts for image in part.new_images())
        return list(islice(images, MAX_IMAGES))

    def _wait(self, task: DeliveryTask, delay: float) -> None:
        if delay <= MAX_QUEUE_DELAY:
            following = DeliveryTask(task.request_id, task.event, task.endpoint_id, task.attempt + 1)
            self.queue.send(following, delay=round(delay))

    def _show_status(self, request_id: str) -> None:
        status = webhook_status({delivery.state for delivery in self.deliveries.of_request(request_id)})
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
