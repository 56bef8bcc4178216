"""`python -m infra.operate COMMAND --stack NAME`: the commands of `make` that look after a deployed stack."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from functions.core.errors import StorageError
from infra.operate import owners
from infra.operate.deployment import Deployment, StackError
from infra.operate.destroying import destroy
from infra.operate.diagnosing import diagnosis
from infra.operate.forgetting import forget
from infra.operate.pausing import set_running
from infra.operate.restoring import restore
from infra.operate.smoke import smoke
from infra.operate.usage import as_csv, bounds, usage


def main(given: list[str] | None = None) -> int:
    """Do what is wanted, and print what comes of it; the exit status."""
    parser = _parser()
    arguments = parser.parse_args(given)
    try:
        print(_done(Deployment.connect(arguments.stack), arguments))
    except (BotoCoreError, ClientError, StorageError, StackError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.operate", description=__doc__)
    parser.add_argument("--stack", default="imagepress")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in owners.COMMANDS.items():
        command = commands.add_parser(name, help=help_text)
        command.add_argument("--owner", type=owners.owner_name, required=True)
        command.add_argument("--name", default="default", help="what a key is for")
        command.add_argument("--key-id", default="", help="as api-keys lists it")
    commands.add_parser("pause", help="no function takes work until `resume`; uploads wait")
    commands.add_parser("resume", help="the functions take work again")
    command = commands.add_parser("forget", help="delete all that is kept of an owner")
    command.add_argument("--owner", type=owners.owner_name, required=True)
    command = commands.add_parser("usage", help="what each owner used in a month, as CSV")
    command.add_argument(
        "--month", type=_month, default=datetime.now(UTC).strftime("%Y-%m"), help="2026-11, for example"
    )
    command.add_argument("--owner", type=owners.owner_name)
    command = commands.add_parser("diagnose", help="the story of a request, as JSON without secrets")
    command.add_argument("--id", required=True)
    command = commands.add_parser("restore", help="bring the records of an earlier time back, of the last 35 days")
    command.add_argument("--at", type=_time, required=True, help="as 2026-11-28T10:00:00Z")
    commands.add_parser("smoke", help="send the sample through the stack, and compare all that comes back")
    command = commands.add_parser("destroy", help="delete the stack; its data stay")
    command.add_argument("--confirm", default="", help="the stack's name once more")
    command.add_argument("--data", choices=["keep", "delete"], default="keep")
    return parser


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write it as 2026-11-28T10:00:00Z") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _month(text: str) -> str:
    try:
        bounds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no month: write it as 2026-11") from error
    return text


def _done(deployment: Deployment, arguments: argparse.Namespace) -> str:
    commands: dict[str, Callable[[], str]] = {
        "pause": lambda: set_running(deployment, False),
        "resume": lambda: set_running(deployment, True),
        "forget": lambda: f"Deleted of {arguments.owner}: {forget(deployment, arguments.owner)}",
        "usage": lambda: as_csv(usage(deployment, arguments.month, arguments.owner)).rstrip(),
        "diagnose": lambda: json.dumps(diagnosis(deployment, arguments.id), indent=1, ensure_ascii=False),
        "restore": lambda: restore(deployment, arguments.at),
        "smoke": lambda: "\n".join([*smoke(deployment).lines, f"{deployment.stack} works"]),
        "destroy": lambda: destroy(deployment, arguments.confirm, arguments.data == "delete"),
    }
    return commands.get(arguments.command, lambda: _of_owner(deployment, arguments))()


def _of_owner(deployment: Deployment, arguments: argparse.Namespace) -> str:
    answer = owners.done(deployment.table, arguments, time.time())
    if answer is None:
        raise StackError(f"{arguments.owner} has no key {arguments.key_id!r} that is in use: see make api-keys")
    return answer


if __name__ == "__main__":
    sys.exit(main())
