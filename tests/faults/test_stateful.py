"""The pipeline as a state machine: what breaks it is told as the shortest list of steps that does."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from functions.core.model import RequestStatus
from tests.faults.simulator.faults import FAULTS, Faults, Kind, Scripted
from tests.faults.simulator.inputs import SOME_FAIL, drop, listen
from tests.faults.simulator.invariants import of_the_world, violations
from tests.faults.simulator.rounds import undisturbed
from tests.faults.simulator.schedule import Schedule
from tests.faults.simulator.world import PATIENCE, World

BREAKS = (Kind.KILLED, Kind.LOST_ANSWER, Kind.THROTTLED)
places = st.integers(0, 30)


class Pipeline(RuleBasedStateMachine):
    """One CSV, of which some images fail. Whatever was done to it, it comes to the same in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Faults(0))
        listen(self.world)
        self.request_id = drop(self.world, SOME_FAIL)
        self.schedule = Schedule(self.world, 0)

    @precondition(lambda self: self.waiting())
    @rule(place=places)
    def deliver(self, place: int) -> None:
        """Messages of one queue come to their function."""
        waiting = self.waiting()
        name = waiting[place % len(waiting)]
        self.schedule._deliver(name, self.world.queues[name])

    @precondition(lambda self: self.waiting())
    @rule(place=places)
    def copy(self, place: int) -> None:
        """A message is there twice."""
        queue = self.world.queues[self.waiting()[place % len(self.waiting())]]
        message = queue.messages[place % len(queue.messages)]
        queue.messages.append(replace(message, visible_at=self.world.clock.now))

    @precondition(lambda self: self.world.stream)
    @rule(first=places, size=places)
    def tally(self, first: int, size: int) -> None:
        """Records of the stream come, in their order or not, for the first time or not."""
        records = list(enumerate(self.world.stream))[first:][: size + 1]
        self.world.invoke("tally", lambda: self.world.tally(records))

    @rule()
    def lose_the_stream(self) -> None:
        """What was written so far is never told."""
        self.schedule.read = len(self.world.stream)

    @rule(call=st.sampled_from(sorted(FAULTS)), kind=st.sampled_from(BREAKS), nth=st.integers(1, 5))
    def break_a_call(self, call: str, kind: Kind, nth: int) -> None:
        """One of the next calls of a kind fails, whoever makes it."""
        self.world.faults.script.append(Scripted(kind, "", call, nth))

    @rule(seconds=st.sampled_from([1.0, 60.0, PATIENCE, 3_600.0]))
    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self.world.clock.now += seconds

    @rule()
    def sweep(self) -> None:
        """Recover looks."""
        self.schedule._sweep()

    @rule()
    def cancel(self) -> None:
        """The owner has had enough."""
        self.schedule.cancel(self.request_id)

    @invariant()
    def ends_once_and_is_told_in_time(self) -> None:
        """At any time."""
        ends = [step for step in self.world.steps.get(self.request_id, []) if RequestStatus(step).is_terminal]
        assert len(ends) <= 1
        assert self.world.early_ends == self.world.crashes == []

    def teardown(self) -> None:
        """Nothing fails any more, and everything comes to rest."""
        self.world.calm()
        self.schedule.run()
        wrong = violations(self.world, self.request_id, undisturbed(SOME_FAIL), listens=True)
        assert [*of_the_world(self.world), *wrong] == []

    def waiting(self) -> list[str]:
        return [name for name, queue in sorted(self.world.queues.items()) if queue.visible(self.world.clock.now)]


TestPipeline = Pipeline.TestCase
TestPipeline.settings = settings(max_examples=40, stateful_step_count=25, deadline=None, derandomize=True)
