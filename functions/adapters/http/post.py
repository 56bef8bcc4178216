"""Sends webhooks with `requests` on the guarded pools: by its adapter alone.

A session would read the body of a redirect to its end, whatever its size, keep cookies between owners, and look for
proxies and .netrc in the environment.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter

from functions.adapters.http.fetch import retry_after
from functions.adapters.http.guard import USER_AGENT, Guard, deadline
from functions.core.errors import ImageCode, ImageError, PermanentError
from functions.core.network import AddressPolicy
from functions.core.webhooks import Posted

MAX_SECONDS = 15.0  # wall clock for one attempt
CONNECT_SECONDS = 5.0
HEADERS = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts bodies to URLs that users named."""

    guard: Guard
    adapter: HTTPAdapter = field(repr=False)
    max_seconds: float = MAX_SECONDS

    @classmethod
    def connect(cls, policy: AddressPolicy) -> Self:
        """A poster with its own connection pools."""
        guard = Guard(policy)
        return cls(guard, _GuardedAdapter(guard))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """One attempt, without redirects; whatever happens is an answer, never an exception."""
        begun = time.monotonic()
        try:
            checked = self.guard.check_url(url).url
            prepared = requests.Request("POST", checked, {**HEADERS, **headers}, data=body).prepare()
            with deadline(self.max_seconds):
                timeout = (CONNECT_SECONDS, self.max_seconds)
                response = self.adapter.send(prepared, stream=True, timeout=timeout)
                response.close()
        except ImageError as error:
            is_permanent = isinstance(error, PermanentError)
            return Posted(None, f"{error.code}: {error.message}", _milliseconds(begun), is_permanent=is_permanent)
        except (requests.RequestException, OSError, ValueError) as error:
            return Posted(None, _told(error), _milliseconds(begun))
        wait = retry_after(response.headers, time.time())
        return Posted(response.status_code, None, _milliseconds(begun), wait)


class _GuardedAdapter(HTTPAdapter):
    """An adapter whose connections the guard makes."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        super().__init__()

    def init_poolmanager(self, *_args: Any, **_kwargs: Any) -> None:
        self.poolmanager = self._guard.pools()


def _told(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return f"{ImageCode.TLS_FAILED}: its certificate is not one to trust"
    if isinstance(error, (requests.Timeout, TimeoutError)):
        return f"{ImageCode.TIMEOUT}: it took too long to answer"
    return f"{ImageCode.CONNECTION_FAILED}: it could not be reached"


def _milliseconds(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
