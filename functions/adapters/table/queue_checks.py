"""Whether the queues of images were empty when recover last looked."""

from dataclasses import dataclass

from functions.adapters.table.dynamodb import Dynamo

_KEY = ("RECOVER", "QUEUES")


@dataclass(frozen=True, slots=True)
class QueueChecks:
    """When somebody last found the queues of images empty."""

    table: Dynamo

    def add(self, is_empty: bool, now: int) -> int | None:
        """Record a look at the queues. Returns the time of the look before, if both looks found them empty.

        Whatever was sent before that time is lost.
        """
        before = self.table.get(*_KEY)
        if not is_empty:
            self.table.update(*_KEY, "REMOVE empty_at", "attribute_exists(empty_at)", {})
            return None
        condition = "attribute_not_exists(empty_at) OR empty_at < :now"
        self.table.update(*_KEY, "SET empty_at = :now", condition, {"now": now})
        return before.get("empty_at") if before else None
