"""The delivery records with their attempts, by request, and by endpoint through an index of keys."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from functions.adapters.table.dynamodb import Dynamo, Record
from functions.adapters.table.requests import due_shard
from functions.core.model import Attempt, Delivery, DeliveryState, EventType

DELIVERY_PREFIX = "DELIVERY#"

DeliveryPlace = tuple[str, str, float]  # the request id, event and creation time that a page goes on after


@dataclass(frozen=True, slots=True)
class DeliveryTable:
    """The deliveries of the table. Every write survives being done twice."""

    table: Dynamo

    @classmethod
    def connect(cls, name: str) -> Self:
        return cls(Dynamo.connect(name))

    def create(self, delivery: Delivery, due_at: float, expires_at: int) -> bool:
        """Write a new delivery; False when it is there already."""
        pk, sk = _key(delivery.request_id, delivery.event, delivery.endpoint_id)
        return self.table.put(
            {
                "pk": pk,
                "sk": sk,
                "event": delivery.event,
                "endpoint_id": delivery.endpoint_id,
                "url": delivery.url,
                "delivery_owner": delivery.owner,
                "state": delivery.state,
                "attempts": [],
                "endpoint_key": _endpoint_key(delivery.owner, delivery.endpoint_id),
                "created_at": delivery.created_at,
                "due_at": due_at,
                "due_shard": due_shard(delivery.request_id),
                "ttl": expires_at,
            }
        )

    def find(self, request_id: str, event: EventType, endpoint_id: str) -> Delivery | None:
        """One delivery, read consistently."""
        record = self.table.get(*_key(request_id, event, endpoint_id))
        return None if record is None else _delivery(record)

    def of_request(self, request_id: str) -> list[Delivery]:
        """All deliveries of a request."""
        values = {"pk": f"REQUEST#{request_id}", "prefix": DELIVERY_PREFIX}
        return [_delivery(record) for record in self.table.query("pk = :pk AND begins_with(sk, :prefix)", values)]

    def of_endpoint(
        self, owner: str, endpoint_id: str, limit: int, after: DeliveryPlace | None = None
    ) -> tuple[list[Delivery], DeliveryPlace | None]:
        """Up to `limit` deliveries to an endpoint (at most 100), newest first, and where the next page begins."""
        key, start = _endpoint_key(owner, endpoint_id), None
        if after:
            pk, sk = _key(after[0], after[1], endpoint_id)
            start = {"pk": pk, "sk": sk, "endpoint_key": key, "created_at": after[2]}
        keys, following = self.table.page("endpoint_key = :key", {"key": key}, limit, start, index="endpoint")
        wanted = [(each["pk"], each["sk"]) for each in keys]
        records = {(each["pk"], each["sk"]): each for each in self.table.get_many(wanted)}
        found = [_delivery(records[each]) for each in wanted if each in records]
        return found, _place(following) if following else None

    def log_attempt(self, delivery: Delivery, attempt: Attempt, state: DeliveryState, due_at: float | None) -> bool:
        """Add an attempt. False when another run has logged it. No `due_at` means that no further attempt follows."""
        values = {"attempt": [asdict(attempt)], "seen": len(delivery.attempts), "state": state}
        due = "REMOVE due_at, due_shard" if due_at is None else ", due_at = :due"
        return self.table.update(
            *_key(delivery.request_id, delivery.event, delivery.endpoint_id),
            f"SET attempts = list_append(attempts, :attempt), #state = :state {due}",
            "size(attempts) = :seen",
            values if due_at is None else values | {"due": due_at},
        )

    def give_up(self, request_id: str, event: EventType, endpoint_id: str) -> bool:
        """End a delivery whose message died. False when it had ended before."""
        values = {"state": DeliveryState.GAVE_UP, "waiting": DeliveryState.WAITING}
        expression = "SET #state = :state REMOVE due_at, due_shard"
        return self.table.update(*_key(request_id, event, endpoint_id), expression, "#state = :waiting", values)

    def reopen(self, delivery: Delivery, due_at: float) -> bool:
        """Allow one more attempt, whatever the state was. False when the delivery has other attempts by now.

        The caller sends the message of that attempt. If it cannot, recover sends it after `due_at`.
        """
        values = {"state": DeliveryState.WAITING, "due": due_at, "shard": due_shard(delivery.request_id)}
        return self.table.update(
            *_key(delivery.request_id, delivery.event, delivery.endpoint_id),
            "SET #state = :state, due_at = :due, due_shard = :shard",
            "attribute_exists(pk) AND size(attempts) = :seen",
            values | {"seen": len(delivery.attempts)},
        )

    def put_off(self, delivery: Delivery, due_at: float) -> bool:
        """Look at the delivery again at `due_at`; False when nobody needs to any more."""
        key = _key(delivery.request_id, delivery.event, delivery.endpoint_id)
        return self.table.update(*key, "SET due_at = :due", "attribute_exists(due_at)", {"due": due_at})


def attempt_of(record: Mapping[str, Any]) -> Attempt:
    """An attempt as it is stored."""
    return Attempt(record["at"], record.get("status"), record.get("error"), record["latency_ms"])


def parse_delivery_sk(sk: str) -> tuple[EventType, str]:
    """Event and endpoint id. Raises ValueError for the key of anything else."""
    kind, event, endpoint_id = sk.split("#")
    if f"{kind}#" != DELIVERY_PREFIX:
        raise ValueError(f"not the key of a delivery: {sk!r}")
    return EventType(event), endpoint_id


def _key(request_id: str, event: str, endpoint_id: str) -> tuple[str, str]:
    return f"REQUEST#{request_id}", f"{DELIVERY_PREFIX}{event}#{endpoint_id}"


def _endpoint_key(owner: str, endpoint_id: str) -> str:
    return f"{owner}#{endpoint_id}"


def _place(key: Record) -> DeliveryPlace:
    event, _ = parse_delivery_sk(key["sk"])
    return key["pk"].removeprefix("REQUEST#"), event, float(key["created_at"])


def _delivery(record: Record) -> Delivery:
    event, endpoint_id = parse_delivery_sk(record["sk"])
    return Delivery(
        request_id=record["pk"].removeprefix("REQUEST#"),
        event=event,
        endpoint_id=endpoint_id,
        url=record["url"],
        owner=record["delivery_owner"],
        state=DeliveryState(record["state"]),
        attempts=tuple(map(attempt_of, record["attempts"])),
        created_at=record.get("created_at"),
    )
