"""Writes that meet a transaction at the same record, which boto3 does not do again by itself."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.adapters.aws.clients import FIRST_PAUSE
from functions.adapters.table.dynamodb import TRIES, Dynamo
from functions.core.errors import StorageError


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "PutItem")


CONFLICT = refusal("TransactionConflictException")


class Colliding:
    """A client whose writes are answered with these errors, one after another, and then succeed."""

    def __init__(self, *errors: ClientError) -> None:
        self.errors = list(errors)
        self.written: list[dict[str, Any]] = []

    def put_item(self, **arguments: Any) -> None:
        self.written.append(arguments)
        if self.errors:
            raise self.errors.pop(0)

    update_item = put_item


def put(table: Dynamo) -> bool:
    return table.put({"pk": "p", "sk": "s", "n": 7})


def update(table: Dynamo) -> bool:
    return table.update("p", "s", "SET #n = :n", "attribute_exists(pk)", {"n": 7})


Write = Callable[[Dynamo], bool]
BOTH = pytest.mark.parametrize("write", [put, update])


@BOTH
def test_a_conditional_write_that_met_a_transaction_is_done_again(write: Write) -> None:
    client = Colliding(CONFLICT, CONFLICT)
    assert write(Dynamo(client, "table", lambda _seconds: None))
    assert len(client.written) == 3


@BOTH
def test_the_write_that_is_done_again_is_the_same_write(write: Write) -> None:
    """Above all, it has the same condition."""
    client = Colliding(CONFLICT)
    write(Dynamo(client, "table", lambda _seconds: None))
    first, second = client.written
    assert "ConditionExpression" in first
    assert second == first


@BOTH
def test_a_condition_that_the_transaction_made_untrue_is_an_answer(write: Write) -> None:
    client = Colliding(CONFLICT, refusal("ConditionalCheckFailedException"))
    assert write(Dynamo(client, "table", lambda _seconds: None)) is False
    assert len(client.written) == 2


@BOTH
def test_a_write_that_collides_for_ever_is_a_storage_error(write: Write) -> None:
    client = Colliding(*[CONFLICT] * 2 * TRIES)
    with pytest.raises(StorageError, match="still in conflict"):
        write(Dynamo(client, "table", lambda _seconds: None))
    assert len(client.written) == TRIES


@BOTH
def test_a_failure_of_another_kind_is_not_done_again(write: Write) -> None:
    """boto3 did so already where it helps."""
    client = Colliding(refusal("ValidationException"))
    pauses: list[float] = []
    with pytest.raises(StorageError, match="ValidationException"):
        write(Dynamo(client, "table", pauses.append))
    assert (len(client.written), pauses) == (1, [])


def pauses_of(tries: int) -> list[float]:
    pauses: list[float] = []
    put(Dynamo(Colliding(*[CONFLICT] * tries), "table", pauses.append))
    return pauses


def test_a_write_without_a_conflict_does_not_wait() -> None:
    assert pauses_of(0) == []


def test_the_waits_between_tries_grow_sixteenfold_and_no_further() -> None:
    """Each wait is drawn from nothing up to its own limit; the longest of 200 is close to that limit."""
    rounds = [pauses_of(TRIES - 1) for _ in range(200)]
    longest = [max(waits) for waits in zip(*rounds, strict=True)]
    limits = [FIRST_PAUSE * factor for factor in (1, 2, 4, 8, 16, 16, 16, 16, 16)]
    assert all(0.9 * limit < wait <= limit for wait, limit in zip(longest, limits, strict=True)), longest


def test_two_writers_that_collided_do_not_wait_equally_long() -> None:
    assert pauses_of(4) != pauses_of(4)
