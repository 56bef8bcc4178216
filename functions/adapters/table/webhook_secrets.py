"""The secrets that sign webhooks: one for the whole stack, or one for each owner. Both can be rotated."""

import secrets
from dataclasses import dataclass

from functions.adapters.table.dynamodb import Dynamo
from functions.core.webhooks import OVERLAP_SECONDS, SECRET_BYTES, new_secret


@dataclass(frozen=True, slots=True)
class SecretTable:
    """The default webhook secret of each owner, made on first use."""

    table: Dynamo

    def get_or_create(self, owner: str, fresh: str) -> str:
        """The owner's secret; `fresh` becomes it when there is none."""
        return self.secrets(owner, fresh, now=0)[0]

    def secrets(self, owner: str, fresh: str, now: float) -> list[str]:
        """What the owner's webhooks are signed with, the current one first; `fresh` becomes it when there is none."""
        pk, sk = _secret_key(owner)
        record = self.table.get(pk, sk)
        if record is None:
            self.table.put({"pk": pk, "sk": sk, "secret": fresh})  # of two at once the first one holds
            record = self.table.get(pk, sk) or {"secret": fresh}
        previous = record.get("previous_secret") if now < record.get("previous_until", 0) else None
        return [record["secret"], previous] if previous else [record["secret"]]

    def rotate(self, owner: str, fresh: str, previous_until: float) -> bool:
        """Make `fresh` the current secret, and have the one before sign until then too; False while one still does."""
        pk, sk = _secret_key(owner)
        is_first = self.table.put({"pk": pk, "sk": sk, "secret": fresh})
        return is_first or rotate_secret(self.table, pk, sk, fresh, previous_until)


def rotate_secret(table: Dynamo, pk: str, sk: str, fresh: str, previous_until: float) -> bool:
    """Make the current secret the previous one. False without a record, or while the previous secret still signs.

    So a repeated call changes nothing, and no secret stops signing too early.
    """
    now = previous_until - OVERLAP_SECONDS
    return table.update(
        pk,
        sk,
        "SET previous_secret = secret, previous_until = :until, secret = :fresh",
        "attribute_exists(pk) AND (attribute_not_exists(previous_until) OR previous_until <= :now)",
        {"fresh": fresh, "until": previous_until, "now": now},
    )


def default_secrets(shared: str, stored: SecretTable, owner: str, now: float) -> list[str]:
    """The secret that the stack was deployed with, if there is one, or else those of the owner, made on first use."""
    return [shared] if shared else stored.secrets(owner, fresh_secret(), now)


def fresh_secret() -> str:
    """One that nobody has had yet."""
    return new_secret(secrets.token_bytes(SECRET_BYTES))


def _secret_key(owner: str) -> tuple[str, str]:
    return f"OWNER#{owner}", "SECRET"
