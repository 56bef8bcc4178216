"""`make run` and `make serve`: the whole service on this machine, without Docker and without an account."""

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from infra.local import demo
from infra.local.deploy import ROOT, DeployError
from infra.local.engine import EngineError
from infra.local.front_door import PortTakenError
from infra.local.stack import FolderTakenError, LocalStack, local_stack

FOLDER = ROOT / ".local"


def main() -> int:
    """Serve until Ctrl-C, after the demo unless --serve is given; the exit status."""
    arguments = _arguments()
    _end_on_signals()
    try:
        print("Starting ...", flush=True)
        with local_stack(arguments.state, arguments.port) as stack:
            if not arguments.serve:
                _demonstrate(stack, arguments)
            print("\n".join(welcome(stack)), flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        print(f"\nStopped; the state is kept in {arguments.state}/")
    except (PortTakenError, FolderTakenError, EngineError, DeployError, demo.DemoError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _demonstrate(stack: LocalStack, arguments: argparse.Namespace) -> None:
    service = demo.Service(stack.url, stack.api_key)
    with nullcontext(arguments.csv) if arguments.csv else demo.sample_csv(arguments.state) as file:
        request_id = demo.run(service, file, arguments.state, arguments.out)
    if not arguments.csv:
        print(f"Sheet       {demo.write_sample_sheet(service, request_id, arguments.state)}  (before and after)")


def welcome(stack: LocalStack) -> Iterator[str]:
    """Where everything is, in lines. Of a key the name is told, as .env has it."""
    key = '-H "X-API-Key: $API_KEY" ' if stack.needs_key else ""
    yield f"\nServing on  {stack.url}  (health: {stack.url}/health), Ctrl-C stops"
    yield f"Page        {stack.url}/  (API: {stack.url}/docs)"
    yield f"Upload      curl {key}-F file=@products.csv {stack.url}/upload"
    yield f"S3 drop     s3://{stack.stack.outputs['UploadsBucket']}/incoming/local/  at {stack.stack.endpoint}"
    yield f"Webhooks    are signed with {stack.webhook_secret}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of the front door")
    parser.add_argument("--serve", action="store_true", help="do not send a CSV through first")
    parser.add_argument("--csv", type=Path, help="the CSV to send through, instead of the sample")
    parser.add_argument("--out", type=Path, help="fetch the pictures into this folder")
    parser.add_argument("--state", type=Path, default=FOLDER, help="where everything is kept over a restart")
    arguments = parser.parse_args()
    if arguments.csv and not arguments.csv.is_file():
        parser.error(f"there is no file {arguments.csv}")
    return arguments


def _end_on_signals() -> None:
    """Ctrl-C, a kill and a closed terminal end everything that was started; but `nohup` is respected."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, _interrupt)  # a script's background process starts with SIGINT ignored
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _interrupt)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
