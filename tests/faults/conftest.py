"""Every failure that is injected would be logged; every world has a table that is to go with its test."""

from collections.abc import Iterator

import pytest

from functions.adapters.telemetry import logger
from tests.faults.world import World


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    level = logger.log_level
    logger.setLevel("CRITICAL")
    yield
    logger.setLevel(level)


@pytest.fixture
def worlds() -> Iterator[list[World]]:
    """Those that a test has made."""
    made: list[World] = []
    yield made
    for world in made:
        world.close()
