"""Names and redirects that lead to where nobody may go: refused, before a single packet."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any

import pytest

from functions.adapters.http import guard
from functions.adapters.http.post import Poster, _GuardedAdapter
from functions.adapters.table.deliveries import DeliveryTable
from functions.core.errors import ImageCode
from functions.core.model import Delivery, DeliveryState, EventType, WebhookStatus
from functions.core.network.addresses import AddressPolicy
from tests.faults.simulator.inputs import ALL_WELL, SHOP
from tests.faults.simulator.origins import rows_of, settle, with_real_fetcher
from tests.faults.simulator.receivers import Rerouted
from tests.faults.simulator.row import Row
from tests.loopback import Server, answer, serving

METADATA = "169.254.169.254"
PERMITTED, FORBIDDEN = "127.0.0.1", "127.0.0.2"
ONE_ADDRESS = AddressPolicy.parse([f"{PERMITTED}/32"])


@dataclass
class Connections:
    """The addresses that were connected to."""

    addresses: list[str] = field(default_factory=list)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    """What any socket of the process connects to; nobody is there beyond loopback."""
    seen, connect = Connections(), socket.socket.connect

    def watched(connection: socket.socket, address: Any) -> None:
        seen.addresses.append(address[0])
        if not address[0].startswith("127."):
            raise ConnectionRefusedError(address[0])
        connect(connection, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    return seen


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


def resolving(*answers: list[str]) -> Callable[..., list[Any]]:
    """A name server whose answers change from one look-up to the next."""
    following = cycle(answers)

    def resolve(_host: str, port: int, **_more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(following)]

    return resolve


# --- images ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [f"http://{METADATA}/latest/meta-data/", f"http://{FORBIDDEN}:{{port}}/a.jpg"])
def test_a_redirect_to_a_forbidden_address_is_refused_without_a_packet(
    server: Server, connections: Connections, target: str
) -> None:
    location = target.format(port=server.port)
    url = server.says("/a.jpg", answer("302 Found", Location=location, Connection="close"))
    row = Row(lines=rows_of(url, server.says("/b.jpg", answer(body=b"bytes"))))
    with with_real_fetcher(row.world, ONE_ADDRESS):
        settle(row)
    assert row.codes() == {0: ImageCode.ADDRESS_NOT_PUBLIC, 1: None}
    assert {*connections.addresses} == {PERMITTED}
    assert [request.line for request in server.requests].count("GET /a.jpg HTTP/1.1") == 1


@pytest.mark.parametrize("other", [METADATA, FORBIDDEN])
def test_a_name_that_changes_its_address_after_the_check_is_connected_to_as_checked(
    server: Server, connections: Connections, other: str
) -> None:
    """The second look-up, which there must not be, would give the forbidden address."""
    server.says("/a.jpg", answer(body=b"bytes"))
    row = Row(lines=rows_of(f"http://shop.example:{server.port}/a.jpg"))
    with with_real_fetcher(row.world, ONE_ADDRESS, resolving([PERMITTED], [other])):
        settle(row)
    assert row.codes() == {0: None}
    assert connections.addresses == [PERMITTED]


@pytest.mark.parametrize("answers", [[METADATA], [FORBIDDEN], [PERMITTED, METADATA]], ids=str)
def test_a_name_with_any_forbidden_address_is_refused_without_a_packet(
    server: Server, connections: Connections, answers: list[str]
) -> None:
    row = Row(lines=rows_of(f"http://shop.example:{server.port}/a.jpg"))
    with with_real_fetcher(row.world, ONE_ADDRESS, resolving(answers)):
        settle(row)
    assert row.codes() == {0: ImageCode.ADDRESS_NOT_PUBLIC}
    assert (connections.addresses, server.connections) == ([], 0)


# --- webhooks --------------------------------------------------------------------------------------------------------


def delivered(url: str, resolve: Callable[..., list[Any]]) -> tuple[Row, Delivery]:
    """How the completion of a request was told to an endpoint there."""
    row = Row(lines=ALL_WELL)
    allowed = guard.Guard(ONE_ADDRESS, resolve)
    poster = Rerouted(row.world.receivers, Poster(allowed, _GuardedAdapter(allowed)), {SHOP: url})
    row.world.notify = replace(row.world.notify, deliver=replace(row.world.notify.deliver, poster=poster))
    row.schedule.run()
    deliveries = DeliveryTable(row.world.onlooker.table).of_request(row.request_id)
    (found,) = (each for each in deliveries if each.url == SHOP and each.event is EventType.COMPLETED)
    return row, found


@pytest.mark.parametrize("answers", [[METADATA], [FORBIDDEN], [PERMITTED, METADATA]], ids=str)
def test_a_webhook_to_a_forbidden_address_gives_up_without_a_packet(
    server: Server, connections: Connections, answers: list[str]
) -> None:
    row, delivery = delivered(f"http://shop.example:{server.port}/hook", resolving(answers))
    assert (delivery.state, len(delivery.attempts)) == (DeliveryState.GAVE_UP, 1)
    assert row.world.request(row.request_id).webhook_status is WebhookStatus.FAILED
    assert (connections.addresses, server.connections) == ([], 0)


@pytest.mark.parametrize("other", [METADATA, FORBIDDEN])
def test_a_webhook_to_a_name_that_changes_its_address_goes_to_the_checked_one_or_nowhere(
    server: Server, connections: Connections, other: str
) -> None:
    server.says("/hook", answer(Connection="close"))
    resolve = resolving([PERMITTED], [other])
    _, delivery = delivered(f"http://shop.example:{server.port}/hook", resolve)
    assert {*connections.addresses} == {PERMITTED}
    assert delivery.state in {DeliveryState.DELIVERED, DeliveryState.GAVE_UP}


def test_a_webhook_that_is_redirected_to_the_metadata_service_goes_nowhere(
    server: Server, connections: Connections
) -> None:
    url = server.says("/hook", answer("307 Temporary Redirect", Location=f"http://{METADATA}/", Connection="close"))
    _, delivery = delivered(url, socket.getaddrinfo)
    assert delivery.state is DeliveryState.GAVE_UP
    assert {*connections.addresses} == {PERMITTED}
