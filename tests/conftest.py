"""Servers on loopback, and the ways out to them."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.adapters.http.fetch import Fetcher
from functions.adapters.http.post import Poster
from infra.dynamodb import server as dynamodb_server
from tests import aws
from tests.dynamodb_local import Younger
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


@pytest.fixture(scope="session")
def dynamodb_local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of DynamoDB Local. Skipped, with the reason, where that cannot start."""
    try:
        with dynamodb_server.running(tmp_path_factory.mktemp("dynamodb") / "log") as url:
            yield Younger(aws.client("dynamodb", url))
    except dynamodb_server.CannotStartError as error:
        pytest.skip(str(error))
