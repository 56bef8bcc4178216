"""The endpoint records."""

from dataclasses import replace

import pytest

from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.endpoints import EndpointTable
from functions.core.model import Attempt, Endpoint, EventType
from functions.core.webhooks.signature import OVERLAP_SECONDS
from tests.fakes import NOW, an_endpoint

UNTIL = NOW + 86_400


@pytest.fixture
def endpoints(table: Dynamo) -> EndpointTable:
    made = EndpointTable(table)
    made.configure(an_endpoint())
    return made


def found(endpoints: EndpointTable) -> Endpoint:
    endpoint = endpoints.find("acme", "we_1")
    assert endpoint is not None
    return endpoint


def test_an_endpoint_comes_back_as_it_was_made(endpoints: EndpointTable) -> None:
    assert found(endpoints) == an_endpoint()


def test_an_endpoint_that_is_not_there_is_none(endpoints: EndpointTable) -> None:
    assert endpoints.find("acme", "we_2") is None


def test_an_endpoint_that_is_configured_again_keeps_its_secret(endpoints: EndpointTable) -> None:
    again = an_endpoint(secret="whsec_other", events=(EventType.FAILED,), created_at=NOW + 9)
    holds = replace(an_endpoint(), events=(EventType.FAILED,))
    assert (endpoints.configure(again), found(endpoints)) == (holds, holds)


def test_an_endpoint_that_is_configured_again_is_enabled(endpoints: EndpointTable) -> None:
    endpoints.disable("acme", "we_1")
    assert not endpoints.configure(an_endpoint()).is_disabled


def test_configuring_leaves_the_rotation_and_the_last_test(endpoints: EndpointTable) -> None:
    endpoints.rotate("acme", "we_1", "whsec_fresh", UNTIL)
    endpoints.log_test("acme", "we_1", Attempt(NOW, 200, None, 5))
    before = found(endpoints)
    assert endpoints.configure(an_endpoint()) == before


def test_the_endpoints_of_an_owner_are_listed_without_those_of_others(endpoints: EndpointTable) -> None:
    endpoints.configure(an_endpoint("we_2", "https://second.example/"))
    endpoints.configure(an_endpoint("we_3", owner="other"))
    endpoints.table.put({"pk": "OWNER#acme", "sk": "SECRET", "secret": "whsec_x"})
    assert [endpoint.endpoint_id for endpoint in endpoints.of_owner("acme")] == ["we_1", "we_2"]


def test_an_endpoint_is_not_among_the_requests_of_its_owner(endpoints: EndpointTable) -> None:
    answer = endpoints.table.dynamodb.scan(TableName=endpoints.table.name, IndexName="owner")
    assert answer["Items"] == []


def test_an_endpoint_that_is_deleted_is_gone(endpoints: EndpointTable) -> None:
    assert endpoints.delete("acme", "we_1")
    assert endpoints.of_owner("acme") == []


def test_an_endpoint_is_deleted_once(endpoints: EndpointTable) -> None:
    endpoints.delete("acme", "we_1")
    assert not endpoints.delete("acme", "we_1")


def test_the_endpoint_of_another_owner_is_not_deleted(endpoints: EndpointTable) -> None:
    assert not endpoints.delete("other", "we_1")
    assert found(endpoints)


def test_a_rotation_keeps_the_secret_before(endpoints: EndpointTable) -> None:
    rotated = endpoints.rotate("acme", "we_1", "whsec_fresh", UNTIL)
    before = an_endpoint().secret
    assert (
        rotated == found(endpoints) == an_endpoint(secret="whsec_fresh", previous_secret=before, previous_until=UNTIL)
    )


def test_a_rotation_that_is_done_twice_keeps_the_secret_before(endpoints: EndpointTable) -> None:
    once = endpoints.rotate("acme", "we_1", "whsec_fresh", UNTIL)
    assert endpoints.rotate("acme", "we_1", "whsec_fresh", UNTIL + 9) == once


def test_no_secret_stops_signing_before_its_time(endpoints: EndpointTable) -> None:
    """A client that saw no answer rotates again; the receiver may still know the first secret only."""
    once = endpoints.rotate("acme", "we_1", "whsec_fresh", UNTIL)
    assert endpoints.rotate("acme", "we_1", "whsec_fresher", UNTIL + OVERLAP_SECONDS - 1) == once
    later = endpoints.rotate("acme", "we_1", "whsec_fresher", UNTIL + OVERLAP_SECONDS)
    assert later is not None
    assert (later.secret, later.previous_secret) == ("whsec_fresher", "whsec_fresh")


def test_an_endpoint_that_is_not_there_is_not_rotated(endpoints: EndpointTable) -> None:
    assert endpoints.rotate("acme", "we_2", "whsec_fresh", UNTIL) is None
    assert endpoints.find("acme", "we_2") is None


def test_an_endpoint_that_is_disabled_listens_to_nothing(endpoints: EndpointTable) -> None:
    assert endpoints.disable("acme", "we_1")
    assert not any(found(endpoints).listens_to(event) for event in EventType)


@pytest.mark.parametrize("attempt", [Attempt(NOW + 1.5, 204, None, 42), Attempt(NOW, None, "timeout: no answer", 9)])
def test_a_test_is_kept(endpoints: EndpointTable, attempt: Attempt) -> None:
    assert endpoints.log_test("acme", "we_1", attempt)
    assert found(endpoints).last_test == attempt


def test_an_endpoint_that_was_deleted_is_not_brought_back(endpoints: EndpointTable) -> None:
    endpoints.delete("acme", "we_1")
    assert not endpoints.disable("acme", "we_1")
    assert not endpoints.log_test("acme", "we_1", Attempt(NOW, 200, None, 5))
    assert endpoints.of_owner("acme") == []
