"""What notify does with a message: an event is announced, an attempt or a test is made."""

from dataclasses import dataclass

from functions.core.messages import DeliveryTask, EventTask, PingTask
from functions.core.model import EventType, Request
from functions.notify.announce import Announce
from functions.notify.deliver import Deliver
from functions.notify.drop_summary import DropSummaries
from functions.notify.ping import Ping
from functions.notify.ports import Requests


@dataclass(frozen=True, slots=True)
class Notify:
    """The steps, each idempotent: every message may come twice."""

    requests: Requests
    summaries: DropSummaries
    announce: Announce
    deliver: Deliver
    ping: Ping

    def run(self, task: EventTask | DeliveryTask | PingTask) -> None:
        """One message; those of a request that is gone are left."""
        if isinstance(task, PingTask):
            self.ping.run(task)
            return
        request = self.requests.find(task.request_id)
        if request is None:
            return
        if isinstance(task, EventTask):
            self._tell(request, task.event)
        else:
            self.deliver.run(request, task)

    def _tell(self, request: Request, event: EventType) -> None:
        try:
            self.summaries.publish(request, event)
        finally:  # a bucket or bus that fails has the message delivered again, and keeps nobody's webhook waiting
            self.announce.run(request, event)
