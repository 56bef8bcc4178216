"""Runs what was built as Lambda runs it: awslambdaric under the runtime interface emulator, in a room like Lambda's.

    with running(Function("imagepress-tally", folder, "functions.tally.handler.lambda_handler", 512, 60, variables),
                 tmp / "tally") as tally:
        answer = tally.invoke({"Records": []})

`make .runtime/.ready .sam/.ready` installs what it needs. It takes Linux, and root or user namespaces.
Nothing but the standard library is imported, so that any Python from 3.11 on can use it.
"""

import http.client
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from infra.runtime.memory import Limit, limited

ROOT = Path(__file__).parents[2]
SITE = ROOT / ".runtime/site"
SANDBOX = Path(__file__).with_name("sandbox.py")
INVOCATIONS = "/2015-03-31/functions/function/invocations"
HOST = "127.0.0.1"
START_SECONDS = 20
STOP_SECONDS = 10
GRACE_SECONDS = 30  # over its time-out, for a function to start and to be killed

LAMBDA = {  # what Lambda tells every python3.13
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "PYTHONPATH": "/var/task:/opt/python:/var/runtime",
    "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/task:/var/task/lib:/opt/lib",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin:/bin",
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
}


class NoRuntimeError(Exception):
    """Functions cannot be run like this here; the message says what is missing."""


@dataclass(frozen=True)
class Function:
    """What Lambda knows of a function. `artefact` is its code as a folder; `memory` is in MB, `timeout` in seconds."""

    name: str
    artefact: Path
    handler: str
    memory: int
    timeout: int
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What an invocation came to; `error` is what Lambda would say of a function that failed, None otherwise."""

    payload: bytes
    error: str | None = None

    @property
    def value(self) -> Any:
        """The payload, which is JSON. Raises FunctionFailedError for that of a function that failed."""
        if self.error is not None:
            raise FunctionFailedError(f"{self.error}: {self.payload.decode(errors='replace')}")
        return json.loads(self.payload)


class FunctionFailedError(Exception):
    """The function raised, died, or ran out of time or memory; the message has its own words."""


@dataclass
class Runtime:
    """A function that waits for events, one at a time. What it writes is in `log`."""

    function: Function
    log: Path
    memory_limit: Limit
    _port: int
    _process: "subprocess.Popen[bytes]"
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def invoke(self, event: object) -> Answer:
        """Have an event worked on; bytes are sent as they are, all else as JSON."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        with self._turn:
            connection = http.client.HTTPConnection(HOST, self._port, timeout=self.function.timeout + GRACE_SECONDS)
            try:
                connection.request("POST", INVOCATIONS, body)
                response = connection.getresponse()
                return _answer(response.status, response.read())
            finally:
                connection.close()

    def kill(self) -> None:
        """Kill what works on an event, as Lambda does when the time is over; the next event starts it again."""
        for emulator_pid in _children(self._process.pid):
            for pid in _children(emulator_pid):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def running(function: Function, folder: Path, *, has_memfd: bool = False) -> Iterator[Runtime]:
    """The function, started; it and all it started is killed at the end. Its log and its /tmp are in `folder`.

    Raises NoRuntimeError.
    """
    (folder / "root").mkdir(parents=True)
    scratch = folder / "tmp"
    scratch.mkdir()
    scratch.chmod(0o1777)
    log = folder / "log"
    with ExitStack() as stack:
        limit = stack.enter_context(limited(function.memory))
        port, api_port = free_ports(2)
        room = {
            "root": str(folder / "root"),
            "readable": {
                "/var/task": str(function.artefact.resolve()),
                "/var/runtime": str(_installed(SITE)),
                "/var/lang": str(_python_prefix()),
                "/var/rapid": str(_installed(emulator()).parent),
                "/opt": str(_empty(folder / "opt")),
            },
            "writable": {"/tmp": str(scratch.resolve())},  # noqa: S108 - that of the room
            "folder": "/var/task",
            "cgroup": str(limit.folder or ""),
            "data_bytes": limit.data_bytes,
            "has_memfd": has_memfd,
            "is_root": os.geteuid() == 0,
            "environment": {**function.environment, **LAMBDA, **_told(function)},
            "command": [
                f"/var/rapid/{emulator().name}",
                f"--runtime-interface-emulator-address={HOST}:{port}",
                f"--runtime-api-address={HOST}:{api_port}",
                "/var/lang/bin/python3.13",
                "-m",
                "awslambdaric",
                function.handler,
            ],
        }
        process = stack.enter_context(_started(room, log))
        _wait_until_open(port, process, log)
        yield Runtime(function, log, limit, port, process)


@cache
def refusal() -> str | None:
    """Why functions cannot be run like this here; None where they can."""
    if sys.platform != "linux" or not shutil.which("unshare"):
        return "needs Linux and util-linux's unshare"
    tried = subprocess.run([*_unshare(), "true"], capture_output=True, text=True, check=False)
    return f"needs root or user namespaces: {tried.stderr.strip()}" if tried.returncode else None


def emulator() -> Path:
    """The runtime interface emulator, as the SAM CLI's wheel brings it for this machine."""
    machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    found = (ROOT / ".sam").glob(f"lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}")
    return next(found, ROOT / ".sam/aws-lambda-rie")


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody has for the moment."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _told(function: Function) -> dict[str, str]:
    return {
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_HANDLER": function.handler,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "_HANDLER": function.handler,
    }


def _answer(status: int, payload: bytes) -> Answer:
    """The emulator has no header for a failure: it answers with text, or with Lambda's object of three members."""
    try:
        value = json.loads(payload)
    except ValueError:
        return Answer(payload, "Unhandled")
    failed = status >= http.client.BAD_REQUEST or (
        isinstance(value, dict) and {"errorType", "errorMessage"} <= set(value)
    )
    return Answer(payload, "Unhandled" if failed else None)


@contextmanager
def _started(room: dict[str, Any], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*_unshare(), sys.executable, "-IB", str(SANDBOX), json.dumps(room)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        for pid in _children(process.pid) or [process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)  # the first process of its namespace: all others there die with it
        process.wait(STOP_SECONDS)


def _children(pid: int) -> list[int]:
    """Of all its threads."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # one that has ended meanwhile
            found += map(int, file.read_text().split())
    return found


def _unshare() -> list[str]:
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *user, "--mount", "--pid", "--fork", "--kill-child"]


def _wait_until_open(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.02)
    raise NoRuntimeError(f"the emulator did not start: {log.read_text(errors='replace')[-2000:]}")


@cache
def _python_prefix() -> Path:
    """The prefix of Python 3.13, which is at /var/lang in Lambda."""
    found = subprocess.run([ROOT / "infra/sam/python313.sh"], capture_output=True, text=True, check=False)
    if found.returncode:
        raise NoRuntimeError(found.stderr.strip())
    prefix = "import sys; print(sys.base_prefix)"
    return Path(
        subprocess.run([found.stdout.strip(), "-c", prefix], capture_output=True, text=True, check=True).stdout.strip()
    )


def _installed(path: Path) -> Path:
    if not path.exists():
        raise NoRuntimeError(f"{path} is missing: run `make .sam/.ready .runtime/.ready`")
    return path


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder
