"""DynamoDB with plain Python values: a condition that does not hold is an answer, any other failure a StorageError."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from functions.adapters.aws.clients import back_off, client, error_code, translated
from functions.core.errors import StorageError

Record = dict[str, Any]
Change = tuple[str, str, str, str, Mapping[str, Any]]  # the arguments of `update`
Answer = TypeVar("Answer")

BATCH_GET_KEYS = 100  # DynamoDB's limit
TRIES = 10  # two settlements of one request collide on its record, a busy partition answers in parts: a few suffice

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True, slots=True)
class Dynamo:
    """One table. `pause` waits between tries of what collided or was answered in part."""

    dynamodb: Any
    name: str
    pause: Callable[[float], None] = time.sleep

    @classmethod
    def connect(cls, name: str) -> Self:
        """The table of this name in the account and region of the process."""
        return cls(client("dynamodb"), name)

    def get(self, pk: str, sk: str) -> Record | None:
        """One record, read consistently."""
        with translated("GetItem"):
            answer = self.dynamodb.get_item(TableName=self.name, Key=_key(pk, sk), ConsistentRead=True)
        return _record(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Iterable[tuple[str, str]]) -> Iterator[Record]:
        """Those of the records that exist, in no order, read consistently."""
        wanted = [_key(pk, sk) for pk, sk in keys]
        for first in range(0, len(wanted), BATCH_GET_KEYS):
            yield from self._get_batch(wanted[first : first + BATCH_GET_KEYS])

    def _get_batch(self, wanted: list[Any]) -> Iterator[Record]:
        asked = {self.name: {"Keys": wanted, "ConsistentRead": True}}
        for attempt in range(TRIES):
            with translated("BatchGetItem"):
                answer = self.dynamodb.batch_get_item(RequestItems=asked)
            yield from map(_record, answer["Responses"].get(self.name, []))
            asked = answer.get("UnprocessedKeys") or {}
            if not asked:
                return
            back_off(attempt, self.pause)
        raise StorageError(f"BatchGetItem: keys without an answer after {TRIES} tries")

    def put(self, record: Record, condition: str = "attribute_not_exists(pk)") -> bool:
        """Write a record under a condition; False when it does not hold."""
        return self._conditional("put_item", Item=_attributes(record), ConditionExpression=condition)

    def update(self, pk: str, sk: str, expression: str, condition: str, values: Mapping[str, Any]) -> bool:
        """Change a record under a condition; False when it does not hold. `#name` stands for the attribute `name`."""
        return self._conditional("update_item", **_change(pk, sk, expression, condition, values))

    def delete(self, pk: str, sk: str, condition: str = "attribute_exists(pk)") -> bool:
        """Remove a record under a condition; False when it does not hold."""
        return self._conditional("delete_item", Key=_key(pk, sk), ConditionExpression=condition)

    def _conditional(self, call: str, **arguments: Any) -> bool:
        def write() -> bool:
            try:
                getattr(self.dynamodb, call)(TableName=self.name, **arguments)
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return False
                if error_code(error) == "TransactionConflictException":
                    raise _ConflictError from error
                raise
            return True

        return self._until_free(call, write)

    def _until_free(self, call: str, write: Callable[[], Answer]) -> Answer:
        """Repeat a write that collided with a transaction. boto3 does not repeat it."""
        for attempt in range(TRIES):
            try:
                with translated(call):
                    return write()
            except _ConflictError:
                back_off(attempt, self.pause)
        raise StorageError(f"{call}: still in conflict after {TRIES} tries")

    def update_together(self, *changes: Change) -> bool:
        """Several updates, all or none; False when a condition does not hold."""
        return not self.refusals(*changes)

    def refusals(self, *changes: Change) -> list[int]:
        """Make several updates, all or none.

        Returns the places of those whose condition failed; none when all were made.

        After a collision with another transaction, an update's own condition may not have been checked.
        """
        actions = [{"Update": {"TableName": self.name, **_change(*change)}} for change in changes]
        return self._until_free("TransactWriteItems", lambda: self._transact(actions))

    def _transact(self, actions: list[Any]) -> list[int]:
        try:
            self.dynamodb.transact_write_items(TransactItems=actions)
        except ClientError as error:
            reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
            refused = [place for place, reason in enumerate(reasons) if reason == "ConditionalCheckFailed"]
            if refused:
                return refused
            if {"TransactionConflict", "ThrottlingError"} & {*reasons} or "Conflict" in error_code(error):
                raise _ConflictError from error
            raise
        return []

    def query(
        self, condition: str, values: Mapping[str, Any], index: str | None = None, only: Sequence[str] = ()
    ) -> Iterator[Record]:
        """All records of a key condition, in order; read consistently except through an index.

        Of each, `only` these attributes where they are given: the rest need not be sent and parsed.
        """
        start: dict[str, Any] = {}
        while True:
            answer = self._query(condition, values, index, **_projection(only), **start)
            yield from map(_record, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _query(self, condition: str, values: Mapping[str, Any], index: str | None, **more: Any) -> dict[str, Any]:
        arguments = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": _attributes({f":{name}": value for name, value in values.items()}),
            **_names(condition),
            **({"IndexName": index} if index else {"ConsistentRead": True}),
        }
        with translated("Query"):
            return dict(self.dynamodb.query(**arguments, **more))

    def page(
        self, condition: str, values: Mapping[str, Any], limit: int, after: Record | None, index: str | None = None
    ) -> tuple[list[Record], Record | None]:
        """Up to `limit` records of a key condition, the last first; and the key that the next page begins after."""
        answer = self._query(condition, values, index, Limit=limit, ScanIndexForward=False, **_start(after))
        following = answer.get("LastEvaluatedKey")
        return list(map(_record, answer["Items"])), _record(following) if following else None


class _ConflictError(Exception):
    """Another transaction was at the same record."""


def _projection(only: Sequence[str]) -> dict[str, Any]:
    """The attributes by placeholder names, because some are reserved words."""
    if not only:
        return {}
    names = {f"#{name}": name for name in only}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}


def _start(after: Record | None) -> dict[str, Any]:
    return {"ExclusiveStartKey": _attributes(after)} if after else {}


def _change(pk: str, sk: str, expression: str, condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
    change: dict[str, Any] = {
        "Key": _key(pk, sk),
        "UpdateExpression": expression,
        "ConditionExpression": condition,
        **_names(f"{expression} {condition}"),
    }
    if values:
        change["ExpressionAttributeValues"] = _attributes({f":{name}": value for name, value in values.items()})
    return change


def _names(text: str) -> dict[str, Any]:
    """The real names behind the placeholders `#name`, because some are reserved words."""
    names = {word.strip(",()") for word in text.replace("(", " ").split() if word[0] == "#"}
    return {"ExpressionAttributeNames": {name: name[1:] for name in names}} if names else {}


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _attributes(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serialize(_storable(value)) for name, value in record.items() if value is not None}


def _storable(value: Any) -> Any:
    """The value with floats as Decimals of three digits. The only floats are times, in milliseconds."""
    match value:
        case float():
            return Decimal(f"{value:.3f}")
        case dict():
            return {name: _storable(inner) for name, inner in value.items() if inner is not None}
        case list() | tuple():
            return [_storable(inner) for inner in value]
        case str():
            return str(value)  # a StrEnum's plain text
        case _:
            return value


def _record(attributes: Mapping[str, Any]) -> Record:
    return {name: _plain(_deserialize(value)) for name, value in attributes.items()}


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value
