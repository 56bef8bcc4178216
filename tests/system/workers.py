"""How a worker dies from outside, in the middle of what it does."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

CONNECTIONS = Path("/proc/net/tcp")
ONLY_LINUX = pytest.mark.skipif(not CONNECTIONS.exists(), reason="only Linux tells whose a connection is")


def kill_client(port: int) -> None:
    """SIGKILL for the process that connects from this port, as /proc tells it."""
    connections = (line.split() for line in CONNECTIONS.read_text().splitlines()[1:])
    inode = next(fields[9] for fields in connections if int(fields[1].partition(":")[2], 16) == port)
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # it may be closed by now
            if os.readlink(descriptor) == f"socket:[{inode}]":
                os.kill(int(descriptor.parts[2]), signal.SIGKILL)
