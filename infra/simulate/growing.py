"""What AWS makes larger as it is used: batches of an event source mapping, and the pace of tables and buckets."""

from collections import deque
from dataclasses import dataclass, field

from infra.simulate.limits import GROWS_WITHIN, MORE_A_MINUTE, STARTS_WITH


@dataclass(slots=True)
class Mapping:
    """Batches at a time: few at first, more while messages are left, and again as few once there are none."""

    at_a_time: float = STARTS_WITH

    def step(self, seconds: float, busy: float, *, are_left: bool) -> None:
        """After a step in which `busy` of them had a batch."""
        more = MORE_A_MINUTE / 60 * seconds
        if are_left:
            self.at_a_time += more
        else:
            self.at_a_time = max(STARTS_WITH, busy, self.at_a_time - more)


@dataclass(slots=True)
class Growing:
    """A pace that may double: at any time it is twice the peak of what was used half an hour before, or more.

    DynamoDB says so of a table on demand. S3 says only that it splits what is busy gradually; people of AWS say within
    30 to 60 minutes, so the same is taken of it.
    """

    pace: float  # a second, at first
    most: float = float("inf")
    peaks: deque[tuple[float, float]] = field(default_factory=deque)  # when they were reached

    def allowed(self, now: float) -> float:
        """A second."""
        while self.peaks and self.peaks[0][0] <= now - GROWS_WITHIN:
            self.pace = max(self.pace, 2 * self.peaks.popleft()[1])
        return min(self.pace, self.most)

    def used(self, now: float, pace: float) -> None:
        """So many a second."""
        if not self.peaks or pace > self.peaks[-1][1]:
            self.peaks.append((now, pace))
