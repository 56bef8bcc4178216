"""What an owner of catalogues needs: API keys, and the secret that the webhooks are signed with."""

import argparse
import re
from datetime import UTC, datetime

from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.webhook_secrets import SecretTable, fresh_secret
from infra.operate.api_keys import ApiKey, disable_key, list_keys, make_key, rotate_key

OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # as in incoming/<owner>/
COMMANDS = {
    "api-key": "make a new API key, and show it once",
    "api-keys": "list the owner's keys by their ids",
    "disable-key": "refuse a key from now on",
    "rotate-key": "make a new key of the same name; the old one works for 24 hours more",
    "webhook-secret": "show what the owner's webhooks are signed with",
}


def owner_name(text: str) -> str:
    """An owner as the command line names it. Raises ArgumentTypeError."""
    if not OWNER.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no owner: OWNER must be 1 to 64 letters, digits, dots, hyphens or underscores"
        )
    return text


def done(table: Dynamo, arguments: argparse.Namespace, now: float) -> str | None:
    """What is to be printed; None when there is no such key."""
    owner, key_id = arguments.owner, arguments.key_id
    match arguments.command:
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


def _utc(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M UTC")
