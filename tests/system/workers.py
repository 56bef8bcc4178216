"""How a worker dies from outside, in the middle of what it does."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

CONNECTIONS = Path("/proc/net/tcp")
ONLY_LINUX = pytest.mark.skipif(not CONNECTIONS.exists(), reason="only Linux tells whose a connection is")
READS = 20  # of the table of connections: a read of it may miss a line while others come and go


def kill_client(port: int) -> None:
    """SIGKILL for the process that connects from this port, as /proc tells it. Raises LookupError if none does."""
    socket = f"socket:[{_inode(port)}]"
    holders = [process for process, held in _open_files() if held == socket]
    if not holders:
        raise LookupError(f"no process holds the connection from port {port}")
    for process in holders:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _inode(port: int) -> str:
    for _ in range(READS):
        for line in CONNECTIONS.read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].partition(":")[2], 16) == port and fields[9] != "0":
                return fields[9]
    raise LookupError(f"no connection from port {port}")


def _open_files() -> Iterator[tuple[int, str]]:
    """Process and target of every descriptor. Other processes end meanwhile: what is gone is left out."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            for descriptor in os.listdir(f"/proc/{process}/fd"):
                with suppress(OSError):
                    yield int(process), os.readlink(f"/proc/{process}/fd/{descriptor}")
