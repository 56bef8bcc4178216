"""The API keys of an owner. The table keeps a key's SHA-256 only, so that nobody can show it again.

What holds of a key is in its own record, KEY#<sha256>, which the API reads. Beside the owner's other records is one for
each key, OWNER#<owner> KEY#<key_id>, that only says where: so keys are listed without a scan.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from functions.adapters.table.dynamodb import Change, Dynamo, Record

KEY_BYTES = 32
ID_DIGITS = 12  # hex, of the SHA-256
OVERLAP_SECONDS = 86_400  # after a rotation, for which the old key still works: callers change over in a day


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key. Times are epoch seconds; `disabled_at` may lie ahead."""

    key_id: str
    name: str
    made_at: int
    disabled: bool = False
    disabled_at: float | None = None

    def works(self, now: float) -> bool:
        """Whether the API takes it."""
        return not self.disabled and (self.disabled_at is None or now < self.disabled_at)


def make_key(table: Dynamo, owner: str, name: str, now: float, chosen: str | None = None) -> str:
    """A new key, or the one that was chosen; a key that is there already stays as it is."""
    key = chosen or _random_key()
    table.update_together(*_making(key, owner, name, now))
    return key


def list_keys(table: Dynamo, owner: str) -> list[ApiKey]:
    """All keys of an owner, the oldest first."""
    values = {"pk": f"OWNER#{owner}", "prefix": "KEY#"}
    places = table.query("pk = :pk AND begins_with(sk, :prefix)", values)
    records = table.get_many((f"KEY#{place['digest']}", "KEY") for place in places)
    return sorted(map(_api_key, records), key=lambda key: (key.made_at, key.key_id))


def disable_key(table: Dynamo, owner: str, key_id: str) -> bool:
    """Have a key refused for ever; False when the owner has no such key. The API remembers keys for a minute."""
    pk = _pk(table, owner, key_id)
    return pk is not None and table.update(pk, "KEY", "SET disabled = :on", "attribute_exists(pk)", {"on": True})


def rotate_key(table: Dynamo, owner: str, key_id: str, now: float) -> str | None:
    """A new key of the same name; the old one works for OVERLAP_SECONDS more.

    None when the owner has no such key, or it is disabled or was rotated before.
    """
    pk = _pk(table, owner, key_id)
    record = table.get(pk, "KEY") if pk else None
    if pk is None or record is None:
        return None
    is_in_use = "(attribute_not_exists(disabled) OR disabled = :off) AND attribute_not_exists(disabled_at)"
    until = {"until": int(now) + OVERLAP_SECONDS, "off": False}
    retiring: Change = (pk, "KEY", "SET disabled_at = :until", is_in_use, until)
    key = _random_key()
    return key if table.update_together(retiring, *_making(key, owner, record["name"], now)) else None


def _random_key() -> str:
    return f"imgp_{secrets.token_urlsafe(KEY_BYTES)}"


def _making(key: str, owner: str, name: str, now: float) -> tuple[Change, Change]:
    """The two records of a new key."""
    digest = sha256(key.encode()).hexdigest()
    known = {"owner": owner, "name": name, "now": int(now)}
    is_new = "attribute_not_exists(pk)"
    return (
        (f"KEY#{digest}", "KEY", "SET key_owner = :owner, #name = :name, made_at = :now", is_new, known),
        (*_place(owner, digest[:ID_DIGITS]), "SET digest = :digest", is_new, {"digest": digest}),
    )


def _place(owner: str, key_id: str) -> tuple[str, str]:
    return f"OWNER#{owner}", f"KEY#{key_id}"


def _pk(table: Dynamo, owner: str, key_id: str) -> str | None:
    place = table.get(*_place(owner, key_id))
    return None if place is None else f"KEY#{place['digest']}"


def _api_key(record: Record) -> ApiKey:
    return ApiKey(
        key_id=record["pk"].removeprefix("KEY#")[:ID_DIGITS],
        name=record["name"],
        made_at=record["made_at"],
        disabled=bool(record.get("disabled")),
        disabled_at=record.get("disabled_at"),
    )
