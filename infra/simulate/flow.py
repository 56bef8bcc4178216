"""Where images are on their way: groups, lines that take a time, functions that take a request at a time."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

NEARLY = 1e-9  # of an image or a second: what rounding leaves


@dataclass(slots=True, eq=False)
class Group:
    """Requests of one size that arrived together: a MessageGroupId, or `requests` of them alike."""

    arrived: float
    images: int
    requests: int = 1
    waiting: float = 0.0  # in the queue
    in_flight: float = 0.0
    counted: float = 0.0
    counted_at: float | None = None  # all of them
    turn: float = 0.0  # images of it in a batch that is not yet full
    sent: deque[tuple[float, float]] = field(default_factory=deque)  # when and how many of those that wait
    last_sent: float = 0.0
    ended: float | None = None

    @property
    def total(self) -> int:
        """Images of all its requests."""
        return self.images * self.requests

    @property
    def oldest(self) -> float:
        """When the oldest of its images that wait was sent."""
        return self.sent[0][0]

    def send(self, count: float, now: float) -> None:
        """More images wait."""
        self.waiting += count
        self.sent.append((now, count))
        self.last_sent = now

    def take(self, most: float) -> float:
        """As many of those that wait, the oldest first."""
        taken = min(most, self.waiting)
        left = taken
        while self.sent and self.sent[0][1] <= left + NEARLY:
            left -= self.sent.popleft()[1]
        if self.sent and left > 0:
            when, count = self.sent[0]
            self.sent[0] = (when, count - left)
        self.waiting = self.waiting - taken if self.sent else 0.0
        self.in_flight += taken
        return taken


Parts = dict[Group, float]  # images by group


def add(parts: Parts, group: Group, count: float) -> None:
    """More of a group."""
    parts[group] = parts.get(group, 0.0) + count


def first(parts: Parts, most: float, most_a_request: float = float("inf")) -> Parts:
    """Take out up to `most`, in the order in which groups came."""
    taken: Parts = {}
    for group, there in parts.items():
        if most <= NEARLY:
            break
        taken[group] = min(there, most, most_a_request * group.requests)
        most -= taken[group]
    for group, count in taken.items():
        parts[group] -= count
        if parts[group] <= NEARLY:
            taken[group] += parts.pop(group)
    return taken


def alike(parts: Parts, most: float, most_a_request: float) -> Parts:
    """Take out up to `most`, the same share of each group, and of none more than its own most."""
    wanted = {group: min(there, most_a_request * group.requests) for group, there in parts.items()}
    total = sum(wanted.values())
    share = min(1.0, most / total) if total else 0.0
    taken = {group: count * share for group, count in wanted.items()}
    for group, count in taken.items():
        parts[group] -= count
        if parts[group] <= NEARLY:
            taken[group] += parts.pop(group)
    return taken


@dataclass(slots=True)
class Line:
    """What comes in goes out `seconds` later; between two steps, in parts on either."""

    seconds: float
    step: float
    steps: deque[Parts] = field(default_factory=deque)
    inside: float = 0.0

    def put(self, group: Group, count: float) -> None:
        """Images, or whatever is counted."""
        self.inside += count
        whole, part = divmod(self.seconds / self.step, 1)
        for later, share in ((int(whole), 1 - part), (int(whole) + 1, part)):
            if share > NEARLY:
                while len(self.steps) < max(later, 1):
                    self.steps.append({})
                add(self.steps[max(later, 1) - 1], group, count * share)

    def out(self) -> Parts:
        """What is due in this step; called once a step."""
        due = self.steps.popleft() if self.steps else {}
        self.inside = self.inside - sum(due.values()) if self.steps else 0.0
        return due


@dataclass(slots=True)
class Job:
    """A group's turn at a function: one invocation for each of its requests."""

    group: Group
    seconds: float  # of all its invocations
    left: float


@dataclass(slots=True)
class Functions:
    """Up to `most` invocations at a time, one for each request, first come, first served."""

    most: int
    jobs: deque[Job] = field(default_factory=deque)
    busy: float = 0.0  # of them, in the last step
    is_full: bool = False  # somebody had to wait in the last step

    def put(self, group: Group, seconds: float) -> None:
        """Each of its requests takes so long."""
        self.jobs.append(Job(group, seconds * group.requests, seconds * group.requests))

    def work(self, step: float) -> Iterator[tuple[Group, float, bool]]:
        """Each group that was worked on, the share of its work that was done in this step, whether all of it is."""
        budget = self.most * step
        left: list[Job] = []
        while self.jobs and budget > NEARLY:
            job = self.jobs.popleft()
            done = min(job.left, job.group.requests * step, budget)
            budget -= done
            job.left -= done
            yield job.group, done / job.seconds, job.left <= NEARLY
            if job.left > NEARLY:
                left.append(job)
        self.is_full = budget <= NEARLY and bool(left or self.jobs)
        self.jobs.extendleft(reversed(left))
        self.busy = self.most - max(0.0, budget) / step
