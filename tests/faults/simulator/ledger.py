"""What a request costs in calls: `python -m tests.faults.simulator.ledger [IMAGES]` prints the ledger of one as JSON.

The pipeline is that of the fault tests, with nothing failing. What AWS decides is as in production: full batches, polls
of ten messages, a look at the stream each second in as many lanes as the template has.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zlib import crc32

from functions.core.model import RequestStatus
from functions.core.network.fetched import Fetched
from infra.cost.worker import batch_seconds
from infra.simulate.deployment import defaults, usual_work
from tests.faults.simulator.api import Api
from tests.faults.simulator.clients import Message
from tests.faults.simulator.faults import Faults
from tests.faults.simulator.inputs import drop
from tests.faults.simulator.meter import Meter
from tests.faults.simulator.world import SimOrigins, World
from tests.template.test_template import functions

IMAGES = 1_000
POLLED = 10  # messages that one ReceiveMessage or DeleteMessageBatch is of, at the most
SHARDS = 4  # of the stream of a table on demand that is new
MAX_UPLOADED = 20_000  # images of a CSV that comes as a form
DISORDER = 1_000  # messages of a backlog, from among which a queue gives out the next
URL = "https://cdn.shop.example/products/{n:07d}/images/main-large.jpg"


class TypicalOrigins(SimOrigins):
    """Their answers have validators, which results keep."""

    def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched:
        content = super().fetch(url, reserve).content
        return Fetched(content, '"5f3e7a1c-4a2b9"', "Mon, 01 Jan 2024 00:00:00 GMT")


@dataclass
class Ledger:
    """The calls of one request, from its upload to its webhooks."""

    images: int
    calls: dict[str, dict[str, int]] = field(default_factory=dict)  # by function and operation
    units: dict[str, dict[str, float]] = field(default_factory=dict)  # DynamoDB's, by function: reads and writes
    invocations: dict[str, int] = field(default_factory=dict)

    def total(self, operation: str) -> int:
        """Of all functions."""
        return sum(made.get(operation, 0) for made in self.calls.values())

    def everything(self) -> int:
        """All calls there were."""
        return sum(sum(made.values()) for made in self.calls.values())

    def to_json(self) -> dict[str, Any]:
        """As it is kept in infra/cost."""
        return {"images": self.images, "calls": self.calls, "units": self.units, "invocations": self.invocations}

    def __str__(self) -> str:
        lines = [f"{'function':10}{'operation':24}{'calls':>9}{'an image':>12}"]
        for function, made in self.calls.items():
            lines += [f"{function:10}{name:24}{times:9,}{times / self.images:12.4f}" for name, times in made.items()]
        return "\n".join([*lines, f"{'':34}{self.everything():9,}{self.everything() / self.images:12.4f}"])


@dataclass
class Rush:
    """Delivers as AWS does under load: full batches, and results to tally each second."""

    world: World
    meter: Meter
    rng: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - an order, not a secret
    read: int = 0
    invocations: Counter[str] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)  # by a poll, and not yet part of a batch

    def run(self) -> None:
        """Until nothing is left to deliver."""
        sizes = batch_sizes()
        batches = batches_a_second()
        while any(self.world.queues[name].messages for name in ("ingest", "compress", "finalize", "notify")):
            for name in ("ingest", "finalize", "notify"):
                for message in self._taken(name, len(self.world.queues[name].messages)):
                    self._consume(name, message)
            for _ in range(batches):
                self._compress(self._taken("compress", sizes["compress"]))
            self._tally(sizes["lanes"])
            self.world.clock.now += 1

    def _taken(self, name: str, size: int) -> list[Message]:
        """The next messages, in an order that a queue does not promise."""
        waiting = self.world.queues[name].messages
        size = min(size, len(waiting))
        places = sorted(self.rng.sample(range(min(DISORDER, len(waiting))), size), reverse=True)
        return [waiting.pop(place) for place in places]

    def _consume(self, name: str, message: Message) -> None:
        self._polled(name, [message])
        failed: list[str] = []
        self._invoke(name, lambda: failed.extend(self.world.consume(name, message.body, 1, message.message_id)))
        assert not failed, f"{message.body} was not consumed"
        if name == "ingest":  # several threads sent the images
            self.world.queues["compress"].messages.sort(key=lambda each: (len(each.body), each.body))

    def _compress(self, batch: list[Message]) -> None:
        if not batch:
            return
        self._polled("compress", batch)
        world = self.world
        delivered = [world.delivered("compress", each.body, 1, each.message_id) for each in batch]
        self._invoke("compress", lambda: world.compress(delivered))

    def _tally(self, lanes: int) -> None:
        """A chunk has its place in the stream, so that its results always come to the same lane."""
        new = self.world.stream[self.read :]
        self.read += len(new)
        for lane in range(lanes):
            records = [(place, record) for place, record in enumerate(new) if crc32(record[0].encode()) % lanes == lane]
            if records:
                self._invoke("tally", partial(self.world.tally, records))

    def _polled(self, name: str, batch: list[Message]) -> None:
        """What the event source mapping asks of the queue: it is charged as any other call."""
        with self.world.faults.invocation(name):
            polled = POLLED if name == "compress" else 1  # of a backlog polls are full, and batches are made of them
            while self.received[name] < len(batch):
                self.meter.count("ReceiveMessage")
                self.received[name] += polled
            self.received[name] -= len(batch)
            for _ in range(0, len(batch), POLLED):
                self.meter.count("DeleteMessageBatch")

    def _invoke(self, name: str, work: Callable[[], object]) -> None:
        self.invocations[name] += 1
        assert self.world.invoke(name, work), f"{name} died"


def batch_sizes() -> dict[str, int]:
    """As the template sets them: images of an invocation, and lanes in which the stream is read."""
    found = functions()["TallyFunction"]["Events"]["Results"]["Properties"]
    return {"compress": defaults()["CompressBatch"], "lanes": SHARDS * found["ParallelizationFactor"]}


def batches_a_second() -> int:
    """That all workers do together, as `make simulate` has it."""
    given = defaults()
    batches: int = round(given["CompressConcurrency"] / batch_seconds(given["CompressMemory"], usual_work()))
    return batches


def csv_of(images: int) -> tuple[str, ...]:
    """Its lines: a row and an image each."""
    return ("S. No.,Product Name,Input Image Urls", *(f"{n},Product {n},{URL.format(n=n)}" for n in range(images)))


@dataclass
class Run:
    """A request that went through the whole pipeline."""

    world: World
    meter: Meter
    request_id: str
    ledger: Ledger


def run_of(images: int, renditions: str = "") -> Run:
    """One of so many images, with nothing failing."""
    world = World(Faults(0), origins=TypicalOrigins())
    meter = Meter(world)
    request_id = _begun(world, images, renditions)
    rush = Rush(world, meter)
    rush.run()
    request = world.request(request_id)
    assert request.status is RequestStatus.COMPLETED, request
    assert request.processed_images == images
    return Run(world, meter, request_id, _ledger(images, meter, rush))


def _begun(world: World, images: int, renditions: str) -> str:
    """By the API, or by S3 where the CSV is larger than a form may be."""
    lines = csv_of(images)
    if images > MAX_UPLOADED:
        return drop(world, lines, renditions=renditions)
    wishes = {"webhook_url": "https://shop.example/hook", "renditions": renditions}
    answer = Api(world).upload("\n".join(lines).encode(), "key", **wishes)
    return str(answer.body["request_id"])


def _ledger(images: int, meter: Meter, rush: Rush) -> Ledger:
    ledger = Ledger(images, invocations=dict(sorted(rush.invocations.items())))
    for (function, operation), times in sorted(meter.calls.items()):
        ledger.calls.setdefault(function, {})[operation] = times
    for (function, unit), units in sorted(meter.units.items()):
        ledger.units.setdefault(function, {})[unit] = units
    return ledger


if __name__ == "__main__":
    found = run_of(int(sys.argv[1]) if sys.argv[1:] else IMAGES).ledger
    sys.stdout.write(json.dumps(found.to_json(), indent=2) + "\n")
    sys.stderr.write(f"{found}\n")
