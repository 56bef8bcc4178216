"""Memory that threads share. A thread that needs more than is left waits, so no mix of images can kill the worker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Budget:
    """A number of bytes. A single need that exceeds the whole budget waits until it is alone."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._used = 0
        self._changed = threading.Condition()

    @contextmanager
    def reservation(self) -> Iterator["Reservation"]:
        """A share that grows by what is asked for, and is given back at the end."""
        share = Reservation(self)
        try:
            yield share
        finally:
            share.resize(0)

    def _take(self, size: int) -> int:
        size = min(size, self.total)
        with self._changed:
            self._changed.wait_for(lambda: self._used + size <= self.total)
            self._used += size
        return size

    def _give_back(self, size: int) -> None:
        with self._changed:
            self._used -= size
            self._changed.notify_all()


class Reservation:
    """One holder's share of a budget.

    It is taken once: who holds some never waits for more, so nobody blocks forever.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._held = 0

    def take(self, size: int) -> None:
        """Wait until so many bytes are free, and hold them."""
        self.resize(0)
        self._held = self._budget._take(size)

    def resize(self, size: int) -> None:
        """Give back all but `size` bytes."""
        if size < self._held:
            self._budget._give_back(self._held - size)
            self._held = size
