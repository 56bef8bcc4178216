"""A day's images: a steady rate, and an hour of ten times the mean, in requests of three sizes.

An hour, because a shop imports its catalogue at once, and shops do so at the same time of the day. That hour has 10/24
of the day's images. A shorter burst would be over before the workers have started, which takes three minutes; a longer
one would leave too little for the rest of the day.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

DAY = 86_400
BURST_SECONDS = 3_600
BURST_FACTOR = 10  # of the mean
BEFORE = 600  # seconds of the model before the burst, so that it does not begin with a standstill
SMALL = 100  # images of a small request
LARGE, LARGEST = 100_000, 1_000_000
SMALL_SHARE = 0.1  # of all images
LARGEST_FROM = 10_000_000  # images a day; fewer have no request of a million


@dataclass(frozen=True, slots=True)
class Arrival:
    """`requests` of the same size that arrive in the same second."""

    second: int
    images: int
    requests: int = 1


@dataclass(frozen=True, slots=True)
class Demand:
    """Of one day. The seed only shifts the requests within their gaps."""

    images_a_day: float
    seed: int = 1

    @property
    def mean(self) -> float:
        """Images a second, over the day."""
        return self.images_a_day / DAY

    @property
    def peak(self) -> float:
        """Images a second in the burst."""
        return BURST_FACTOR * self.mean

    @property
    def usual(self) -> float:
        """Images a second in the rest of the day, so that the day has no more than its images."""
        return (self.images_a_day - self.peak * BURST_SECONDS) / (DAY - BURST_SECONDS)

    def rate(self, second: int) -> float:
        """Images a second; the burst begins after BEFORE seconds."""
        return self.peak if BEFORE <= second < BEFORE + BURST_SECONDS else self.usual

    def shares(self) -> dict[int, float]:
        """Of all images, by the size of the request that they are in."""
        large = 1 - SMALL_SHARE
        if self.images_a_day < LARGEST_FROM:
            return {SMALL: SMALL_SHARE, LARGE: large}
        return {SMALL: SMALL_SHARE, LARGE: large / 2, LARGEST: large / 2}

    def arrivals(self, seconds: int) -> Iterator[list[Arrival]]:
        """For each second, the requests that arrive in it: evenly, as many as the rate makes."""
        rng = random.Random(self.seed)  # noqa: S311 - a shift, not a secret
        due = {size: rng.random() for size in self.shares()}
        for second in range(seconds):
            arrived = []
            for size, share in self.shares().items():
                due[size] += self.rate(second) * share / size
                if due[size] >= 1:
                    arrived.append(Arrival(second, size, int(due[size])))
                    due[size] -= int(due[size])
            yield arrived
