"""What an owner of catalogues needs: API keys, and the secret that the webhooks are signed with."""

import argparse
import re
import sys
import time
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.webhook_secrets import SecretTable, fresh_secret
from functions.core.errors import StorageError
from infra.api_keys import ApiKey, disable_key, list_keys, make_key, rotate_key

OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # as in incoming/<owner>/
WANTED = ["api-key", "api-keys", "disable-key", "rotate-key", "webhook-secret"]


class StackError(Exception):
    """A stack of something else; the message says so."""


def main() -> int:
    """Do what is wanted, and print what comes of it; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.owners", description=__doc__)
    parser.add_argument("wanted", choices=WANTED)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--owner", required=True)
    parser.add_argument("--name", default="default", help="what a key is for")
    parser.add_argument("--key-id", default="", help="as api-keys lists it")
    arguments = parser.parse_args()
    if not OWNER.fullmatch(arguments.owner):
        parser.error("OWNER must be 1 to 64 letters, digits, dots, hyphens or underscores")
    try:
        table = Dynamo(_client("dynamodb"), output_of(_client("cloudformation"), arguments.stack, "TableName"))
        answer = done(table, arguments, time.time())
    except (BotoCoreError, ClientError, StorageError, StackError) as error:
        print(error, file=sys.stderr)
        return 1
    print(answer or f"{arguments.owner} has no key {arguments.key_id!r} that is in use: see make api-keys")
    return 0 if answer else 1


def done(table: Dynamo, arguments: argparse.Namespace, now: float) -> str | None:
    """What is to be printed; None when there is no such key."""
    owner, key_id = arguments.owner, arguments.key_id
    match arguments.wanted:
        case "api-key":
            return make_key(table, owner, arguments.name, now)
        case "api-keys":
            return "\n".join(line_of(key, now) for key in list_keys(table, owner)) or f"{owner} has no keys"
        case "disable-key":
            return f"{key_id} is refused from now on, within a minute" if disable_key(table, owner, key_id) else None
        case "rotate-key":
            return rotate_key(table, owner, key_id, now)
        case _:
            return webhook_secret(table, owner)


def line_of(key: ApiKey, now: float) -> str:
    """A key as it is listed."""
    state = "disabled" if not key.works(now) else f"until {_utc(key.disabled_at)}" if key.disabled_at else "in use"
    return f"{key.key_id}  made {_utc(key.made_at)}  {state}  {key.name}"


def webhook_secret(table: Dynamo, owner: str) -> str:
    """The secret of an owner in a stack without a WebhookSecret of its own; made now, if no webhook was sent yet."""
    return SecretTable(table).get_or_create(owner, fresh_secret())


def output_of(cloudformation: Any, stack: str, name: str) -> str:
    """An output of a stack. Raises StackError where it has none of this name."""
    outputs = cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    for output in outputs:
        if output["OutputKey"] == name:
            return str(output["OutputValue"])
    raise StackError(f"the stack {stack} is not one of Imagepress: it has no output {name}")


def _utc(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _client(service: str) -> Any:
    make: Any = boto3.client  # its stubs want the service's name as a literal
    return make(service)


if __name__ == "__main__":
    sys.exit(main())
