"""What recover remembers from one run to the next."""

from dataclasses import dataclass

from functions.adapters.dynamodb import Dynamo

_KEY = ("RECOVER", "QUEUES")


@dataclass(frozen=True, slots=True)
class Observations:
    """Since when the queues of images were empty each time somebody looked."""

    table: Dynamo

    def note(self, is_empty: bool, now: int) -> int | None:
        """Add a look. The time of the first of the looks in a row that found them empty, once there are two."""
        if not is_empty:
            self.table.update(*_KEY, "REMOVE empty_since", "attribute_exists(empty_since)", {})
            return None
        if self.table.update(*_KEY, "SET empty_since = :now", "attribute_not_exists(empty_since)", {"now": now}):
            return None
        record = self.table.get(*_KEY)
        return record.get("empty_since") if record else None
