"""A Docker of our own: a daemon, its socket, its images and its bridge, all gone at the end but for the images."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

TOOLS = ("dockerd", "docker", "containerd", "ip", "debootstrap")
START_SECONDS = 30
GATEWAY = "10.213.77.1"  # the host, as containers reach it
BRIDGE = "imagepress0"


class NoDockerError(Exception):
    """Docker cannot be started here; the message says why."""


@dataclass(frozen=True)
class Docker:
    """A running daemon."""

    environment: dict[str, str]


@contextmanager
def running(images: Path, folder: Path) -> Iterator[Docker]:
    """A daemon that keeps its images in a folder. Raises NoDockerError."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if os.geteuid() or missing:
        raise NoDockerError(f"it takes root, and {missing or TOOLS}: apt-get install docker.io debootstrap iproute2")
    with ExitStack() as stack:
        stack.enter_context(_bridge())
        yield stack.enter_context(_daemon(images, folder))


@contextmanager
def forwarding(port: int) -> Iterator[str]:
    """What listens on that port of loopback, for containers; its base URL there."""

    class Forward(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as inner:
                back = threading.Thread(target=_pump, args=(inner, self.request))
                back.start()
                _pump(self.request, inner)
                back.join()

    with ThreadingTCPServer((GATEWAY, 0), Forward) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{GATEWAY}:{server.server_address[1]}"
        finally:
            server.shutdown()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(1 << 16):
            sink.sendall(some)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def _bridge() -> Iterator[None]:
    _ip("link", "add", "name", BRIDGE, "type", "bridge")
    try:
        _ip("addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        yield
    finally:
        _ip("link", "del", BRIDGE)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)  # noqa: S607
    if done.returncode:
        raise NoDockerError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


@contextmanager
def _daemon(images: Path, folder: Path) -> Iterator[Docker]:
    images.mkdir(parents=True, exist_ok=True)
    address, log = f"unix://{folder}/socket", folder / "dockerd.log"
    docker = Docker({**os.environ, "DOCKER_HOST": address})
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *("dockerd", f"--host={address}", f"--data-root={images}"),
                *(f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"),
                # the host's own rules stay as they are: containers talk to the host only
                *(f"--bridge={BRIDGE}", "--iptables=false", "--ip-forward=false"),
            ],
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_ready(docker, process, log)
        yield docker
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _wait_until_ready(docker: Docker, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        tried = subprocess.run(["docker", "info"], env=docker.environment, capture_output=True, check=False)  # noqa: S607
        if not tried.returncode:
            return
        time.sleep(0.2)
    raise NoDockerError(log.read_text(errors="replace")[-1000:])
