"""Says which request the files on a path under outgoing/ belong to."""

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
        """Take the path for this request, unless a newer version has it. Returns the id of the request that has it.

        Of several requests for one version, the newest request wins.
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
