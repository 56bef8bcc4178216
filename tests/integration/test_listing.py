"""Requests by owner and by CSV, exports and received webhooks, in a table."""

import pytest

from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.exports import ExportTable
from functions.adapters.table.listing import RequestIndex
from functions.adapters.table.received_webhooks import ReceivedTable
from functions.adapters.table.requests import RequestTable
from functions.core.catalogue.export import Ordered
from tests.fakes import NOW, a_request

KEY = "incoming/acme/products.csv"


def id_of(number: int) -> str:
    return f"{number:08d}-2222-4333-8444-555555555555"


def filled(table: Dynamo) -> RequestIndex:
    """Five requests of acme a second apart, two of them over one CSV, and one of somebody else."""
    requests = RequestTable(table)
    for number in range(5):
        key = {"object_key": KEY} if number in {1, 3} else {}
        requests.create(a_request(id_of(number), created_at=NOW + number, **key), NOW)
    requests.create(a_request(id_of(9), owner="other", created_at=NOW + 0.5, object_key="incoming/other/x.csv"), NOW)
    return RequestIndex(table)


def test_an_owner_gets_its_own_requests_newest_first(table: Dynamo) -> None:
    found, following = filled(table).of_owner("acme", 10)
    assert [request.request_id for request in found] == [id_of(number) for number in (4, 3, 2, 1, 0)]
    assert following is None


def test_pages_add_up(table: Dynamo) -> None:
    index, ids, after = filled(table), list[str](), None
    while True:
        found, after = index.of_owner("acme", 2, after)
        ids += [request.request_id for request in found]
        if after is None:
            break
    assert ids == [id_of(number) for number in (4, 3, 2, 1, 0)]


def test_the_requests_of_a_csv_are_found_by_its_key(table: Dynamo) -> None:
    found, _ = filled(table).of_source(KEY, 10)
    assert [request.request_id for request in found] == [id_of(3), id_of(1)]
    assert found[0] == a_request(id_of(3), created_at=NOW + 3, object_key=KEY)


def test_requests_between_two_times_include_the_first_and_not_the_last(table: Dynamo) -> None:
    found = filled(table).between("acme", NOW + 1, NOW + 3)
    assert [request.request_id for request in found] == [id_of(1), id_of(2)]


@pytest.mark.parametrize("until", [NOW + 1, NOW, 0.0])
def test_between_a_time_and_one_that_is_not_later_there_is_nothing(table: Dynamo, until: float) -> None:
    assert list(filled(table).between("acme", NOW + 1, until)) == []


def test_an_order_is_taken_from_whoever_has_seen_the_last_one(table: Dynamo) -> None:
    exports, first, second = ExportTable(table), Ordered("x", NOW), Ordered("y", NOW + 1, 2)
    assert exports.order("acme", first, None)
    assert not exports.order("acme", second, None), "there is one already"
    assert exports.order("acme", second, first)
    assert not exports.order("acme", Ordered("z", NOW + 2), first), "that was not the last one any more"
    assert exports.last("acme") == second
    assert exports.last("other") is None


def test_an_export_is_ready_from_when_it_was_written(table: Dynamo) -> None:
    exports = ExportTable(table)
    exports.order("acme", Ordered("x", NOW), None)
    assert exports.finish("acme", "x", NOW + 5)
    assert exports.last("acme") == Ordered("x", NOW, 1, NOW + 5)
    assert exports.order("acme", Ordered("y", NOW + 9), exports.last("acme"))
    assert exports.last("acme") == Ordered("y", NOW + 9)


def test_an_export_that_is_not_the_last_one_is_not_ready(table: Dynamo) -> None:
    exports = ExportTable(table)
    exports.order("acme", Ordered("x", NOW), None)
    assert not exports.finish("acme", "y", NOW)


def test_received_webhooks_are_paged_newest_first(table: Dynamo) -> None:
    received = ReceivedTable(table)
    for number in range(3):
        received.add("acme", NOW + number, {"body": str(number), "webhook_id": None})
    received.add("other", NOW, {"body": "theirs"})
    first, place = received.page("acme", 2, None)
    second, end = received.page("acme", 2, place)
    assert [webhook["body"] for webhook in first + second] == ["2", "1", "0"]
    assert end is None
