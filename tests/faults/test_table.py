"""The model of the table answers every call of a schedule as the emulation of DynamoDB does.

That is moto, or DynamoDB Local where the environment says IMAGEPRESS_DYNAMODB=local.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests import aws
from tests.faults.simulator.clients import DynamoClient
from tests.faults.simulator.expressions import condition, update
from tests.faults.simulator.faults import Faults
from tests.faults.simulator.inputs import ONE_KILLS, SOME_FAIL, drop, listen, retry, upload
from tests.faults.simulator.invariants import of_the_world
from tests.faults.simulator.schedule import Schedule
from tests.faults.simulator.table import Table
from tests.faults.simulator.world import TABLE, World

PARENT_ID, CHILD_ID = "88888888-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
CALLS = {"get_item", "batch_get_item", "put_item", "update_item", "transact_write_items", "query"}


class Both:
    """Every call is made of the model and of the emulation; any difference between their answers fails."""

    def __init__(self, emulation: Any) -> None:
        self.model, self.emulation = Table(), emulation
        self.compared: Counter[str] = Counter()
        aws.create_table(self.emulation, TABLE)

    def begin(self) -> None:
        self.model.begin()

    def __getattr__(self, call: str) -> Callable[..., Any]:
        def compared(Behind: int = 0, **arguments: Any) -> Any:  # noqa: N803 - the emulation is never behind
            wanted = _told(lambda: getattr(self.emulation, call)(**arguments))
            told = _told(lambda: getattr(self.model, call)(**arguments))
            assert told == wanted, f"{call} of {arguments}"
            self.compared[call] += 1
            return getattr(self.model, call)(**arguments) if call in READS else _again(told, call)

        return compared


READS = {"get_item", "batch_get_item", "query"}


def _told(made: Callable[[], Any]) -> tuple[str, Any]:
    """An answer or a refusal; whether a full page says that more may follow is up to each."""
    try:
        answer = made() or {}
    except ClientError as error:
        reasons: Any = error.response.get("CancellationReasons", [])
        return error.response["Error"]["Code"], [{"Code": reason["Code"]} for reason in reasons]
    for found in answer.get("Responses", {}).values():
        found.sort(key=lambda record: (record["pk"]["S"], record["sk"]["S"]))
    return "", {name: _plain(answer[name]) for name in ("Item", "Items", "Responses") if answer.get(name)}


def _plain(node: Any) -> Any:
    """With the digits that DynamoDB keeps of a number: it drops zeros at the end, which the model and moto do not."""
    match node:
        case {"N": str(digits)}:
            return {"N": str(Decimal(digits).normalize())}
        case dict():
            return {name: _plain(value) for name, value in node.items()}
        case list():
            return [_plain(value) for value in node]
        case _:
            return node


def _again(told: tuple[str, Any], call: str) -> None:
    code, reasons = told
    if code:
        answer: Any = {"Error": {"Code": code, "Message": "both"}, "CancellationReasons": reasons}
        raise ClientError(answer, call)


@pytest.fixture
def both(request: pytest.FixtureRequest) -> Iterator[Both]:
    emulation = request.getfixturevalue("dynamodb_local") if aws.USES_DYNAMODB_LOCAL else DynamoClient()
    yield Both(emulation)
    emulation.delete_table(TableName=TABLE)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_schedule_asks_the_model_answers_as_the_emulation_does(both: Both, seed: int) -> None:
    world = World(Faults(seed, rate=0.1), dynamodb=both)
    listen(world)
    drop(world, SOME_FAIL, times=2)
    drop(world, ONE_KILLS)
    upload(world, SOME_FAIL, is_message_lost=True, request_id=PARENT_ID)
    schedule = Schedule(world, seed)
    schedule.run()
    retry(world, PARENT_ID, CHILD_ID)
    schedule.run()
    assert list(of_the_world(world)) == []
    assert set(both.compared) == CALLS


@pytest.mark.parametrize("text", ["", "NOT pk = :pk", "pk = :pk AND", "contains(pk, :pk)", "a.b = :c", "pk ~ :pk"])
def test_a_condition_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises((ValueError, IndexError, KeyError)):
        condition(text, ())({}, {":pk": {"S": "x"}, ":c": {"S": "x"}})


@pytest.mark.parametrize("text", ["DELETE a :b", "SET a = if_not_exists(a, :b)", "SET a[0] = :b", "SET a = :b + :c"])
def test_an_update_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises((ValueError, IndexError, KeyError)):
        update(text, ())
