"""The endpoint records: where owners want to hear of their requests, with a secret for each."""

from dataclasses import asdict, dataclass
from typing import Self

from functions.adapters.table.deliveries import attempt_of
from functions.adapters.table.dynamodb import Dynamo, Record
from functions.adapters.table.webhook_secrets import rotate_secret
from functions.core.model import Attempt, Endpoint, EventType

ENDPOINT_PREFIX = "ENDPOINT#"


@dataclass(frozen=True, slots=True)
class EndpointTable:
    """The endpoints of the table. Every write survives being done twice."""

    table: Dynamo

    @classmethod
    def connect(cls, name: str) -> Self:
        return cls(Dynamo.connect(name))

    def configure(self, endpoint: Endpoint) -> Endpoint:
        """Store an endpoint. One that exists for this URL keeps its secret and is enabled again.

        Returns what is stored.
        """
        if self.table.put(_to_record(endpoint)):
            return endpoint
        self._update(
            endpoint.owner,
            endpoint.endpoint_id,
            "SET events = :events, is_disabled = :off",
            events=list(endpoint.events),
            off=False,
        )
        return self.find(endpoint.owner, endpoint.endpoint_id) or endpoint  # unless it was deleted since

    def of_owner(self, owner: str) -> list[Endpoint]:
        """All endpoints of an owner, by id."""
        values = {"pk": f"OWNER#{owner}", "prefix": ENDPOINT_PREFIX}
        return [_from_record(record) for record in self.table.query("pk = :pk AND begins_with(sk, :prefix)", values)]

    def find(self, owner: str, endpoint_id: str) -> Endpoint | None:
        """One endpoint, read consistently."""
        record = self.table.get(*_key(owner, endpoint_id))
        return None if record is None else _from_record(record)

    def delete(self, owner: str, endpoint_id: str) -> bool:
        """Forget an endpoint; False when there is none."""
        return self.table.delete(*_key(owner, endpoint_id), condition="attribute_exists(pk)")

    def rotate(self, owner: str, endpoint_id: str, fresh_secret: str, previous_until: float) -> Endpoint | None:
        """Make `fresh_secret` the current one, with the one before signing until then; None without an endpoint."""
        rotate_secret(self.table, *_key(owner, endpoint_id), fresh_secret, previous_until)
        return self.find(owner, endpoint_id)

    def disable(self, owner: str, endpoint_id: str) -> bool:
        """Send nothing more to it until it is configured again. False when there is no such endpoint."""
        return self._update(owner, endpoint_id, "SET is_disabled = :on", on=True)

    def log_test(self, owner: str, endpoint_id: str, attempt: Attempt) -> bool:
        """Keep what came of the last test; False when the endpoint is not there any more."""
        return self._update(owner, endpoint_id, "SET last_test = :attempt", attempt=asdict(attempt))

    def _update(self, owner: str, endpoint_id: str, expression: str, **values: object) -> bool:
        return self.table.update(*_key(owner, endpoint_id), expression, "attribute_exists(pk)", values)


def _key(owner: str, endpoint_id: str) -> tuple[str, str]:
    return f"OWNER#{owner}", f"{ENDPOINT_PREFIX}{endpoint_id}"


def _to_record(endpoint: Endpoint) -> Record:
    pk, sk = _key(endpoint.owner, endpoint.endpoint_id)
    kept = {name: value for name, value in asdict(endpoint).items() if name not in {"owner", "endpoint_id"}}
    return {"pk": pk, "sk": sk, **kept}  # `owner` and `created_at` together would put it into the index of requests


def _from_record(record: Record) -> Endpoint:
    fields = {name: record[name] for name in Endpoint.__slots__ if name in record}
    fields["events"] = tuple(map(EventType, record["events"]))
    fields["last_test"] = attempt_of(record["last_test"]) if "last_test" in record else None
    owner, endpoint_id = record["pk"].removeprefix("OWNER#"), record["sk"].removeprefix(ENDPOINT_PREFIX)
    return Endpoint(**fields | {"owner": owner, "endpoint_id": endpoint_id})
