"""Whose files lie on the paths under outgoing/."""

from typing import Any

import pytest

from functions.adapters.table.drop_paths import DropPathTable
from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.requests import REQUEST_GRACE
from tests.fakes import NOW, a_request

KEY = "incoming/acme/a.csv"


@pytest.fixture
def held(table: Dynamo) -> DropPathTable:
    """The path is held by a request over the version of NOW."""
    paths = DropPathTable(table)
    assert paths.hold(a_request("held", object_key=KEY, created_at=NOW + 1, dropped_at=NOW)) == "held"
    return paths


@pytest.mark.parametrize(
    ("request_", "holder"),
    [
        ({"created_at": NOW + 2, "dropped_at": NOW + 0.001}, "other"),
        ({"created_at": NOW + 2, "dropped_at": NOW}, "other"),
        ({"created_at": NOW + 2, "dropped_at": NOW - 0.001}, "held"),
        ({"created_at": NOW, "dropped_at": NOW}, "held"),
        ({"created_at": NOW + 2, "dropped_at": None}, "other"),
    ],
    ids=["newer version", "retry", "retry of an older version", "the request before a retry", "from before the field"],
)
def test_a_path_is_taken_by_what_is_newer(held: DropPathTable, request_: dict[str, Any], holder: str) -> None:
    assert held.hold(a_request("other", object_key=KEY, **request_)) == holder


def test_a_path_that_is_held_is_held_again(held: DropPathTable) -> None:
    assert held.hold(a_request("held", object_key=KEY, created_at=NOW + 1, dropped_at=NOW)) == "held"


def test_another_path_is_anybodys(held: DropPathTable) -> None:
    assert held.hold(a_request("other", object_key="incoming/acme/b.csv", created_at=0.0)) == "other"


def test_a_path_is_forgotten_after_its_files_have_expired(held: DropPathTable) -> None:
    record = held.table.get("OUTGOING#outgoing/acme/a.csv", "OUTGOING") or {}
    assert record["ttl"] == a_request().expires_at + REQUEST_GRACE
