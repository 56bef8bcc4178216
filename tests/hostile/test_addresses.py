"""Every URL of the corpus against the guard, as an image's and as a webhook's, and against a second opinion."""

import socket
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import requests

from functions.adapters.http.fetch import Fetcher
from functions.adapters.http.guard import Guard
from functions.adapters.http.post import Poster, _GuardedAdapter
from functions.core.errors import ImageCode, ImageError
from functions.core.network.addresses import AddressPolicy
from tests.hostile.corpus import CASES, NAMES, Case
from tests.hostile.network import Connections, NameServer, answers, watched
from tests.hostile.oracle import LOOSER, targets
from tests.loopback import MAX_BYTES, Server, answer, serving

PUBLIC = AddressPolicy()
METADATA = "169.254.169.254"
PERMITTED, FORBIDDEN = "127.0.0.1", "127.0.0.2"
ONE_ADDRESS = AddressPolicy.parse([f"{PERMITTED}/32"])


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    return watched(monkeypatch)


@pytest.fixture
def names() -> NameServer:
    return NameServer(NAMES)


@pytest.fixture
def origin() -> Iterator[Server]:
    with serving() as server:
        yield server


def fetcher(names: Any, policy: AddressPolicy = PUBLIC) -> Fetcher:
    guard = Guard(policy, names)
    return Fetcher(guard, MAX_BYTES, guard.pools(), max_seconds=5)


def poster(names: Any, policy: AddressPolicy = PUBLIC) -> Poster:
    guard = Guard(policy, names)
    return Poster(guard, _GuardedAdapter(guard))


def fetched(url: str, asking: Fetcher) -> str:
    """The code by which it fails."""
    with pytest.raises(ImageError) as caught:
        asking.fetch(url, lambda _size: None)
    return caught.value.code


def posted(url: str, asking: Poster) -> str:
    """The code by which it fails."""
    return (asking.post(url, b"{}", {}).error or "").partition(":")[0]


# --- the corpus ------------------------------------------------------------------------------------------------------


def verdict(code: str, connections: Connections) -> str:
    """The code of what was refused; else where it was connected to, and nobody was there."""
    if code != ImageCode.CONNECTION_FAILED:
        assert connections.made == [], "what is refused is refused without a packet"
        return code
    return connections.made[0]  # the others of its addresses come next


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_image_is_fetched_from_where_its_url_leads_or_from_nowhere(
    case: Case, names: NameServer, connections: Connections
) -> None:
    assert verdict(fetched(case.url, fetcher(names)), connections) == case.verdict
    assert len(names.asked) <= 1, "what was looked up once is not looked up again"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_webhook_is_posted_to_where_an_image_would_be_fetched_from(
    case: Case, names: NameServer, connections: Connections
) -> None:
    assert verdict(posted(case.url, poster(names)), connections) == case.verdict
    assert len(names.asked) <= 1


# --- look-ups --------------------------------------------------------------------------------------------------------


def rebinding(*following: list[str]) -> NameServer:
    """A name server whose answer changes from one look-up to the next."""
    replies = cycle(following)

    class Rebinding(NameServer):
        def __call__(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
            self.asked.append(host)
            return answers(next(replies), port)

    return Rebinding({})


@pytest.mark.parametrize("second", [[METADATA], [FORBIDDEN], [PERMITTED, METADATA]], ids=str)
def test_a_name_that_is_bound_anew_is_connected_to_where_it_was_checked(
    origin: Server, connections: Connections, second: list[str]
) -> None:
    origin.says("/a", answer(body=b"bytes"))
    names = rebinding([PERMITTED], second)
    content = fetcher(names, ONE_ADDRESS).fetch(f"http://shop.example:{origin.port}/a", lambda _size: None).content
    assert (content, names.asked, connections.made) == (b"bytes", ["shop.example"], [f"{PERMITTED}:{origin.port}"])


def test_a_name_that_is_bound_anew_is_checked_anew_for_every_connection(
    origin: Server, connections: Connections
) -> None:
    origin.says("/a", answer("302 Found", Location="/b", Connection="close"))
    code = fetched(f"http://shop.example:{origin.port}/a", fetcher(rebinding([PERMITTED], [METADATA]), ONE_ADDRESS))
    assert (code, connections.made) == (ImageCode.ADDRESS_NOT_PUBLIC, [f"{PERMITTED}:{origin.port}"])


@pytest.mark.parametrize(
    "addresses",
    [[METADATA], [PERMITTED, METADATA], [METADATA, PERMITTED], [PERMITTED] * 50 + [METADATA], [PERMITTED, "::1"]],
    ids=["only", "last", "first", "51st", "of the other family"],
)
def test_one_forbidden_answer_is_enough(origin: Server, connections: Connections, addresses: list[str]) -> None:
    url = f"http://shop.example:{origin.port}/a"
    names = rebinding(addresses)
    codes = [fetched(url, fetcher(names, ONE_ADDRESS)), posted(url, poster(names, ONE_ADDRESS))]
    assert (codes, connections.made) == ([ImageCode.ADDRESS_NOT_PUBLIC] * 2, [])


@pytest.mark.parametrize("asking", ["fetch", "post"])
def test_a_refusal_is_not_taken_for_a_connection_that_failed_and_tried_again(
    connections: Connections, asking: str
) -> None:
    """urllib3 tries again, where it is told to, what derives from OSError or from its own errors."""
    names = rebinding([METADATA], ["93.184.215.14"])
    code = (
        fetched("http://a.example/", fetcher(names))
        if asking == "fetch"
        else posted("http://a.example/", poster(names))
    )
    assert (code, names.asked, connections.made) == (ImageCode.ADDRESS_NOT_PUBLIC, ["a.example"], [])


@pytest.mark.parametrize("asking", ["fetch", "post"])
def test_a_connection_that_failed_is_not_tried_again_either(connections: Connections, asking: str) -> None:
    names = rebinding(["93.184.215.14"])
    if asking == "fetch":
        fetched("http://a.example/", fetcher(names))
    else:
        posted("http://a.example/", poster(names))
    assert (names.asked, connections.made) == (["a.example"], ["93.184.215.14:80"])


def test_a_refusal_is_no_error_of_the_network() -> None:
    assert not issubclass(ImageError, OSError | ValueError | requests.RequestException)


# --- the socket ------------------------------------------------------------------------------------------------------


def test_a_socket_that_ended_up_elsewhere_is_closed_before_a_byte_is_sent(
    origin: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the machine translates addresses on the way."""
    connect = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda made, address: connect(made, (PERMITTED, address[1])))
    url, names = f"http://shop.example:{origin.port}/a", rebinding([FORBIDDEN])
    policy = AddressPolicy.parse([f"{FORBIDDEN}/32"])
    assert fetched(url, fetcher(names, policy)) == ImageCode.ADDRESS_NOT_PUBLIC
    assert posted(url, poster(names, policy)) == ImageCode.ADDRESS_NOT_PUBLIC
    assert origin.requests == []


# --- a second opinion ------------------------------------------------------------------------------------------------


def opinions(monkeypatch: pytest.MonkeyPatch, connections: Connections) -> Iterator[tuple[Case, str | None]]:
    """Each case, and where the other would have connected to."""
    monkeypatch.setattr(socket, "getaddrinfo", NameServer(NAMES))
    for case in CASES:
        yield case, next(targets(case.url, connections), None)


def test_whatever_a_second_opinion_differs_in_is_known_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, connections: Connections
) -> None:
    differences = {
        case.url: (case.verdict, other)
        for case, other in opinions(monkeypatch, connections)
        if other != (case.verdict if case.is_accepted else None)
    }
    assert {*differences} == {*LOOSER}
    assert all(":" not in verdict for verdict, _ in differences.values()), "it refuses nothing that the service fetches"
