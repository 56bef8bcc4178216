"""A deployed stack, second by second: how far the images of a day's busiest hours come, and what they wait for.

It is a fluid model. In each step a part of a request moves on, however small; no single message is looked at. That is
honest where thousands of images end in a second, and it makes an hour of a thousand million images a day a matter of
seconds. What a step cannot show is what happens within it: batches that are half full, a cold start, a throttled call
that is tried again. Nothing in it is left to chance.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from infra.simulate.demand import Arrival
from infra.simulate.deployment import Deployed
from infra.simulate.fairness import Fair, Order
from infra.simulate.flow import NEARLY, Functions, Group, Line, Parts, add, alike, first
from infra.simulate.growing import Growing, Mapping
from infra.simulate.limits import (
    ACCOUNT,
    BUCKET,
    CALLS,
    FINALIZERS,
    FLIGHT,
    HOT_KEY,
    INGESTS,
    MAPPING,
    PACE,
    PARTITION_WRITES,
    REQUEST,
    STREAM,
    TABLE,
    TRANSACTION_WRITES,
    WARMTH,
    WORKERS,
    PaceLimit,
)

LEAST = 0.01  # of an image: less is what rounding leaves of thousands of steps


@dataclass(slots=True)
class Trace:
    """What was seen in each step, and which limit held how many images back."""

    arrived: list[float] = field(default_factory=list)  # images of the step
    written: list[float] = field(default_factory=list)
    backlog: list[float] = field(default_factory=list)  # images that have arrived and are not written
    workers: list[float] = field(default_factory=list)
    held_back: Counter[PaceLimit] = field(default_factory=Counter)
    held_seconds: float = 0.0  # in which images were done and could not be written, added up
    groups: list[Group] = field(default_factory=list)  # all of them


@dataclass
class DeployedStack:
    """`step` seconds at a time."""

    deployment: Deployed
    step: float = 1.0
    order: Order = field(default_factory=Fair)

    def __post_init__(self) -> None:
        of = self.deployment
        self.now = 0.0
        self.trace = Trace()
        self.calls = Functions(1)
        self.ingest = Functions(of.ingests)
        self.sending = Line(of.batch_window, self.step)
        self.mapping = Mapping()
        self.working = Line(of.batch_seconds, self.step)
        self.held: Parts = {}  # done, and not yet written
        self.table = Growing(of.first_writes, of.table_writes)
        self.bucket = Growing(of.bucket_puts)
        self.streaming = Line(of.stream_window, self.step)
        self.uncounted: Parts = {}
        self.finalize = Functions(of.finalizers)
        self.unsent = 0.0  # images that have arrived and were not sent
        self.waiting = 0.0  # images in the queue
        self.lanes = 0.0  # of the stream that are busy
        self.full: PaceLimit | None = None  # what could not take all pictures and results of the last step

    @property
    def backlog(self) -> float:
        """Images that have arrived and are not written."""
        return self.unsent + self.sending.inside + self.waiting + self.in_flight

    @property
    def in_flight(self) -> float:
        """Images that workers have."""
        return self.working.inside + sum(self.held.values())

    def run(self, seconds: Iterable[list[Arrival]]) -> Iterator[float]:
        """Play them, one by one; the time after each step."""
        for arrivals in seconds:
            arrived = self._upload(arrivals)
            self._ingest(arrived)
            came = self._receive()
            written = self._write()
            self._compress(came)
            self._tally()
            self._finalize()
            self._note(arrived, written)
            self.now += self.step
            yield self.now

    def have_ended(self, before: float) -> bool:
        """Whether all requests have that arrived before then."""
        return all(group.ended is not None for group in self.trace.groups if group.arrived < before)

    def _upload(self, arrivals: list[Arrival]) -> float:
        for arrival in arrivals:
            group = Group(self.now, arrival.images, arrival.requests)
            self.trace.groups.append(group)
            self.unsent += group.total
            self.calls.put(group, 1 / self.deployment.calls_a_second)
        return float(sum(arrival.images * arrival.requests for arrival in arrivals))

    def _ingest(self, came: float) -> None:
        before = self.unsent
        for group, _, is_done in self.calls.work(self.step):
            if is_done:
                self.ingest.put(group, self.deployment.ingest.of(group.images))
        for group, share, _ in self.ingest.work(self.step):
            count = min(share * group.total, self.unsent)
            self.unsent -= count
            self.sending.put(group, count)
        if self.calls.is_full or self.ingest.is_full:
            self._hold_back(INGESTS if self.ingest.is_full else CALLS, came, before - self.unsent)

    def _receive(self) -> float:
        sent = self.sending.out()
        for group, count in sent.items():
            is_new = group.waiting <= NEARLY
            group.send(count, self.now)
            if is_new:
                self.order.join(group)
        came = sum(sent.values())
        self.waiting += came
        return came

    def _write(self) -> float:
        """Pictures and results of what is done. Workers are kept until they are written."""
        of = self.deployment
        done = self.working.out()
        for group, count in done.items():
            add(self.held, group, count)
        by_table = self.table.allowed(self.now) / of.writes_an_image * self.step
        by_bucket = self.bucket.allowed(self.now) * self.step
        written = alike(self.held, min(by_table, by_bucket), of.request_puts * self.step)
        for group, count in written.items():
            group.in_flight -= count
            self.streaming.put(group, count)
        total = sum(written.values())
        self.table.used(self.now, total / self.step * of.writes_an_image)
        self.bucket.used(self.now, total / self.step)
        self.full = self._full(total, by_table, by_bucket) if self.held else None
        if self.full:
            self._hold_back(self.full, sum(done.values()), total)
        return total

    def _full(self, written: float, by_table: float, by_bucket: float) -> PaceLimit:
        """What the rest could not be written for."""
        if written < min(by_table, by_bucket) - LEAST:
            return REQUEST
        if by_bucket < by_table:
            return BUCKET
        return TABLE if self.table.allowed(self.now) >= self.table.most else WARMTH

    def _compress(self, came: float) -> None:
        of = self.deployment
        workers, limit = self._workers()
        slots = workers * of.batch
        pace = slots / max(self.working.seconds, self.step) * self.step
        given = self.order.give(max(0.0, min(pace, slots - self.in_flight)), self.in_flight, self.now)
        for group, count in given:
            self.working.put(group, count)
        gone = sum(count for _, count in given)
        self.waiting = max(0.0, self.waiting - gone)
        is_left = self.waiting > LEAST
        if is_left:
            self._hold_back(self.full or limit, came, gone)
        self.mapping.step(self.step, self.in_flight / of.batch, are_left=is_left)

    def _workers(self) -> tuple[float, PaceLimit]:
        """How many may work, and what says so."""
        of = self.deployment
        others = self.ingest.busy + self.finalize.busy + self.lanes
        found = (
            (float(of.workers), MAPPING if of.workers >= of.most_workers else WORKERS),
            (self.mapping.at_a_time, PACE),
            (max(0.0, of.account - others), ACCOUNT),
            (of.in_flight / of.batch, FLIGHT),
        )
        return min(found, key=lambda each: each[0])

    def _tally(self) -> None:
        of = self.deployment
        new = self.streaming.out()
        for group, count in new.items():
            add(self.uncounted, group, count)
        shards = math.ceil(self.table.allowed(self.now) / PARTITION_WRITES)
        by_lanes = shards * of.lanes_a_shard / of.tally_image_seconds * self.step
        by_key = PARTITION_WRITES / TRANSACTION_WRITES * of.chunk * self.step
        counted = first(self.uncounted, by_lanes, by_key)
        total = sum(counted.values())
        self.lanes = total / self.step * of.tally_image_seconds
        for group, count in counted.items():
            group.counted += count
            if group.counted_at is None and group.counted >= group.total - LEAST:
                group.counted_at = self.now
                self.finalize.put(group, of.finalize.of(group.images))
        if self.uncounted:
            self._hold_back(STREAM if total >= by_lanes - LEAST else HOT_KEY, sum(new.values()), total)

    def _finalize(self) -> None:
        for group, _, is_done in self.finalize.work(self.step):
            if is_done:
                group.ended = self.now + self.step
        if self.finalize.is_full:
            self._hold_back(FINALIZERS, 1.0, 0.0)

    def _hold_back(self, limit: PaceLimit, came: float, gone: float) -> None:
        self.trace.held_back[limit] += max(0.0, came - gone)  # type: ignore[assignment]  # a Counter of floats

    def _note(self, arrived: float, written: float) -> None:
        trace = self.trace
        trace.arrived.append(arrived)
        trace.written.append(written)
        trace.backlog.append(self.backlog)
        trace.workers.append(self.in_flight / self.deployment.batch)
        trace.held_seconds += sum(self.held.values()) * self.step
