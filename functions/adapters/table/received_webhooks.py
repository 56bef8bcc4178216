"""What the trial receiver got, for a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from functions.adapters.table.dynamodb import Dynamo

KEPT = 86_400  # seconds
PREFIX = "RECEIVED#"


@dataclass(frozen=True, slots=True)
class ReceivedTable:
    """The received webhooks of the table, by owner and time."""

    table: Dynamo

    def add(self, owner: str, at: float, webhook: Mapping[str, Any]) -> None:
        """Keep one that came at `at` (epoch seconds)."""
        sk = f"{PREFIX}{at:017.6f}#{uuid4().hex[:8]}"
        self.table.put({"pk": f"OWNER#{owner}", "sk": sk, "webhook": dict(webhook), "ttl": int(at) + KEPT})

    def page(self, owner: str, limit: int, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """Up to `limit`, newest first, and the place after which the next page begins."""
        pk = f"OWNER#{owner}"
        start = {"pk": pk, "sk": PREFIX + after} if after else None
        values = {"pk": pk, "prefix": PREFIX}
        found, following = self.table.page("pk = :pk AND begins_with(sk, :prefix)", values, limit, start)
        return [record["webhook"] for record in found], following["sk"].removeprefix(PREFIX) if following else None
