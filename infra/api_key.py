"""Makes an API key for an owner: shown once here, kept in the table as its SHA-256."""

import argparse
import re
import secrets
import sys
import time
from hashlib import sha256
from typing import Any

import boto3

KEY_BYTES = 32
OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # as in incoming/<owner>/


def main() -> int:
    """Write the key's record; the exit status."""
    parser = argparse.ArgumentParser(prog="make api-key", description=__doc__)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--owner", required=True)
    parser.add_argument("--name", default="default", help="what the key is for")
    arguments = parser.parse_args()
    if not OWNER.fullmatch(arguments.owner):
        parser.error("OWNER must be 1 to 64 letters, digits, dots, hyphens or underscores")
    key = f"imgp_{secrets.token_urlsafe(KEY_BYTES)}"
    table = _output(arguments.stack, "TableName")
    _client("dynamodb").put_item(TableName=table, Item=key_record(key, arguments.owner, arguments.name))
    sys.stdout.write(f"{key}\n")
    return 0


def key_record(key: str, owner: str, name: str) -> dict[str, Any]:
    """The record of a key, as DynamoDB attributes."""
    return {
        "pk": {"S": f"KEY#{sha256(key.encode()).hexdigest()}"},
        "sk": {"S": "KEY"},
        "key_owner": {"S": owner},
        "name": {"S": name},
        "made_at": {"N": str(int(time.time()))},
    }


def _output(stack: str, name: str) -> str:
    outputs = _client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return next(str(output["OutputValue"]) for output in outputs if output["OutputKey"] == name)


def _client(service: str) -> Any:
    make: Any = boto3.client  # its stubs want the service's name as a literal
    return make(service)


if __name__ == "__main__":
    sys.exit(main())
