"""Sends webhooks with `requests`, mounted on the guarded pools."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter

from functions.adapters.fetch import retry_after
from functions.adapters.guard import USER_AGENT, Guard, deadline
from functions.core.addresses import AddressPolicy
from functions.core.errors import ImageError
from functions.core.posted import Posted

MAX_SECONDS = 15.0  # wall clock for one attempt
CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts bodies to URLs that users named."""

    guard: Guard
    session: requests.Session = field(repr=False)
    max_seconds: float = MAX_SECONDS

    @classmethod
    def connect(cls, policy: AddressPolicy) -> Self:
        """With a session of its own."""
        guard = Guard(policy)
        session = requests.Session()
        session.trust_env = False  # no proxy, no .netrc: neither is the user's to choose
        for prefix in ("http://", "https://"):
            session.mount(prefix, _GuardedAdapter(guard))
        return cls(guard, session)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """One attempt, without redirects; whatever happens is an answer, never an exception."""
        begun = time.monotonic()
        try:
            self.guard.check_url(url)
            with deadline(self.max_seconds):
                response = self.session.post(
                    url,
                    data=body,
                    headers={"User-Agent": USER_AGENT, **headers},
                    timeout=(CONNECT_SECONDS, self.max_seconds),
                    allow_redirects=False,
                    stream=True,
                )
                response.close()
        except ImageError as error:
            return Posted(None, f"{error.code}: {error.message}", _milliseconds(begun))
        except (requests.RequestException, OSError) as error:
            return Posted(None, f"{type(error).__name__}", _milliseconds(begun))
        wait = retry_after(response.headers, time.time())
        return Posted(response.status_code, None, _milliseconds(begun), wait)


class _GuardedAdapter(HTTPAdapter):
    """An adapter whose connections the guard makes."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        super().__init__()

    def init_poolmanager(self, *_args: Any, **_kwargs: Any) -> None:
        self.poolmanager = self._guard.pools()


def _milliseconds(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
