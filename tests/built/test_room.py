"""The room that functions run in refuses what Lambda refuses, so that the other tests mean something."""

import json
import os
from collections.abc import Callable, Iterator

import pytest

from infra.runtime.function import Answer, Function, Runtime, refusal, running
from tests.built.pipeline import failed_with

MEMORY = 128
NOBODY = 65534
HANDLER = """
import os, time

def handler(event, context):
    return eval(event["says"])
"""

Says = Callable[[str], Answer]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    if reason := refusal():
        pytest.skip(f"functions cannot be run as Lambda runs them: {reason}")
    folder = tmp_path_factory.mktemp("room")
    artefact = folder / "artefact"
    artefact.mkdir()
    (artefact / "tried.py").write_text(HANDLER)
    tried = Function("tried", artefact, "tried.handler", MEMORY, 2, {"TOLD": "by the template"})
    with running(tried, folder / "running") as runtime:
        yield runtime


@pytest.fixture
def says(room: Runtime) -> Says:
    return lambda what: room.invoke({"says": what})


@pytest.mark.parametrize("place", ["/var/task/x", "/x", "/usr/x", "/etc/x", "/var/runtime/x"])
def test_nothing_can_be_written(says: Says, place: str) -> None:
    assert "Read-only file system" in failed_with(says(f"open('{place}', 'w')"))


def test_but_in_tmp(says: Says) -> None:
    assert says("open('/tmp/x', 'w').write('12')").value == 2


def test_there_is_neither_memfd_nor_shared_memory(says: Says) -> None:
    assert "Function not implemented" in failed_with(says("os.memfd_create('x')"))
    assert says("os.path.exists('/dev/shm')").value is False


def test_the_function_is_who_the_template_says(says: Says) -> None:
    assert says("[context.function_name, os.environ['TOLD']]").value == ["tried", "by the template"]


@pytest.mark.skipif(os.geteuid() != 0, reason="a user namespace knows no other user")
def test_the_function_is_not_root(says: Says) -> None:
    assert says("os.getuid()").value == NOBODY


def test_more_memory_than_the_limit_kills_and_the_next_event_is_worked_on(says: Says, room: Runtime) -> None:
    if room.memory_limit.folder is None:
        assert "MemoryError" in failed_with(says(f"len(bytes({2 * MEMORY} << 20))"))
    else:
        assert "signal: killed" in failed_with(says(f"len(b'x' * ({2 * MEMORY} << 20))"))
    assert says("6 * 7").value == 42


def test_more_time_than_the_limit_kills_and_the_next_event_is_worked_on(says: Says) -> None:
    assert "timed out after 2.00 seconds" in failed_with(says("time.sleep(9)"))
    assert says("6 * 7").value == 42


def test_an_exception_is_told_as_lambda_tells_it(says: Says) -> None:
    assert json.loads(failed_with(says("1 / 0")))["errorType"] == "ZeroDivisionError"
