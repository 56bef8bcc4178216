"""What happens next: one source of chance delivers, repeats, loses and delays, until nothing is left to do."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from functions.core.model import RequestStatus
from tests.faults.simulator.clients import Message, SimQueue
from tests.faults.simulator.faults import Kind
from tests.faults.simulator.world import PATIENCE, World

MAX_STEPS = 6_000  # a schedule that is not quiet by then never is
MAX_BATCH = 3  # images a delivery
STREAM_TRIES = 6  # before a batch of stream records is given up
FOREVER = 1e12
STREAM, SWEEP = "stream", "recover"


@dataclass
class Schedule:
    """After `calm_after` steps nothing fails any more: what was broken by then has to mend.

    `at` is what users do before a step.
    """

    world: World
    seed: int
    calm_after: int = 150
    at: dict[int, Callable[[], object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311 - a schedule, not a secret
        self.next_sweep = self.world.clock.now + PATIENCE
        self.read, self.tries, self.steps = 0, 0, 0
        self._batch, self._is_nested = 0, False
        self.world.faults.meanwhile = self._meanwhile

    def run(self) -> None:
        """Until quiet, and nobody wants anything more."""
        while self.step() or self._skip():
            assert self.steps < MAX_STEPS, "the pipeline never comes to rest"

    def run_without_sweep(self) -> None:
        """Until nothing is left that recover would not have to find."""
        self.next_sweep = FOREVER
        while self._choices():
            self.step()
        self.next_sweep = self.world.clock.now + PATIENCE

    def step(self) -> bool:
        """Whether there was anything to do."""
        self.steps += 1
        if self.steps == self.calm_after:
            self.world.calm()
        if self.steps in self.at:
            self.at.pop(self.steps)()
        choices = self._choices()
        if not choices:
            return self._wait()
        self._do(self.rng.choice(choices))
        self.world.clock.now += self.rng.choice((0, 0, 0, 1, 20))
        return True

    def _skip(self) -> bool:
        """On to the next thing that a user does; whether there is one."""
        self.steps = min(self.at, default=self.steps + 1) - 1
        return bool(self.at)

    def _choices(self) -> list[str]:
        now = self.world.clock.now
        names = [name for name, queue in sorted(self.world.queues.items()) if queue.visible(now)]
        names += [STREAM] if self.read < len(self.world.stream) else []
        return names + ([SWEEP] if now >= self.next_sweep else [])

    def _wait(self) -> bool:
        """Until a message is visible, or a sweep finds something; False when nothing is to come."""
        times = [message.visible_at for queue in self.world.queues.values() for message in queue.messages]
        due = [record["due_at"] for record in self.world.onlooker.due(FOREVER)]
        if times:
            due.append(self.next_sweep)
        if due:
            self.next_sweep = max(self.next_sweep, min(due))
            times.append(self.next_sweep)
        if times:
            self.world.clock.now = max(self.world.clock.now, min(times))
        return bool(times)

    def _do(self, name: str) -> None:
        if name == SWEEP:
            self._sweep()
        elif name == STREAM:
            self._tally()
        else:
            self._deliver(name, self.world.queues[name])

    def _sweep(self) -> None:
        self.next_sweep = self.world.clock.now + PATIENCE
        self.world.invoke(SWEEP, lambda: self.world.sweep.run(lambda: 900.0))

    def _deliver(self, name: str, queue: SimQueue) -> None:
        now, is_shared = self.world.clock.now, name == "compress"
        visible = queue.visible(now)
        size = self.rng.randint(1, min(MAX_BATCH, len(visible))) if is_shared else 1
        batch = [message for message in self.rng.sample(visible, size) if queue.receive(message, now)]
        for message in batch:
            if self.world.faults.happens(Kind.DUPLICATE, message.message_id, share=2):
                queue.messages.append(replace(message, visible_at=now))
        if batch:
            failed = self._invoke(name, batch)
            for message in (each for each in batch if each.message_id not in failed):
                queue.delete(message)

    def _invoke(self, name: str, batch: list[Message]) -> list[str]:
        """The ids of the messages that are to come again: all of them when the process died."""
        failed = [message.message_id for message in batch]
        if not self._is_nested:
            self._batch = len(batch)
        self._shorten_time(name)

        def work() -> None:
            if name in {"compress", "alone"}:
                told = self.world.compress(
                    [self.world.delivered(name, each.body, each.receives, each.message_id) for each in batch]
                )
            else:
                told = self.world.consume(name, batch[0].body, batch[0].receives, batch[0].message_id)
            failed[:] = told if {*told} <= {*failed} else failed  # a bad id: Lambda takes the whole batch for failed

        self.world.invoke("compress" if name == "alone" else name, work)
        return failed

    def _shorten_time(self, name: str) -> None:
        is_short = name in {"ingest", "compress"} and self.world.faults.happens(Kind.NO_TIME, name)
        self.world.time_left = 10.0 if is_short else 900.0

    def _tally(self) -> None:
        """Some of the records that wait, after some that were counted before; or they are lost."""
        until = self.rng.randint(self.read + 1, len(self.world.stream))
        if self.world.faults.happens(Kind.LOST_RECORD, str(self.read)):
            self.read = until
            return
        first = self.rng.randint(0, self.read) if self.world.faults.happens(Kind.REPLAY, str(self.read)) else self.read
        again = [first]

        def work() -> None:
            told = self.world.tally(list(enumerate(self.world.stream[first:until], first)))
            again[:] = [until if told is None else int(told)]

        self.world.invoke("tally", work)
        self._proceed(max(self.read, again[0]))

    def _proceed(self, place: int) -> None:
        self.tries = 0 if place > self.read else self.tries + 1
        self.read = place
        if self.tries == STREAM_TRIES:
            self.world.queues["tally_dlq"].messages.append(Message('{"DDBStreamBatchInfo":{}}', 0, "stream"))
            self.read, self.tries = self.read + 1, 0

    def cancel(self, request_id: str) -> None:
        """As the API does it."""
        requests, now = self.world.onlooker, self.world.clock.now
        if requests.find(request_id) and requests.end(request_id, RequestStatus.CANCELLED, None, now):
            self.world.faults.counts[Kind.CANCEL] += 1
            self.world.steps.setdefault(request_id, []).append(RequestStatus.CANCELLED)
            requests.leave_due_index(request_id)

    def _meanwhile(self) -> None:
        """Another function runs between two calls of the one that runs, unless that has threads of its own."""
        if self._is_nested or (self.world.faults.function == "compress" and self._batch > 1):
            return
        self._is_nested = True
        time_left = self.world.time_left
        try:
            self._do_meanwhile(self.rng.choice([STREAM, SWEEP, *self.world.queues]))
        finally:
            self._is_nested, self.world.time_left = False, time_left

    def _do_meanwhile(self, name: str) -> None:
        """A sweep, all that the stream ever told of, or a message, also one that is being worked on."""
        records = list(enumerate(self.world.stream))
        if name == SWEEP:
            self.world.invoke(SWEEP, lambda: self.world.sweep.run(lambda: 900.0))
        elif name == STREAM:
            self.world.invoke("tally", lambda: self.world.tally(records))
        elif messages := sorted(self.world.queues[name].messages, key=lambda each: each.order):
            again = replace(self.rng.choice(messages), visible_at=self.world.clock.now)
            self.world.queues[name].messages.append(again)
            self._invoke(name, [again])
            self.world.queues[name].delete(again)
