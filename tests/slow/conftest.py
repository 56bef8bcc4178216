"""The deployed template on the embedded engine, with keys on as in a deployment."""

from collections.abc import Iterator

import pytest

from infra.local.stack import LocalStack, local_stack
from tests.system.conftest import photo_origin, photos  # noqa: F401 - fixtures, for pytest to find here

API_KEY = "imgp_of-the-slow-tests"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("API_KEY", API_KEY)
        with local_stack(tmp_path_factory.mktemp("state"), 0, {"RequireKeys": "true"}) as running:
            yield running
