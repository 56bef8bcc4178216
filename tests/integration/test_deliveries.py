"""The delivery records, and the secrets."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from functions.adapters.table.deliveries import DeliveryTable, parse_delivery_sk
from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.requests import RequestTable
from functions.adapters.table.webhook_secrets import SecretTable
from functions.core.model import Attempt, Delivery, DeliveryState, EventType
from tests.fakes import NOW, REQUEST_ID, a_request

DELIVERY = Delivery(REQUEST_ID, EventType.COMPLETED, "request", "https://hook.example/x", "acme")
ATTEMPT = Attempt(NOW + 1.5, 500, None, 42)
DUE = NOW + 300
EXPIRES = int(NOW) + 86_400


@pytest.fixture
def deliveries(table: Dynamo) -> DeliveryTable:
    made = DeliveryTable(table)
    made.create(DELIVERY, DUE, EXPIRES)
    return made


def found(deliveries: DeliveryTable) -> Delivery:
    delivery = deliveries.find(REQUEST_ID, EventType.COMPLETED, "request")
    assert delivery is not None
    return delivery


def due(deliveries: DeliveryTable, now: float) -> list[tuple[str, float]]:
    return [(record["sk"], record["due_at"]) for record in RequestTable(deliveries.table).due(now)]


def test_a_delivery_comes_back_as_it_was_made(deliveries: DeliveryTable) -> None:
    assert found(deliveries) == DELIVERY


def test_a_delivery_that_is_there_is_not_made_again(deliveries: DeliveryTable) -> None:
    deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.DELIVERED, None)
    assert not deliveries.create(DELIVERY, DUE, EXPIRES)
    assert found(deliveries).state is DeliveryState.DELIVERED


def test_a_delivery_that_is_not_there_is_none(deliveries: DeliveryTable) -> None:
    assert deliveries.find(REQUEST_ID, EventType.FAILED, "request") is None


def test_the_deliveries_of_a_request_are_listed_without_the_request(deliveries: DeliveryTable) -> None:
    RequestTable(deliveries.table).create(a_request(), DUE)
    other = replace(DELIVERY, endpoint_id="other")
    deliveries.create(other, DUE, EXPIRES)
    assert deliveries.of_request(REQUEST_ID) == [other, DELIVERY]


def test_the_deliveries_to_an_endpoint_come_newest_first_page_by_page(deliveries: DeliveryTable) -> None:
    sent = [replace(DELIVERY, request_id=f"{each}", endpoint_id="we_1", created_at=NOW + each) for each in range(5)]
    for each in [*sent, replace(sent[0], owner="other"), replace(sent[1], endpoint_id="we_2")]:
        deliveries.create(each, DUE, EXPIRES)
    deliveries.log_attempt(sent[4], ATTEMPT, DeliveryState.DELIVERED, None)
    listed, place = deliveries.of_endpoint("acme", "we_1", 2)
    assert (listed[0].state, listed[0].attempts) == (DeliveryState.DELIVERED, (ATTEMPT,))
    while place is not None:
        page, place = deliveries.of_endpoint("acme", "we_1", 2, place)
        listed += page
    assert [each.request_id for each in listed] == ["4", "3", "2", "1", "0"]


def test_a_delivery_of_version_1_0_is_in_no_log_of_an_endpoint(deliveries: DeliveryTable) -> None:
    assert deliveries.of_endpoint("acme", "request", 10) == ([], None)
    assert found(deliveries).created_at is None


@pytest.mark.parametrize("attempt", [ATTEMPT, Attempt(NOW, None, "timeout: no answer", 15_000)])
def test_an_attempt_is_logged(deliveries: DeliveryTable, attempt: Attempt) -> None:
    deliveries.log_attempt(DELIVERY, attempt, DeliveryState.WAITING, DUE)
    assert found(deliveries).attempts == (attempt,)


def test_attempts_are_logged_in_their_order(deliveries: DeliveryTable) -> None:
    second = replace(ATTEMPT, at=NOW + 9)
    deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.WAITING, DUE)
    deliveries.log_attempt(found(deliveries), second, DeliveryState.WAITING, DUE)
    assert found(deliveries).attempts == (ATTEMPT, second)


def test_the_same_attempt_is_logged_once(deliveries: DeliveryTable) -> None:
    deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.WAITING, DUE)
    assert not deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.WAITING, DUE)
    assert found(deliveries).attempts == (ATTEMPT,)


def test_of_many_runs_of_one_attempt_one_is_logged(deliveries: DeliveryTable) -> None:
    def log(_number: int) -> bool:
        return deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.WAITING, DUE)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(log, range(8))) == 1


def test_a_new_delivery_is_due_when_it_was_said(deliveries: DeliveryTable) -> None:
    assert due(deliveries, DUE) == [("DELIVERY#processing.completed#request", DUE)]


def test_an_attempt_sets_when_the_next_is_due(deliveries: DeliveryTable) -> None:
    deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.WAITING, DUE + 50)
    assert due(deliveries, DUE + 50) == [("DELIVERY#processing.completed#request", DUE + 50)]


def test_a_delivery_that_has_ended_is_never_due_again(deliveries: DeliveryTable) -> None:
    deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.DELIVERED, None)
    assert due(deliveries, NOW + 1e9) == []


def test_a_delivery_that_has_ended_cannot_be_put_off(deliveries: DeliveryTable) -> None:
    deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.DELIVERED, None)
    assert not deliveries.put_off(DELIVERY, DUE)
    assert due(deliveries, NOW + 1e9) == []


def test_a_delivery_that_is_put_off_is_due_later(deliveries: DeliveryTable) -> None:
    deliveries.put_off(DELIVERY, DUE + 50)
    assert due(deliveries, DUE + 49) == []


def test_a_delivery_that_died_has_given_up(deliveries: DeliveryTable) -> None:
    assert deliveries.give_up(REQUEST_ID, EventType.COMPLETED, "request")
    assert (found(deliveries).state, due(deliveries, NOW + 1e9)) == (DeliveryState.GAVE_UP, [])


def test_a_delivery_that_has_arrived_does_not_give_up(deliveries: DeliveryTable) -> None:
    deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.DELIVERED, None)
    assert not deliveries.give_up(REQUEST_ID, EventType.COMPLETED, "request")
    assert found(deliveries).state is DeliveryState.DELIVERED


def test_giving_up_makes_no_delivery(deliveries: DeliveryTable) -> None:
    assert not deliveries.give_up(REQUEST_ID, EventType.FAILED, "request")
    assert deliveries.find(REQUEST_ID, EventType.FAILED, "request") is None


@pytest.mark.parametrize("state", DeliveryState)
def test_a_delivery_is_opened_again_with_its_attempts(deliveries: DeliveryTable, state: DeliveryState) -> None:
    deliveries.log_attempt(DELIVERY, ATTEMPT, state, None)
    assert deliveries.reopen(found(deliveries), DUE)
    assert found(deliveries) == replace(DELIVERY, attempts=(ATTEMPT,))
    assert due(deliveries, DUE) == [("DELIVERY#processing.completed#request", DUE)]


def test_a_delivery_is_opened_again_twice_as_once(deliveries: DeliveryTable) -> None:
    deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.DELIVERED, None)
    ended = found(deliveries)
    assert deliveries.reopen(ended, DUE)
    assert deliveries.reopen(ended, DUE)


def test_a_delivery_that_was_attempted_meanwhile_is_not_opened_again(deliveries: DeliveryTable) -> None:
    deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.DELIVERED, None)
    assert not deliveries.reopen(DELIVERY, DUE)
    assert found(deliveries).state is DeliveryState.DELIVERED


def test_a_delivery_that_is_not_there_is_not_opened(deliveries: DeliveryTable) -> None:
    assert not deliveries.reopen(replace(DELIVERY, endpoint_id="other"), DUE)


def test_the_key_of_a_delivery_is_read_back() -> None:
    assert parse_delivery_sk("DELIVERY#processing.failed#e1") == (EventType.FAILED, "e1")


@pytest.mark.parametrize("sk", ["REQUEST", "DELIVERY#processing.failed", "IMAGE#processing.failed#e1", "DELIVERY#x#e1"])
def test_the_key_of_anything_else_is_refused(sk: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever its words
        parse_delivery_sk(sk)


def test_an_owner_gets_a_secret_on_first_use(table: Dynamo) -> None:
    assert SecretTable(table).get_or_create("acme", "whsec_first") == "whsec_first"


def test_an_owner_keeps_the_first_secret(table: Dynamo) -> None:
    secrets = SecretTable(table)
    secrets.get_or_create("acme", "whsec_first")
    assert secrets.get_or_create("acme", "whsec_second") == "whsec_first"


def test_owners_have_secrets_of_their_own(table: Dynamo) -> None:
    secrets = SecretTable(table)
    secrets.get_or_create("acme", "whsec_first")
    assert secrets.get_or_create("other", "whsec_second") == "whsec_second"


def test_a_rotated_secret_signs_beside_the_new_one_until_its_time(table: Dynamo) -> None:
    secrets = SecretTable(table)
    secrets.get_or_create("acme", "whsec_first")
    assert secrets.rotate("acme", "whsec_second", NOW + 60)
    assert secrets.secrets("acme", "whsec_unused", NOW + 59) == ["whsec_second", "whsec_first"]
    assert secrets.secrets("acme", "whsec_unused", NOW + 60) == ["whsec_second"]


def test_a_rotation_that_is_done_twice_keeps_the_secret_before(table: Dynamo) -> None:
    secrets = SecretTable(table)
    secrets.get_or_create("acme", "whsec_first")
    secrets.rotate("acme", "whsec_second", NOW + 60)
    assert not secrets.rotate("acme", "whsec_second", NOW + 90)
    assert secrets.secrets("acme", "whsec_unused", NOW) == ["whsec_second", "whsec_first"]


def test_an_owner_without_a_secret_gets_the_one_of_the_rotation(table: Dynamo) -> None:
    secrets = SecretTable(table)
    assert secrets.rotate("acme", "whsec_first", NOW + 60)
    assert secrets.secrets("acme", "whsec_unused", NOW) == ["whsec_first"]
