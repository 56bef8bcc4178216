"""A function's process, as tests/localstack has LocalStack start it, and the runtime API that it asks."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.localstack.plugin.imagepress_localstack.worker import Invocation, Worker

SECONDS = 20.0
RUNTIME = """
import os, sys, time, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"
while True:
    with urllib.request.urlopen(f"{api}/invocation/next") as asked:
        request_id, said = asked.headers["Lambda-Runtime-Aws-Request-Id"], asked.read()
    print("got", said.decode(), flush=True)
    if said == b'"die"':
        os.kill(os.getpid(), 9)
    if said == b'"leave"':
        sys.exit(3)
    if said == b'"sleep"':
        time.sleep(60)
    end = "error" if said == b'"fail"' else "response"
    urllib.request.urlopen(f"{api}/invocation/{request_id}/{end}", said).read()
"""
Start = Callable[[str], Worker]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    workers: list[Worker] = []
    with (tmp_path / "log").open("wb") as log:

        def started(script: str) -> Worker:
            workers.append(Worker([sys.executable, "-c", script], os.environ, tmp_path, log))
            return workers[-1]

        yield started
        for worker in workers:
            worker.end()


@pytest.fixture
def worker(start: Start) -> Worker:
    worker = start(RUNTIME)
    assert not worker.started(SECONDS).is_error
    return worker


def sent(payload: str, seconds: float = SECONDS) -> Invocation:
    return Invocation("id", "arn:aws:lambda:function", "trace", payload.encode(), time.time() + seconds)


def test_an_answer_is_given_back_and_the_process_goes_on(worker: Worker, tmp_path: Path) -> None:
    for payload in ('{"n": 1}', '{"n": 2}'):
        outcome = worker.invoke(sent(payload))
        assert (outcome.payload.decode(), outcome.is_error, outcome.is_end) == (payload, False, False)
    assert (tmp_path / "log").read_text() == 'got {"n": 1}\ngot {"n": 2}\n'


def test_an_error_of_the_handler_is_no_end_of_the_process(worker: Worker) -> None:
    outcome = worker.invoke(sent('"fail"'))
    assert (outcome.is_error, outcome.is_end) == (True, False)
    assert not worker.invoke(sent("1")).is_error


@pytest.mark.parametrize(("payload", "how"), [('"die"', "signal: SIGKILL"), ('"leave"', "exit status 3")])
def test_a_process_that_ends_is_told_of_as_lambda_tells_of_it(worker: Worker, payload: str, how: str) -> None:
    outcome = worker.invoke(sent(payload))
    assert (outcome.is_error, outcome.is_end) == (True, True)
    assert b"Runtime.ExitError" in outcome.payload
    assert how.encode() in outcome.payload


def test_a_process_that_takes_too_long_is_ended(worker: Worker) -> None:
    outcome = worker.invoke(sent('"sleep"', seconds=0.5))
    assert (outcome.is_error, outcome.is_end) == (True, True)
    assert b"timed out" in outcome.payload


def test_a_handler_that_cannot_be_imported_is_no_start(start: Start) -> None:
    outcome = start("raise ImportError").started(SECONDS)
    assert (outcome.is_error, outcome.is_end) == (True, True)
