"""What AWS would charge for: every call by the function that made it, and DynamoDB's units of reading and writing."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.aws import INDEXES
from tests.faults.simulator.expressions import Item
from tests.faults.simulator.world import World

WRITE_UNIT, READ_UNIT = 1_024, 4_096  # bytes
PART_BYTES = 16 << 20  # of a multipart upload
WRITES = {"put_item", "update_item", "delete_item"}
Count = Counter[tuple[str, str]]  # by function and operation, or function and unit


@dataclass
class Meter:
    """Counts what the functions of a world do, and nothing that the world itself looks up."""

    world: World
    calls: Count = field(default_factory=Counter)
    units: Count = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Sit between the faults and the models."""
        world = self.world
        world.table.dynamodb.client = _MeteredTable(self, world.dynamodb)
        for faulty in (world.sqs, world.results.s3, world.uploads.s3):
            faulty.client = _Metered(self, faulty.client)

    def count(self, operation: str, times: int = 1) -> None:
        """So many calls of the function that runs; outside of any, of the services of AWS themselves."""
        with self._lock:
            self.calls[self.world.faults.function or "aws", operation] += times

    def charge(self, unit: str, units: float) -> None:
        """DynamoDB's capacity, of the same."""
        with self._lock:
            self.units[self.world.faults.function or "aws", unit] += units  # type: ignore[assignment]  # halves, too


@dataclass
class _Metered:
    meter: Meter
    client: Any

    def __getattr__(self, call: str) -> Callable[..., Any]:
        def made(*places: Any, **arguments: Any) -> Any:
            if call == "upload_fileobj":
                return self._upload(*places, **arguments)
            self.meter.count(_operation(call))
            return getattr(self.client, call)(*places, **arguments)

        return made

    def _upload(self, source: Any, bucket: str, key: str, **_settings: Any) -> None:
        """One PutObject, or the parts of a large one between its beginning and its end; all cost the same."""
        content = source.read()
        parts = -(-len(content) // PART_BYTES)
        self.meter.count("PutObject", 1 if parts <= 1 else parts + 2)
        self.client.put_object(bucket, key, content)


@dataclass
class _MeteredTable:
    meter: Meter
    client: Any

    def __getattr__(self, call: str) -> Callable[..., Any]:
        def made(**arguments: Any) -> Any:
            self.meter.count(_operation(call))
            changes = _changes(call, arguments)
            before = [self._item(change) for change in changes]
            try:
                answer = getattr(self.client, call)(**arguments)
            finally:  # a write whose condition does not hold costs what was looked at
                after = [self._item(change) for change in changes]
                factor = 2 if call == "transact_write_items" else 1
                written = sum(_write_units(*pair, factor) for pair in zip(before, after, strict=True))
                if written:
                    self.meter.charge("writes", written)
            if call not in WRITES | {"transact_write_items"}:
                self.meter.charge("reads", _read_units(call, arguments, self._whole(call, arguments, answer)))
            return answer

        return made

    def _whole(self, call: str, arguments: Mapping[str, Any], answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is read for an answer: of its records everything, however little of them was asked for."""
        if "ProjectionExpression" not in arguments:
            return answer
        everything = {name: value for name, value in arguments.items() if name != "ProjectionExpression"}
        read: Mapping[str, Any] = getattr(self.client, call)(**everything)
        return read

    def _item(self, key: Mapping[str, Any]) -> Item:
        found: Item = self.client.get_item(Key={"pk": key["pk"], "sk": key["sk"]}).get("Item", {})
        return found


def _operation(call: str) -> str:
    """AWS's name for a method of boto3."""
    return "".join(word.capitalize() for word in call.split("_"))


def _changes(call: str, arguments: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The keys that are written."""
    if call == "transact_write_items":
        return [action["Update"]["Key"] for action in arguments["TransactItems"]]
    return [arguments.get("Item") or arguments["Key"]] if call in WRITES else []


def _write_units(before: Item, after: Item, factor: int) -> int:
    """The larger of both sizes, twice in a transaction; and for each index a unit for what leaves or enters it."""
    base = max(1, -(-max(size(before), size(after)) // WRITE_UNIT))
    return factor * base + sum(_index_units(before, after, names) for names in INDEXES.values())


def _index_units(before: Item, after: Item, names: Iterable[str]) -> int:
    was, became = ([item.get(name) for name in names] for item in (before, after))
    return 0 if was == became else (None not in was) + (None not in became)


def _read_units(call: str, arguments: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """Consistent reads by 4 KiB: each record of a GetItem or BatchGetItem for itself, those of a Query together."""
    if call == "query":
        share = 1.0 if arguments.get("ConsistentRead") else 0.5
        return share * max(1, -(-sum(map(size, answer["Items"])) // READ_UNIT))
    items = [answer.get("Item", {})] if call == "get_item" else next(iter(answer["Responses"].values()))
    return float(sum(max(1, -(-size(item) // READ_UNIT)) for item in items))


def size(item: Mapping[str, Any]) -> int:
    """Bytes of a record as DynamoDB counts them: names and values, numbers by pairs of digits, 3 for a map or list."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return len(held.strip("-0").replace(".", "")) // 2 + 2
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(inner) for name, inner in held.items())
        case "L":
            return 3 + sum(1 + _value_size(inner) for inner in held)
        case _:
            return 1
