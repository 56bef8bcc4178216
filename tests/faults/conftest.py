"""Every failure that is injected would be logged."""

from collections.abc import Iterator

import pytest

from functions.adapters.telemetry import logger


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    level = logger.log_level
    logger.setLevel("CRITICAL")
    yield
    logger.setLevel(level)
