"""The stack on the embedded engine with nobody who takes its messages, and every function run from its zip."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from infra.local.origin import serving
from infra.local.stack import LocalStack, local_stack
from infra.runtime.function import Runtime, refusal, running
from tests.built.packages import FUNCTIONS, Package, packed
from tests.built.pipeline import Pipeline, function
from tests.built.sources import write_sources
from tests.system.messages import paused
from tests.system.receiver import Receiver, receiving

PARAMETERS = {
    "CompressMemory": "1024",  # the template's, not the embedded run's
    "RecoverSchedule": "rate(1 day)",  # the tests are the schedule
    "Patience": "1",
}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with ExitStack() as opened:
        running_stack = opened.enter_context(local_stack(tmp_path_factory.mktemp("state"), 0, PARAMETERS))
        for name in FUNCTIONS:
            opened.enter_context(paused(running_stack, name))
        yield running_stack


@pytest.fixture(scope="session")
def packages(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Package]:
    return packed(stack.engine.url, tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="session")
def pipeline(
    stack: LocalStack, packages: dict[str, Package], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pipeline]:
    if reason := refusal():
        pytest.skip(f"what was built cannot be run as Lambda runs it: {reason}")
    folder = tmp_path_factory.mktemp("runtimes")
    with ExitStack() as opened:

        @cache
        def runtime(name: str) -> Runtime:
            return opened.enter_context(running(function(stack, name, packages[name]), folder / name))

        yield Pipeline(stack, runtime)


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A shop with a picture of every format."""
    folder: Path = tmp_path_factory.mktemp("origin")
    write_sources(folder)
    with serving(folder) as url:
        yield url


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running_receiver:
        yield running_receiver
