"""DynamoDB as a model: the very expressions of the adapters, the indexes of the template, reads that lag behind.

Faster than the emulation, against which test_table.py holds it; and a read that does not ask for consistency may answer
with what was there some invocations ago, as may each read of an index.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.aws import INDEXES
from tests.faults.simulator.expressions import Attribute, Item, Names, condition, plain, update

Key = tuple[str, str]
MAX_BEHIND = 4  # invocations


@dataclass
class Table:
    """One table behind the methods of a client. Reads may be some invocations `Behind`, unless they are consistent."""

    _items: dict[str, dict[str, Item]] = field(default_factory=dict)
    _before: list[dict[Key, Item]] = field(default_factory=lambda: [{}])
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(self) -> None:
        """An invocation begins: what is written from now on may be missing in what others read."""
        self._before = [*self._before[-MAX_BEHIND:], {}]

    def items(self) -> list[Item]:
        """All there is, by key."""
        partitions = (sorted(records.items()) for _, records in sorted(self._items.items()))
        return [item for records in partitions for _, item in records if item]

    def get_item(self, Key: Item, Behind: int = 0, **_more: Any) -> dict[str, Any]:  # noqa: N803
        """The names of the arguments are DynamoDB's, here and below."""
        with self._lock:
            item = self._as_of(Behind, _key(Key))
        return {"Item": item} if item else {}

    def batch_get_item(self, RequestItems: Mapping[str, Any], Behind: int = 0) -> dict[str, Any]:  # noqa: N803
        ((name, asked),) = RequestItems.items()
        with self._lock:
            found = [self._as_of(Behind, _key(key)) for key in asked["Keys"]]
        return {"Responses": {name: [item for item in found if item]}}

    def put_item(self, Item: Item, ConditionExpression: str, **more: Any) -> None:  # noqa: N803
        with self._lock:
            self._require("put_item", [self._holds(_key(Item), ConditionExpression, more)])
            self._write(_key(Item), Item)

    def delete_item(self, Key: Item, ConditionExpression: str, **more: Any) -> None:  # noqa: N803
        with self._lock:
            self._require("delete_item", [self._holds(_key(Key), ConditionExpression, more)])
            self._write(_key(Key), {})

    def update_item(self, **change: Any) -> None:
        with self._lock:
            self._require("update_item", [self._may_change(change)])
            self._change(change)

    def transact_write_items(self, TransactItems: Iterable[Mapping[str, Any]]) -> None:  # noqa: N803
        changes = [action["Update"] for action in TransactItems]
        with self._lock:
            self._require("transact_write_items", [self._may_change(change) for change in changes])
            for change in changes:
                self._change(change)

    def query(
        self,
        KeyConditionExpression: str,  # noqa: N803
        IndexName: str = "",  # noqa: N803
        Limit: int = 0,  # noqa: N803
        Behind: int = 0,  # noqa: N803
        **more: Any,
    ) -> dict[str, Any]:
        keys = ("pk", "sk", *INDEXES[IndexName]) if IndexName else ("pk", "sk")
        holds, values = condition(KeyConditionExpression, _names(more)), more["ExpressionAttributeValues"]
        with self._lock:
            seen = list(self._partition(values, IndexName, Behind))
        found = [item for item in seen if all(name in item for name in keys) and holds(item, values)]
        order = (*keys[3:], "pk", "sk")
        is_forward, start = more.get("ScanIndexForward", True), more.get("ExclusiveStartKey")
        found.sort(key=lambda item: _place(item, order), reverse=not is_forward)
        if start:  # which may be gone by now
            found = [item for item in found if (_place(item, order) > _place(start, order)) == is_forward]
            found = [item for item in found if _key(item) != _key(start)]
        page = found[: Limit or None]
        wanted = keys if IndexName else _wanted(more)
        answer: dict[str, Any] = {"Items": [_projected(item, wanted or item) for item in page]}
        if page and len(page) == Limit:  # as the real one, also where nothing follows
            answer["LastEvaluatedKey"] = _projected(page[-1], keys)
        return answer

    def _partition(self, values: Item, index: str, behind: int) -> Iterator[Item]:
        """Of an index, everything: there are few records in a test."""
        partitions = self._items if index else [str(value["S"]) for value in values.values() if "S" in value]
        for pk in list(partitions):
            for sk in list(self._items.get(pk, {})):
                yield self._as_of(behind, (pk, sk))

    def _as_of(self, behind: int, key: Key) -> Item:
        for before in self._before[-behind:] if behind else ():
            if key in before:
                return before[key]
        return self._items.get(key[0], {}).get(key[1], {})

    def _write(self, key: Key, item: Item) -> None:
        records = self._items.setdefault(key[0], {})
        self._before[-1].setdefault(key, records.get(key[1], {}))
        records[key[1]] = item

    def _holds(self, key: Key, text: str, more: Mapping[str, Any]) -> bool:
        values = more.get("ExpressionAttributeValues", {})
        return condition(text, _names(more))(self._as_of(0, key), values)

    def _may_change(self, change: Mapping[str, Any]) -> bool:
        return self._holds(_key(change["Key"]), change["ConditionExpression"], change)

    def _change(self, change: Mapping[str, Any]) -> None:
        key, values = _key(change["Key"]), change.get("ExpressionAttributeValues", {})
        before = self._as_of(0, key) or change["Key"]
        self._write(key, update(change["UpdateExpression"], _names(change))(before, values))

    def _require(self, call: str, held: list[bool]) -> None:
        if all(held):
            return
        if call != "transact_write_items":
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": "model"}}, call)
        answer: Any = {
            "Error": {"Code": "TransactionCanceledException", "Message": "model"},
            "CancellationReasons": [{"Code": "None" if each else "ConditionalCheckFailed"} for each in held],
        }
        raise ClientError(answer, call)


def _key(item: Item) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def _names(call: Mapping[str, Any]) -> Names:
    return tuple(sorted(call.get("ExpressionAttributeNames", {}).items()))


def _place(item: Item, names: Iterable[str]) -> list[Any]:
    return [plain(item[name])[1] for name in names]


def _wanted(call: Mapping[str, Any]) -> list[str]:
    """The attributes of a projection; none where everything is wanted."""
    names = dict(_names(call))
    return (
        [names[alias] for alias in call["ProjectionExpression"].split(", ")] if "ProjectionExpression" in call else []
    )


def _projected(item: Item, names: Iterable[str]) -> dict[str, Attribute]:
    return {name: item[name] for name in names if name in item}
