"""`make sam-local` as it is, in containers of a Docker of our own, against the stack on the embedded engine."""

import json
import os
import platform
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.deploy import ROOT, STACK
from infra.local.engine import CREDENTIALS, REGION
from infra.local.stack import LocalStack, local_stack
from infra.localstack.env_vars import environments
from infra.runtime.function import free_ports
from tests.built.packages import FUNCTIONS
from tests.sam_local import docker
from tests.sam_local.docker import Docker, NoDockerError
from tests.system.messages import paused

IMAGES = ROOT / ".sam-local"
IMAGE_SECONDS = 600
START_SECONDS = 120
INVOKE_SECONDS = 120

ARCHITECTURE = "arm64" if platform.machine() == "aarch64" else "x86_64"

Invoke = Callable[[str, object], Any]


@dataclass(frozen=True)
class Sam:
    """The SAM CLI with that Docker, and the stack as containers reach it."""

    environment: dict[str, str]
    endpoint: str


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker]:
    with ExitStack() as stack:
        try:
            running = stack.enter_context(docker.running(IMAGES, tmp_path_factory.mktemp("docker")))
        except NoDockerError as error:
            pytest.skip(f"sam local is not tried, because Docker cannot be started: {error}")
        made = subprocess.run(
            [ROOT / "infra/sam/base_image.sh"],
            env=running.environment,
            capture_output=True,
            text=True,
            timeout=IMAGE_SECONDS,
            check=False,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        yield running


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with ExitStack() as opened:
        running = opened.enter_context(local_stack(tmp_path_factory.mktemp("state"), 0))
        for name in FUNCTIONS:
            opened.enter_context(paused(running, name))
        yield running


@pytest.fixture(scope="session")
def sam(daemon: Docker, stack: LocalStack) -> Iterator[Sam]:
    with docker.forwarding(stack.engine.port) as endpoint:
        quiet = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": REGION}
        yield Sam({**daemon.environment, **CREDENTIALS, **quiet}, endpoint)


@pytest.fixture(scope="session")
def api(sam: Sam, stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of `make sam-local`."""
    port, log = free_ports(1)[0], tmp_path_factory.mktemp("api") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *("make", "--old-file=build", "sam-local", f"ENDPOINT={sam.endpoint}"),
                f"SAM_LOCAL=--skip-pull-image --port {port}",
            ],
            env={**sam.environment, "LOCALSTACK_HOST": f"127.0.0.1:{stack.engine.port}"},
            cwd=ROOT,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process, log)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGINT)  # make, and the CLI, which removes its containers
        process.wait(START_SECONDS)


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{url}/health", timeout=START_SECONDS).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.5)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


@pytest.fixture(scope="session")
def invoke(sam: Sam, stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Invoke:
    """`sam local invoke` with an event; the function's answer."""
    folder = tmp_path_factory.mktemp("invoke")
    variables, file = folder / "env_vars.json", folder / "event.json"
    variables.write_text(json.dumps(environments(stack.stack, STACK, sam.endpoint)))

    def invoked(function: str, event: object) -> Any:
        file.write_text(json.dumps(event))
        command: list[str | Path] = [
            *(ROOT / ".sam/bin/sam", "local", "invoke", function, "--skip-pull-image"),
            *("--env-vars", variables, "--event", file),
            *("--parameter-overrides", f"AwsEndpointUrl={sam.endpoint} Architecture={ARCHITECTURE}"),
        ]
        done = subprocess.run(
            command,
            env=sam.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=INVOKE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    return invoked
