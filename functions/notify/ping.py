"""A test event to one endpoint: what its owner sends to see whether the receiver works."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from functions.core.messages import PingTask
from functions.core.model import Attempt, Endpoint
from functions.core.times import iso
from functions.core.webhooks import signed_headers
from functions.notify.body import JSON_TYPE
from functions.notify.ports import Endpoints, Poster

TEST_EVENT = "webhook.test"
MESSAGE = "A test: this endpoint is set up, and this is how its webhooks are signed."


@dataclass(frozen=True, slots=True)
class Ping:
    """Also to an endpoint that is disabled: its owner may want to see whether it works again."""

    endpoints: Endpoints
    poster: Poster
    clock: Callable[[], float]

    def run(self, task: PingTask) -> None:
        """Post once, and keep what came of it on the endpoint; nothing when the endpoint was deleted meanwhile."""
        endpoint = self.endpoints.find(task.owner, task.endpoint_id)
        if endpoint is None:
            return
        now = self.clock()
        body = ping_body(endpoint, task.webhook_id, now)
        headers = signed_headers(task.webhook_id, int(now), body, endpoint.secrets(now))
        posted = self.poster.post(endpoint.url, body, JSON_TYPE | headers)
        attempt = Attempt(now, posted.status, posted.error, posted.latency_ms)
        self.endpoints.log_test(task.owner, task.endpoint_id, attempt)


def ping_body(endpoint: Endpoint, webhook_id: str, now: float) -> bytes:
    """The JSON of a test event, exactly as it is signed and sent."""
    fields = {
        "type": TEST_EVENT,
        "timestamp": iso(now),
        "webhook_id": webhook_id,
        "endpoint_id": endpoint.endpoint_id,
        "message": MESSAGE,
    }
    return json.dumps(fields, separators=(",", ":")).encode()
