"""LocalStack's last free edition on this machine itself: no Docker, no token. Its functions are processes.

What it wants besides is put in its place by tests/localstack/plugin: DynamoDB Local, and what executes functions.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.dynamodb.server import start_command
from infra.local.engine import HOST, Engine

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".localstack"
START_SECONDS = 120
STOP_SECONDS = 20


class CannotStartError(Exception):
    """Something that it needs is not there, or it did not start; the message says which."""


@contextmanager
def running(log: Path, port: int = 0) -> Iterator[Engine]:
    """A LocalStack that forgets everything at its end; port 0 finds a free one.

    Raises CannotStartError, and infra.dynamodb.server's.
    """
    python = VENV / "bin" / "python"
    if not (VENV / ".ready").is_file():
        raise CannotStartError("LocalStack is not installed: `make .localstack/.ready`, which needs Python 3.13")
    port, dynamodb = port or _free_port(), start_command("{port}")
    with tempfile.TemporaryDirectory(prefix="localstack-", ignore_cleanup_errors=True) as folder, log.open("ab") as out:
        process = subprocess.Popen(
            [str(python), "-m", "localstack.runtime.main"],
            env=_environment(Path(folder), port, dynamodb),
            stdout=out,
            stderr=out,
            cwd=folder,
            start_new_session=True,
        )
        try:
            _wait_until_ready(process, port, log)
            yield Engine(port, process)
        finally:
            _stop(process)


def _environment(folder: Path, port: int, dynamodb: list[str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(Path(__file__).with_name("plugin")),
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        "LOCALSTACK_HOST": f"{HOST}:{port}",
        "SQS_ENDPOINT_STRATEGY": "path",  # the other ones make names that a resolver has to know
        "FILESYSTEM_ROOT": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),  # where it remembers which plugins there are
        "TMPDIR": str(folder),
        "DNS_ADDRESS": "0",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "PROVIDER_OVERRIDE_DYNAMODB": "v2",  # the other one makes streams with another server, which it downloads
        "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "v2",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT": "60",
        "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "1",  # of 10, which every step would wait for
        "IMAGEPRESS_LAMBDA_RUNTIME": str(VENV / "runtime"),
        "IMAGEPRESS_DYNAMODB_COMMAND": json.dumps(dynamodb),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"http://{HOST}:{port}/_localstack/health", timeout=5):
            return
        time.sleep(0.1)
    said = log.read_text(errors="replace").strip().rpartition("\n")[2]
    raise CannotStartError(f"LocalStack did not start: {said}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End it, and it ends DynamoDB Local and the functions; what outlives it, the next line ends."""
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(STOP_SECONDS)
