"""What an owner of catalogues needs: an API key, and the secret that the webhooks are signed with."""

import argparse
import re
import secrets
import sys
import time
from hashlib import sha256
from typing import Any

import boto3

from functions.adapters.deliveries import SecretTable
from functions.adapters.dynamodb import Dynamo
from functions.core.signature import SECRET_BYTES, new_secret

KEY_BYTES = 32
OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # as in incoming/<owner>/


def main() -> int:
    """Print a new key, or the owner's secret; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.owners", description=__doc__)
    parser.add_argument("wanted", choices=["api-key", "webhook-secret"])
    parser.add_argument("--stack", required=True)
    parser.add_argument("--owner", required=True)
    parser.add_argument("--name", default="default", help="what a key is for")
    arguments = parser.parse_args()
    if not OWNER.fullmatch(arguments.owner):
        parser.error("OWNER must be 1 to 64 letters, digits, dots, hyphens or underscores")
    table = Dynamo(_client("dynamodb"), _output(arguments.stack, "TableName"))
    if arguments.wanted == "api-key":
        print(make_key(table, arguments.owner, arguments.name))
    else:
        print(webhook_secret(table, arguments.owner))
    return 0


def make_key(table: Dynamo, owner: str, name: str) -> str:
    """A new key. The table keeps its SHA-256 only, so that nobody can show it again."""
    key = f"imgp_{secrets.token_urlsafe(KEY_BYTES)}"
    pk = f"KEY#{sha256(key.encode()).hexdigest()}"
    table.put({"pk": pk, "sk": "KEY", "key_owner": owner, "name": name, "made_at": int(time.time())})
    return key


def webhook_secret(table: Dynamo, owner: str) -> str:
    """The secret of an owner in a stack without a WebhookSecret of its own; made now, if no webhook was sent yet."""
    return SecretTable(table).get_or_create(owner, new_secret(secrets.token_bytes(SECRET_BYTES)))


def _output(stack: str, name: str) -> str:
    outputs = _client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return next(str(output["OutputValue"]) for output in outputs if output["OutputKey"] == name)


def _client(service: str) -> Any:
    make: Any = boto3.client  # its stubs want the service's name as a literal
    return make(service)


if __name__ == "__main__":
    sys.exit(main())
