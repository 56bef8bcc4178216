"""LocalStack without Docker, until Ctrl-C, to deploy to and look at: `python -m tests.localstack --port 4566`."""

import argparse
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from infra.dynamodb.server import CannotStartError as NoTableError
from tests.localstack import host


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.localstack", description=__doc__)
    parser.add_argument("--port", type=int, default=4566)
    arguments = parser.parse_args()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)  # a script's background process starts with SIGINT ignored
    log = Path(tempfile.mkdtemp(prefix="imagepress-")) / "localstack.log"
    try:
        with suppress(KeyboardInterrupt), host.running(log, arguments.port) as engine:
            print(f"LocalStack is at {engine.url}, its log is {log}; Ctrl-C stops", flush=True)
            engine.process.wait()
    except (host.CannotStartError, NoTableError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
