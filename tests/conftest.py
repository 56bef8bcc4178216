"""Servers on loopback, and the ways out to them."""

from collections.abc import Iterator

import pytest

from functions.adapters.http.fetch import Fetcher
from functions.adapters.http.post import Poster
from tests.loopback import LOOPBACK, MAX_BYTES, Server, serving


@pytest.fixture
def origin() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    made = Fetcher.connect(LOOPBACK, MAX_BYTES)
    yield made
    made.pools.clear()


@pytest.fixture
def poster() -> Iterator[Poster]:
    made = Poster.connect(LOOPBACK)
    yield made
    made.adapter.close()
