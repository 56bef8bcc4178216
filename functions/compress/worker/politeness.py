"""How one worker treats origins: few downloads from a host at a time, none while the host asks for a pause.

A host is the one that the URL names. Where that redirects elsewhere, the other host is not looked at: origins that
redirect mostly do so to one place, whose own URL's turn it then shares.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from functions.core.errors import ImageCode, OverloadedError, TransientError

MAX_PAUSE = 2.0  # seconds that a thread waits for a host to be asked again: longer ones are cheaper in the queue
USUAL_PAUSE = 5.0  # seconds of a host that is overloaded and does not say for how long
LONGEST_PAUSE = 900.0  # seconds; as long as a message can be delayed
MAX_HOSTS = 1_000  # that are remembered, of those that nothing is asked of


class PausedError(TransientError):
    """The host asked for a pause that is too long to wait for here. `retry_after` is how long it lasts."""

    def __init__(self, seconds: float) -> None:
        super().__init__(ImageCode.RATE_LIMITED, f"not asked: the host wants {seconds:.0f} s of rest", seconds)


class NoTurnError(Exception):
    """No turn at the host came free in time."""


@dataclass
class _Host:
    limit: int
    active: int = 0
    asked_again_at: float = 0.0


class Politeness:
    """At most `connections` downloads from a host at a time; half as many after each answer that asks for less.

    It is shared by the threads of a worker and kept from batch to batch. `clock` is monotonic, in seconds.
    """

    def __init__(self, connections: int, clock: Callable[[], float]) -> None:
        self._connections = connections
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, url: str, patience: float) -> Iterator[None]:
        """Wait for a turn at the URL's host, for `patience` seconds at the most; it ends with the download.

        Raises PausedError or NoTurnError. Who waits here must hold nothing that a download may wait for.
        """
        name = host_of(url)
        self._enter(name, self._clock() + patience)
        try:
            yield
        except OverloadedError as error:
            self._leave(name, USUAL_PAUSE if error.retry_after is None else error.retry_after)
            raise
        except BaseException:
            self._leave(name)
            raise
        self._leave(name)

    def _enter(self, name: str, until: float) -> None:
        with self._changed:
            while not self._is_free(host := self._host(name)):
                now = self._clock()
                pause = host.asked_again_at - now
                if pause > 0 and pause > min(MAX_PAUSE, until - now):
                    raise PausedError(pause)
                if until <= now:
                    raise NoTurnError(name)
                self._changed.wait(pause if pause > 0 else until - now)
            host.active += 1

    def _is_free(self, host: _Host) -> bool:
        return host.asked_again_at <= self._clock() and host.active < host.limit

    def _leave(self, name: str, pause: float | None = None) -> None:
        with self._changed:
            host = self._host(name)
            host.active -= 1
            if pause is None:
                host.limit = min(host.limit + 1, self._connections)
            else:
                host.limit = max(1, host.limit // 2)
                host.asked_again_at = max(host.asked_again_at, self._clock() + min(pause, LONGEST_PAUSE))
            self._changed.notify_all()

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            if len(self._hosts) >= MAX_HOSTS:
                self._forget()
            self._hosts[name] = _Host(self._connections)
        return self._hosts[name]

    def _forget(self) -> None:
        """Drop the hosts that have no download running and no pause."""
        now = self._clock()
        busy = {name: host for name, host in self._hosts.items() if host.active or host.asked_again_at > now}
        self._hosts = busy


def host_of(url: str) -> str:
    """The host that a URL names. For a URL that cannot be read, the URL itself."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url
