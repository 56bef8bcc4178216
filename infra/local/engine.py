"""The emulated AWS that the embedded run deploys to: ministack, on loopback, its state in a folder."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
START_SECONDS = 60
STOP_SECONDS = 20
COMMAND = Path(__file__).with_name("emulator.py")


class EngineError(Exception):
    """The engine did not start; the message says where its log is."""


@dataclass(frozen=True)
class Engine:
    """A running engine."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """What AWS_ENDPOINT_URL is set to."""
        return f"http://{HOST}:{self.port}"


def own_port(folder: Path) -> int:
    """The engine's port, the same over restarts: the URLs of queues, and so their messages, are kept under it.

    Raises EngineError when it is the port of somebody else by now.
    """
    file = folder / "engine-port"
    wanted = int(file.read_text()) if file.exists() else 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError as error:
            raise EngineError(
                f"port {wanted}, which the state in {folder} needs, is taken: {error.strerror}"
            ) from error
        port = int(probe.getsockname()[1])
    file.write_text(str(port))
    return port


@contextmanager
def running(folder: Path) -> Iterator[Engine]:
    """An engine with its state and its log in `folder`; it is stopped cleanly, which saves the state."""
    folder.mkdir(parents=True, exist_ok=True)
    port = own_port(folder)
    with (folder / "engine.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", str(COMMAND)],  # its neighbours in that folder are no packages of the engine's
            env=_environment(folder, port),
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is ours: the engine is told to stop when its users have stopped
        )
    engine = Engine(port, process)
    try:
        _wait_until_ready(engine, folder)
        yield engine
    finally:
        _stop(process)


def _environment(folder: Path, port: int) -> dict[str, str]:
    own_python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    return {
        **kept,
        **CREDENTIALS,
        "PATH": own_python,  # functions run with the interpreter and the packages of the embedded run
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "BIND_HOST": HOST,  # by default every interface
        "GATEWAY_PORT": str(port),
        "TMPDIR": str(_made(folder / "tmp")),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(_made(folder / "state")),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(_made(folder / "s3")),
        "LOG_LEVEL": "WARNING",
    }


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _wait_until_ready(engine: Engine, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if engine.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{engine.url}/_ministack/health", timeout=2):  # noqa: S310 - our own http URL
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise EngineError(f"the engine did not start; see {folder / 'engine.log'}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the engine and the functions that it started: it saves its state on SIGINT."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.terminate()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # workers that outlived it
    process.wait(STOP_SECONDS)
