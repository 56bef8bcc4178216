"""The notify service among fakes, with a request to tell of."""

import json
from typing import Any

from functions.core.errors import ImageCode
from functions.core.messages import DeliveryTask, EventTask
from functions.core.model import CHUNK_SIZE, Delivery, DeliveryState, EventType, RequestStatus, Result, WebhookStatus
from functions.core.settings import PublicUrls
from functions.core.webhooks.posted import Posted
from functions.core.webhooks.signature import new_secret
from functions.core.webhooks.urls import OWN_ENDPOINT
from functions.notify.announce import Announce
from functions.notify.deliver import Deliver
from functions.notify.drop_summary import DropSummaries
from functions.notify.ping import Ping
from functions.notify.service import Notify
from tests.fakes import (
    NOW,
    REQUEST_ID,
    Chunks,
    Clock,
    Deliveries,
    Endpoints,
    EventBus,
    Journal,
    Objects,
    Paths,
    Plans,
    Poster,
    Queue,
    Requests,
    a_request,
)

HOOK = "https://hook.example/x"
SECRET = new_secret(bytes(range(24)))
KEY = (REQUEST_ID, EventType.COMPLETED, OWN_ENDPOINT)
OK = Posted(200, None, 5)
BROKEN = Posted(500, None, 5)
LINKS = PublicUrls("https://api.example", "https://cdn.example")


class Notifying:
    """The service, with a completed request that has two images and a webhook URL. Receivers give the `answers`."""

    def __init__(self, *answers: Posted, images: int = 2, poster: Any = None, **request: Any) -> None:
        self.journal = Journal()
        self.requests = Requests(self.journal)
        usual: dict[str, Any] = {
            "status": RequestStatus.COMPLETED,
            "webhook_url": HOOK,
            "webhook_status": WebhookStatus.NOT_SENT,
            "ended_at": NOW,
            "parts_planned": 1,
            "chunks_total": -(-images // CHUNK_SIZE),
            "total_images": images,
            "processed_images": images,
            "failed_images": 1,
        }
        self.requests.add(a_request(**usual | request))
        self.chunks = Chunks(self.requests)
        self._end(images)
        self.deliveries = Deliveries(self.requests)
        self.endpoints = Endpoints(self.journal)
        self.queue: Queue[DeliveryTask] = Queue("notify", self.journal)
        self.objects = Objects(self.journal)
        self.bus = EventBus(self.journal)
        self.paths = Paths(self.journal)
        self.plans = Plans(self.journal)
        self.poster = Poster(list(answers))
        self.clock = Clock(NOW + 10)
        self.service = self._service(poster or self.poster)

    def _service(self, poster: Any) -> Notify:
        return Notify(
            requests=self.requests,
            summaries=DropSummaries(self.requests, self.plans, self.paths, self.objects, self.bus, LINKS),
            announce=Announce(self.requests, self.endpoints, self.deliveries, self.queue, self.clock),
            deliver=Deliver(
                requests=self.requests,
                endpoints=self.endpoints,
                deliveries=self.deliveries,
                results=self.chunks,
                queue=self.queue,
                poster=poster,
                secrets_of=lambda _owner: [SECRET],
                urls=LINKS,
                clock=self.clock,
            ),
            ping=Ping(self.endpoints, poster, self.clock),
        )

    def _end(self, count: int) -> None:
        made = Result(0, "https://x/0.jpg", key="images/0.webp")
        missing = (Result(n, f"https://x/{n}.jpg", ImageCode.NOT_FOUND) for n in range(1, count))
        for result in (made, *missing):
            self.chunks.ended.setdefault((REQUEST_ID, result.n // CHUNK_SIZE), {})[result.n] = result

    def announce(self, event: EventType = EventType.COMPLETED) -> None:
        self.service.run(EventTask(REQUEST_ID, event))

    def attempt(self) -> None:
        """Take the message that was sent last."""
        self.service.run(self.queue.sent[-1])

    def deliver(self, event: EventType = EventType.COMPLETED) -> None:
        """Announce, and make all attempts whose messages are queued."""
        taken = len(self.queue.sent)
        self.announce(event)
        while taken < len(self.queue.sent):
            self.service.run(self.queue.sent[taken])
            taken += 1

    def delivery(self, endpoint_id: str = OWN_ENDPOINT, event: EventType = EventType.COMPLETED) -> Delivery:
        return self.deliveries.records[REQUEST_ID, event, endpoint_id]

    @property
    def state(self) -> DeliveryState:
        return self.delivery().state

    @property
    def webhook_status(self) -> WebhookStatus | None:
        return self.requests[REQUEST_ID].webhook_status

    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.poster.posts[-1].body))
