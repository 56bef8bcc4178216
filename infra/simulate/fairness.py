"""In which order a queue gives out images: as SQS says that it does, and as the embedded engine does."""

import heapq
from dataclasses import dataclass, field
from typing import Protocol

from infra.simulate.flow import NEARLY, Group
from infra.simulate.limits import NOISY_FROM, NOISY_SHARE, QUIET_AFTER

Given = list[tuple[Group, float]]


class Order(Protocol):
    """The groups of a queue with images that wait. A group joins when it has some again."""

    def join(self, group: Group) -> None: ...
    def give(self, most: float, in_flight: float, now: float) -> Given: ...


@dataclass
class Fair:
    """Quiet groups come first, the oldest image before others; then noisy ones, as many of each.

    A group is noisy from a tenth of all in flight on, and until its images are used up, or none was sent for five
    minutes (SQS developer guide, how fair queues work). SQS also looks at the share of the workers' time, which comes
    to the same where all images take as long.
    """

    quiet: list[tuple[float, int, Group]] = field(default_factory=list)  # a heap, by when the oldest image was sent
    noisy: list[Group] = field(default_factory=list)
    joined: int = 0

    def join(self, group: Group) -> None:
        """It is quiet, until it is seen that it is not."""
        self.joined += 1
        heapq.heappush(self.quiet, (group.oldest, self.joined, group))

    def give(self, most: float, in_flight: float, now: float) -> Given:
        """Up to `most` images, each group's count of them."""
        self._calm_down(now)
        given: Given = []
        left: list[Group] = []
        least_noisy = max(NOISY_FROM, NOISY_SHARE * (in_flight + most))
        while self.quiet and most > NEARLY:
            _, _, group = heapq.heappop(self.quiet)
            room = group.requests * least_noisy - group.in_flight
            if room > NEARLY:
                given.append((group, group.take(min(most, room))))
                most -= given[-1][1]
            (self.noisy if group.in_flight >= group.requests * least_noisy - NEARLY else left).append(group)
        for group in left:
            if group.waiting > NEARLY:
                self.join(group)
        return given + self._give_noisy(most)

    def _give_noisy(self, most: float) -> Given:
        """What is left, in equal parts."""
        given: Given = []
        self.noisy.sort(key=lambda group: group.waiting)
        for place, group in enumerate(self.noisy):
            given.append((group, group.take(most / (len(self.noisy) - place))))
            most -= given[-1][1]
        self.noisy = [group for group in self.noisy if group.waiting > NEARLY]
        return given

    def _calm_down(self, now: float) -> None:
        """Those of which nothing was sent for a while are quiet again."""
        calm = [group for group in self.noisy if now - group.last_sent >= QUIET_AFTER]
        for group in calm:
            self.noisy.remove(group)
            self.join(group)


@dataclass
class BatchTurns:
    """A batch of each group in turn, as `infra/local/emulator.py` gives them out."""

    batch: int
    groups: list[Group] = field(default_factory=list)  # whose turn was longest ago first

    def join(self, group: Group) -> None:
        """A group that never had its turn comes first."""
        self.groups.insert(0, group)

    def give(self, most: float, in_flight: float, now: float) -> Given:  # noqa: ARG002 - turns ask for neither
        """Up to `most` images, each group's count of them."""
        given: Given = []
        for group in list(self.groups):
            if most <= NEARLY:
                break
            given.append((group, group.take(min(most, self.batch - group.turn))))
            most -= given[-1][1]
            group.turn += given[-1][1]
            if group.turn >= self.batch - NEARLY or group.waiting <= NEARLY:
                group.turn = 0.0
                self.groups.remove(group)
                if group.waiting > NEARLY:
                    self.groups.append(group)
        return given
