"""A request in a world of its own, for a test of one fault."""

from functions.core.errors import ImageCode
from tests.faults.simulator.faults import Faults, Scripted
from tests.faults.simulator.inputs import ALL_WELL, drop, listen
from tests.faults.simulator.invariants import of_the_world, results_of, violations
from tests.faults.simulator.rounds import undisturbed
from tests.faults.simulator.schedule import Schedule
from tests.faults.simulator.world import World


class Row:
    """A drop in a world where `script` is all that fails, and an owner who listens to everything."""

    def __init__(
        self, *script: Scripted, lines: tuple[str, ...] = ALL_WELL, events: int = 1, seed: int = 1, renditions: str = ""
    ) -> None:
        self.lines, self.renditions, self.is_drop = lines, renditions, True
        self.world = World(Faults(seed, script=list(script)))
        listen(self.world)
        self.request_id = drop(self.world, lines, times=events, renditions=renditions)
        self.schedule = Schedule(self.world, seed)

    def settle(self) -> None:
        """Until quiet; everything that always holds does."""
        self.schedule.run()
        self.require_all(self.request_id)

    def require_all(self, request_id: str) -> None:
        csv = undisturbed(self.lines, self.renditions)
        assert [*of_the_world(self.world), *violations(self.world, request_id, csv, listens=True)] == []

    def work_off(self) -> None:
        """All images that were sent are done, and counted."""
        while (queue := self.world.queues["compress"]).messages:
            self.schedule._deliver("compress", queue)
        self.world.invoke("tally", lambda: self.world.tally(list(enumerate(self.world.stream))))
        self.schedule.read = len(self.world.stream)

    def codes(self) -> dict[int, ImageCode | None]:
        results, _, _ = results_of(self.world, self.world.request(self.request_id))
        return {result.n: result.code for result in results}
