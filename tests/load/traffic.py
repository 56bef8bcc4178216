"""What `make load` sends: large requests first, small ones behind them, by three owners, half of it dropped into S3."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count, cycle, islice
from typing import Any

from infra.local.stack import LocalStack
from tests.system.client import eventually
from tests.system.messages import notifications_of, paused, send_again
from tests.system.owners import Owner, owner
from tests.system.receiver import Receiver
from tests.system.shop import Order, Shop
from tests.system.test_drop import put

OWNERS = ("north", "east", "south")
EVENTS = ("processing.started", "processing.completed", "processing.failed")
LARGE, LARGE_IMAGES = 10, 490
SMALL, SMALL_IMAGES = 10, 10
PATIENCE = 900  # seconds for everything to end; far more than it takes, or else this is where it hangs
LOOK = 0.5  # seconds between two looks at what has ended


@dataclass
class Placed:
    """One request: whose it is, what was ordered, when it began and ended (seconds of the monotonic clock)."""

    request_id: str
    owner: str
    order: Order
    is_small: bool
    began: float
    ended: float | None = None

    @property
    def seconds(self) -> float:
        return (self.ended or float("inf")) - self.began


@dataclass
class Traffic:
    """The requests of one run, and the S3 notifications of those that were dropped."""

    stack: LocalStack
    shop: Shop
    owners: dict[str, Owner]
    placed: list[Placed] = field(default_factory=list)
    notifications: list[dict[str, Any]] = field(default_factory=list)
    repeated: int = 0
    _numbers: Iterator[int] = field(default_factory=count)

    @classmethod
    def between(cls, stack: LocalStack, shop: Shop, receiver: Receiver) -> "Traffic":
        """Owners with an endpoint each."""
        owners = {name: owner(stack, name) for name in OWNERS}
        host = receiver.url.removesuffix("/hook")
        for name, caller in owners.items():
            wanted = {"webhook_url": f"{host}/{name}", "events": list(EVENTS)}
            answer = caller.call("POST", "/webhook/configure", json=wanted)
            assert answer.ok, answer.text
        return cls(stack, shop, owners)

    def send(self, requests: int, images: int, *, is_small: bool) -> None:
        """Half of them are drops that S3 tells of twice, the others are uploads."""
        size = "small" if is_small else "large"
        orders = [Order.of(self.shop, islice(self._numbers, images)) for _ in range(requests)]
        plans = list(zip(cycle(OWNERS), orders))
        dropped = {f"incoming/{name}/{size}-{i}.csv": (name, order) for i, (name, order) in enumerate(plans[::2])}
        with paused(self.stack, "ingest"):
            for key, (name, order) in dropped.items():
                self._note(put(self.stack, key, order.csv), name, order, is_small)
            self.notifications += notifications_of(self.stack, dropped)
            self.repeat_notifications(len(dropped))
        for name, order in plans[1::2]:
            self._note(self.owners[name].started(order.csv), name, order, is_small)

    def _note(self, request_id: str, name: str, order: Order, is_small: bool) -> None:
        self.placed.append(Placed(request_id, name, order, is_small, time.monotonic()))

    def repeat_notifications(self, last: int = 0) -> None:
        """Have S3 tell again of the `last` drops, or of all."""
        for notification in self.notifications[-last:]:
            send_again(self.stack, "IngestQueue", notification)
            self.repeated += 1

    def status(self, placed: Placed) -> dict[str, Any] | None:
        """None while there is no record of it: S3 was told, and ingest not yet."""
        answer = self.owners[placed.owner].call("GET", f"/status/{placed.request_id}?limit=1")
        return dict(answer.json()) if answer.ok else None

    def wait_until_queued(self) -> None:
        """Every image of every request is in the queue, or was."""
        for placed in self.placed:
            eventually(partial(self._is_queued, placed), f"{placed.request_id} to be planned")

    def _is_queued(self, placed: Placed) -> bool | None:
        status = self.status(placed)
        return (status is not None and status["total_images"] == len(placed.order.numbers)) or None

    def wait_until_ended(self) -> None:
        """Notes when each request ended."""
        pause, deadline = threading.Event(), time.monotonic() + PATIENCE
        while (running := [each for each in self.placed if each.ended is None]) and time.monotonic() < deadline:
            for placed in running:
                status = self.status(placed)
                if status and status["status"] not in {"pending", "processing"}:
                    placed.ended = time.monotonic()
            pause.wait(LOOK)
