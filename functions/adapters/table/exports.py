"""The last file that an owner asked for. There is one at a time, so that nobody fills the queue with them."""

from dataclasses import dataclass

from functions.adapters.table.dynamodb import Dynamo
from functions.core.catalogue import Ordered

KEPT = 86_400  # seconds; the files go after a day


@dataclass(frozen=True, slots=True)
class ExportTable:
    """The export records of the table. Every write survives being done twice."""

    table: Dynamo

    def last(self, owner: str) -> Ordered | None:
        """What was ordered last."""
        record = self.table.get(*_key(owner))
        if record is None:
            return None
        return Ordered(record["export_id"], record["asked_at"], record["tries"], record.get("ready_at"))

    def order(self, owner: str, ordered: Ordered, before: Ordered | None) -> bool:
        """Note an order in place of the one before; False when somebody else did so first."""
        values = {"id": ordered.export_id, "at": ordered.asked_at, "tries": ordered.tries}
        condition, seen = "attribute_not_exists(asked_at)", {}
        if before is not None:
            condition, seen = "asked_at = :before", {"before": before.asked_at}
        return self.table.update(
            *_key(owner),
            "SET export_id = :id, asked_at = :at, tries = :tries, #ttl = :ttl REMOVE ready_at",
            condition,
            values | seen | {"ttl": int(ordered.asked_at) + KEPT},
        )

    def finish(self, owner: str, export_id: str, now: float) -> bool:
        """Note that the file is there; False when another one was ordered meanwhile."""
        return self.table.update(*_key(owner), "SET ready_at = :now", "export_id = :id", {"now": now, "id": export_id})


def _key(owner: str) -> tuple[str, str]:
    return f"OWNER#{owner}", "EXPORT"
