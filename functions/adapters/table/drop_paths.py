"""Which request the files on a path under outgoing/ are of."""

from dataclasses import dataclass

from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.requests import REQUEST_GRACE
from functions.core.model import Request
from functions.core.uploads import outgoing_key

IS_NEWER = "came_at < :came OR (came_at = :came AND created_at < :created)"


@dataclass(frozen=True, slots=True)
class DropPathTable:
    """A record for each path that something was written to."""

    table: Dynamo

    def hold(self, request: Request) -> str:
        """Take the request's path, unless one of a newer version holds it; the id of the request that does.

        Of requests over one version the one that was made last is the newest.
        """
        key = (f"OUTGOING#{outgoing_key(request.object_key)}", "OUTGOING")
        values = {
            "id": request.request_id,
            "came": request.came_at,
            "created": request.created_at,
            "ttl": request.expires_at + REQUEST_GRACE,
        }
        expression = "SET request_id = :id, came_at = :came, created_at = :created, #ttl = :ttl"
        if self.table.update(*key, expression, f"attribute_not_exists(pk) OR {IS_NEWER}", values):
            return request.request_id
        record = self.table.get(*key)
        return str(record["request_id"]) if record else request.request_id
