"""DynamoDB with plain values, and what becomes of its failures."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions.adapters.table.dynamodb import TRIES, Dynamo
from functions.core.errors import ImageCode, StorageError


def raising(error: Exception) -> Dynamo:
    class Client:
        def __getattr__(self, _name: str) -> Any:
            def call(**_arguments: Any) -> None:
                raise error

            return call

    return Dynamo(Client(), "table")


def client_error(code: str, *reasons: str) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "CancellationReasons": [{"Code": each} for each in reasons]}
    return ClientError(answer, "Call")


class Transactions:
    """A client whose transactions end so, one after another, and then well."""

    def __init__(self, *errors: ClientError) -> None:
        self.errors: Iterator[ClientError] = iter(errors)
        self.calls = 0

    def transact_write_items(self, **_arguments: Any) -> None:
        self.calls += 1
        error = next(self.errors, None)
        if error:
            raise error


def together(*errors: ClientError) -> tuple[bool, int, list[float]]:
    """The outcome of an update, how often it was tried, and the pauses between."""
    client, pauses = Transactions(*errors), list[float]()
    return Dynamo(client, "table", pauses.append).update_together(), client.calls, pauses


CONFLICT = client_error("TransactionCanceledException", "None", "TransactionConflict")


@pytest.mark.parametrize(
    "value",
    ["text", "", 7, 0, -3, 1.5, True, False, [1, "a", [2]], {"a": {"b": 1.25}}, [], {}],
    ids=repr,
)
def test_a_value_comes_back_as_it_was_written(table: Dynamo, value: object) -> None:
    table.put({"pk": "p", "sk": "s", "value": value})
    assert (table.get("p", "s") or {})["value"] == value


def test_what_is_none_is_not_written(table: Dynamo) -> None:
    table.put({"pk": "p", "sk": "s", "value": None, "inner": {"value": None}})
    assert table.get("p", "s") == {"pk": "p", "sk": "s", "inner": {}}


def test_an_enumeration_is_written_as_its_text(table: Dynamo) -> None:
    table.put({"pk": "p", "sk": "s", "code": ImageCode.TIMEOUT})
    assert (table.get("p", "s") or {})["code"] == "timeout"


def test_a_record_that_is_there_is_not_overwritten(table: Dynamo) -> None:
    table.put({"pk": "p", "sk": "s", "value": 1})
    assert not table.put({"pk": "p", "sk": "s", "value": 2})
    assert (table.get("p", "s") or {})["value"] == 1


def test_an_update_whose_condition_does_not_hold_changes_nothing(table: Dynamo) -> None:
    table.put({"pk": "p", "sk": "s", "value": 1})
    assert not table.update("p", "s", "SET #value = :new", "#value = :old", {"new": 3, "old": 2})
    assert (table.get("p", "s") or {})["value"] == 1


def test_names_that_are_reserved_can_be_used(table: Dynamo) -> None:
    table.put({"pk": "p", "sk": "s", "status": "a"})
    assert table.update("p", "s", "SET #status = :new, #rows = :rows", "#status IN (:a, :b)",
                        {"new": "c", "rows": 5, "a": "a", "b": "b"})  # fmt: skip
    assert table.get("p", "s") == {"pk": "p", "sk": "s", "status": "c", "rows": 5}


def test_updates_together_are_all_made(table: Dynamo) -> None:
    for sk in ("1", "2"):
        table.put({"pk": "p", "sk": sk, "number": 1})
    change = ("ADD #number :one", "attribute_exists(pk)", {"one": 1})
    assert table.update_together(("p", "1", *change), ("p", "2", *change))
    assert [record["number"] for record in table.query("pk = :pk", {"pk": "p"})] == [2, 2]


def test_updates_together_are_none_made_when_one_condition_does_not_hold(table: Dynamo) -> None:
    table.put({"pk": "p", "sk": "1", "number": 1})
    change = ("ADD #number :one", "attribute_exists(pk)", {"one": 1})
    assert not table.update_together(("p", "1", *change), ("p", "2", *change))
    assert [record["number"] for record in table.query("pk = :pk", {"pk": "p"})] == [1]


def test_updates_together_say_which_conditions_did_not_hold(table: Dynamo) -> None:
    table.put({"pk": "p", "sk": "2", "number": 1})
    change = ("ADD #number :one", "attribute_exists(pk)", {"one": 1})
    assert table.refusals(("p", "1", *change), ("p", "2", *change), ("p", "3", *change)) == [0, 2]
    assert table.refusals(("p", "2", *change)) == []


def test_the_newest_records_come_first_and_no_more_than_asked_for(table: Dynamo) -> None:
    for n in range(5):
        table.put({"pk": f"p{n}", "sk": "s", "owner": "acme", "created_at": n})
    found, following = table.page("#owner = :owner", {"owner": "acme"}, 3, None, "owner")
    assert [record["pk"] for record in found] == ["p4", "p3", "p2"]
    rest, end = table.page("#owner = :owner", {"owner": "acme"}, 3, following, "owner")
    assert ([record["pk"] for record in rest], end) == (["p1", "p0"], None)


def test_a_query_of_many_pages_gives_all_records_in_order(table: Dynamo) -> None:
    for n in range(30):
        table.put({"pk": "p", "sk": f"{n:02d}", "filler": "a" * 100_000})
    assert [record["sk"] for record in table.query("pk = :pk", {"pk": "p"})] == [f"{n:02d}" for n in range(30)]


def test_keys_that_a_batch_left_over_are_asked_for_again() -> None:
    class Client:
        def __init__(self) -> None:
            self.asked: list[int] = []

        def batch_get_item(self, RequestItems: Any) -> dict[str, Any]:  # noqa: N803 - as boto3 names it
            first, *rest = RequestItems["table"]["Keys"]
            self.asked.append(len(rest) + 1)
            left = {"table": {"Keys": rest, "ConsistentRead": True}} if rest else {}
            return {"Responses": {"table": [first]}, "UnprocessedKeys": left}

    client, pauses = Client(), list[float]()
    found = list(Dynamo(client, "table", pauses.append).get_many((str(n), "s") for n in range(3)))
    assert ([record["pk"] for record in found], client.asked) == (["0", "1", "2"], [3, 2, 1])
    assert len(pauses) == 2


def test_keys_that_are_never_answered_are_a_storage_error() -> None:
    class Client:
        asked = 0

        def batch_get_item(self, RequestItems: Any) -> dict[str, Any]:  # noqa: N803 - as boto3 names it
            self.asked += 1
            return {"Responses": {}, "UnprocessedKeys": RequestItems}

    client = Client()
    with pytest.raises(StorageError, match="BatchGetItem: keys without an answer"):
        list(Dynamo(client, "table", lambda _seconds: None).get_many([("p", "s")]))
    assert client.asked == TRIES


@pytest.mark.parametrize(
    "error",
    [client_error("ProvisionedThroughputExceededException"), EndpointConnectionError(endpoint_url="http://aws")],
    ids=["throttled", "no connection"],
)
@pytest.mark.parametrize("call", ["get", "get_many", "put", "update", "query", "page", "update_together"])
def test_a_call_that_fails_is_a_storage_error(call: str, error: Exception) -> None:
    table = raising(error)
    calls: dict[str, Any] = {
        "get": lambda: table.get("p", "s"),
        "get_many": lambda: list(table.get_many([("p", "s")])),
        "put": lambda: table.put({"pk": "p", "sk": "s"}),
        "update": lambda: table.update("p", "s", "REMOVE a", "attribute_exists(a)", {}),
        "query": lambda: list(table.query("pk = :pk", {"pk": "p"})),
        "page": lambda: table.page("pk = :pk", {"pk": "p"}, 1, None),
        "update_together": lambda: table.update_together(("p", "s", "REMOVE a", "attribute_exists(a)", {})),
    }
    with pytest.raises(StorageError):
        calls[call]()


@pytest.mark.parametrize(
    "error",
    [
        CONFLICT,
        client_error("TransactionCanceledException", "ThrottlingError"),
        client_error("TransactionInProgressConflictException"),
        client_error("TransactionConflictException"),
    ],
    ids=["conflict", "throttled", "in progress", "conflict exception"],
)
def test_a_transaction_that_collided_is_tried_again(error: ClientError) -> None:
    assert together(error)[:2] == (True, 2)


def test_a_write_that_met_a_transaction_is_tried_again() -> None:
    """boto3 leaves this to its caller."""
    pauses: list[float] = []
    errors = iter([client_error("TransactionConflictException")])

    class Client:
        def put_item(self, **_arguments: Any) -> None:
            error = next(errors, None)
            if error:
                raise error

    assert Dynamo(Client(), "table", pauses.append).put({"pk": "p", "sk": "s"})
    assert len(pauses) == 1


def test_a_condition_that_does_not_hold_is_not_tried_again() -> None:
    canceled = client_error("TransactionCanceledException", "ConditionalCheckFailed", "None")
    assert together(canceled)[:2] == (False, 1)


def test_a_condition_that_does_not_hold_counts_more_than_a_collision() -> None:
    canceled = client_error("TransactionCanceledException", "ConditionalCheckFailed", "TransactionConflict")
    assert together(canceled)[:2] == (False, 1)


def test_pauses_between_tries_stay_short() -> None:
    _, _, pauses = together(*[CONFLICT] * (TRIES - 1))
    assert len(pauses) == TRIES - 1
    assert max(pauses) <= 0.8


def test_a_transaction_that_collides_for_ever_is_a_storage_error() -> None:
    with pytest.raises(StorageError, match="still in conflict"):
        together(*[CONFLICT] * TRIES)


def test_a_record_is_deleted_once(table: Dynamo) -> None:
    table.put({"pk": "P", "sk": "S"})
    assert [table.delete("P", "S"), table.delete("P", "S"), table.get("P", "S")] == [True, False, None]


def test_a_record_that_does_not_meet_the_condition_is_not_deleted(table: Dynamo) -> None:
    table.put({"pk": "P", "sk": "S"})
    assert not table.delete("P", "S", condition="attribute_exists(gone)")
    assert table.get("P", "S")
