"""Origins that redirect to where nobody may go: every hop is checked like a URL of its own."""

from collections.abc import Iterator

import pytest
from urllib3.util import parse_url

from functions.adapters.http.fetch import MAX_REDIRECTS, Fetcher
from functions.adapters.http.guard import Guard
from functions.adapters.http.post import Poster, _GuardedAdapter
from functions.core.errors import ImageCode, ImageError, PermanentError
from functions.core.network.addresses import AddressPolicy
from tests.hostile.corpus import CASES, NAMES, Case
from tests.hostile.network import Connections, NameServer, watched
from tests.loopback import MAX_BYTES, Server, answer, serving

ORIGIN = "127.0.0.1"
ONE_ADDRESS = AddressPolicy.parse([f"{ORIGIN}/32"])  # that of the origin which redirects
STATUSES = ["301 M", "302 F", "303 S", "307 T", "308 P"]
METADATA = "http://169.254.169.254/latest/meta-data/"
SHOP = {"shop.example": [ORIGIN]}


def addresses(url: str) -> set[str]:
    """What its host is looked up as."""
    host = (parse_url(url).host or "").strip("[]")
    return {str(address[0]) for *_, address in NameServer(NAMES)(host, 80)}


ELSEWHERE = [
    case for case in CASES if case.verdict == ImageCode.ADDRESS_NOT_PUBLIC and ORIGIN not in addresses(case.url)
]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    return watched(monkeypatch)


@pytest.fixture
def origin() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    guard = Guard(ONE_ADDRESS, NameServer(NAMES | SHOP))
    made = Fetcher(guard, MAX_BYTES, guard.pools(), max_seconds=5)
    yield made
    made.pools.clear()


def outcome(fetcher: Fetcher, url: str) -> tuple[ImageCode, type[ImageError]]:
    with pytest.raises(ImageError) as caught:
        fetcher.fetch(url, lambda _size: None)
    return caught.value.code, type(caught.value)


def leads(origin: Server, location: str, status: str = "302 Found") -> str:
    """A URL that redirects there, its target in raw UTF-8 as some origins send it."""
    raw = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nLocation: ".encode() + location.encode() + b"\r\n\r\n"
    return origin.says("/a.jpg", raw)


def asked(origin: Server) -> list[str]:
    return [request.line.split()[1] for request in origin.requests]


# --- where they lead -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ELSEWHERE, ids=str)
def test_a_redirect_to_a_forbidden_address_is_refused_without_a_packet(
    origin: Server, fetcher: Fetcher, connections: Connections, case: Case
) -> None:
    assert outcome(fetcher, leads(origin, case.url)) == (ImageCode.ADDRESS_NOT_PUBLIC, PermanentError)
    assert {*connections.made} == {f"{ORIGIN}:{origin.port}"}


TARGETS = {
    METADATA: ImageCode.ADDRESS_NOT_PUBLIC,
    "//169.254.169.254/latest/meta-data/": ImageCode.ADDRESS_NOT_PUBLIC,
    "///169.254.169.254/": ImageCode.NOT_FOUND,  # a path of the origin
    r"\\169.254.169.254\latest": ImageCode.NOT_FOUND,
    r"/\169.254.169.254/latest": ImageCode.NOT_FOUND,
    r"http://169.254.169.254\@cdn.example/": ImageCode.ADDRESS_NOT_PUBLIC,
    "http://169.254.169.254#@cdn.example/": ImageCode.ADDRESS_NOT_PUBLIC,
    "http://0xa9fea9fe/": ImageCode.ADDRESS_NOT_PUBLIC,
    "http://metadata.google.internal/": ImageCode.ADDRESS_NOT_PUBLIC,
    "https://[::1]/": ImageCode.ADDRESS_NOT_PUBLIC,
    "http://[::ffff:169.254.169.254]/": ImageCode.ADDRESS_NOT_PUBLIC,
    "http://127.0.0.2/": ImageCode.ADDRESS_NOT_PUBLIC,
    "http://user:secret@cdn.example/": ImageCode.INVALID_URL,
    "//user:secret@cdn.example/": ImageCode.INVALID_URL,
    "http://cdn.example:22/": ImageCode.INVALID_URL,
    "//cdn.example:6379/": ImageCode.INVALID_URL,
    "http://cdn.example:99999/": ImageCode.INVALID_URL,
    "http://①⑥⑨.254.169.254/": ImageCode.INVALID_URL,
    "http://[::1": ImageCode.INVALID_URL,
    "http:///etc/passwd": ImageCode.NOT_FOUND,  # urljoin reads no host, and stays where it is
    "http:etc/passwd": ImageCode.NOT_FOUND,
    "https:///etc/passwd": ImageCode.INVALID_URL,
    "file:///etc/passwd": ImageCode.INVALID_URL,
    "file:/etc/passwd": ImageCode.INVALID_URL,
    "ftp://cdn.example/a.jpg": ImageCode.INVALID_URL,
    "gopher://127.0.0.1:6379/_INFO": ImageCode.INVALID_URL,
    "data:image/png;base64,iVBORw0KGgo=": ImageCode.INVALID_URL,
    "javascript:alert(1)": ImageCode.INVALID_URL,
    "": ImageCode.ORIGIN_ERROR,
    "?": ImageCode.TOO_MANY_REDIRECTS,  # the origin's own URL again
    "#": ImageCode.TOO_MANY_REDIRECTS,
    "/b\x00c": ImageCode.NOT_FOUND,
    "/b c\td": ImageCode.NOT_FOUND,
    "/../../../etc/passwd": ImageCode.NOT_FOUND,
    "/" + "b" * 60_000: ImageCode.NOT_FOUND,
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("location", TARGETS)
def test_a_redirect_is_worth_what_its_target_is_whatever_its_status(
    origin: Server, fetcher: Fetcher, connections: Connections, status: str, location: str
) -> None:
    assert outcome(fetcher, leads(origin, location, status)) == (TARGETS[location], PermanentError)
    assert {*connections.made} == {f"{ORIGIN}:{origin.port}"}


@pytest.mark.parametrize("location", ["b.jpg", "/b.jpg", "./b.jpg", "x/../b.jpg", "?/../b.jpg", "//{here}/b.jpg"])
def test_a_relative_redirect_leads_to_the_same_origin(origin: Server, fetcher: Fetcher, location: str) -> None:
    origin.says("/b.jpg", answer(body=b"bytes"))
    origin.says("/a.jpg?/../b.jpg", answer(body=b"bytes"))
    url = leads(origin, location.format(here=f"{ORIGIN}:{origin.port}"))
    assert fetcher.fetch(url, lambda _size: None).content == b"bytes"


def test_two_targets_are_none(origin: Server, fetcher: Fetcher, connections: Connections) -> None:
    """Joined by a comma they are the path of the first."""
    raw = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /b.jpg\r\nLocation: " + METADATA.encode() + b"\r\n\r\n"
    assert outcome(fetcher, origin.says("/a.jpg", raw)) == (ImageCode.NOT_FOUND, PermanentError)
    assert {*connections.made} == {f"{ORIGIN}:{origin.port}"}


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "300 Multiple Choices", "304 N", "305 Use Proxy", "306 S"])
def test_a_target_without_a_redirect_is_not_followed(
    origin: Server, fetcher: Fetcher, connections: Connections, status: str
) -> None:
    url = leads(origin, METADATA, status)
    if status == "200 OK":
        assert fetcher.fetch(url, lambda _size: None).content == b""
    else:
        assert outcome(fetcher, url) == (ImageCode.ORIGIN_ERROR, PermanentError)
    assert {*connections.made} == {f"{ORIGIN}:{origin.port}"}


def test_a_page_that_refreshes_to_elsewhere_is_not_followed(
    origin: Server, fetcher: Fetcher, connections: Connections
) -> None:
    page = f'<meta http-equiv="refresh" content="0; url={METADATA}">'.encode()
    url = origin.says("/a.jpg", answer(body=page, Refresh=f"0; url={METADATA}", Link=f"<{METADATA}>; rel=preload"))
    assert fetcher.fetch(url, lambda _size: None).content == page
    assert {*connections.made} == {f"{ORIGIN}:{origin.port}"}


# --- chains ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hops", range(MAX_REDIRECTS))
def test_the_last_of_several_redirects_is_checked_like_the_first(
    origin: Server, fetcher: Fetcher, connections: Connections, hops: int
) -> None:
    for hop in range(hops):
        origin.says(f"/{hop}", answer("302 Found", Location=f"/{hop + 1}"))
    origin.says(f"/{hops}", answer("302 Found", Location=METADATA))
    assert outcome(fetcher, origin.url("/0")) == (ImageCode.ADDRESS_NOT_PUBLIC, PermanentError)
    assert asked(origin) == [f"/{hop}" for hop in range(hops + 1)]
    assert {*connections.made} == {f"{ORIGIN}:{origin.port}"}


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_loop_ends_after_as_many_hops_as_are_allowed(origin: Server, fetcher: Fetcher, length: int) -> None:
    for hop in range(length):
        origin.says(f"/{hop}", answer("307 Temporary", Location=f"/{(hop + 1) % length}"))
    assert outcome(fetcher, origin.url("/0")) == (ImageCode.TOO_MANY_REDIRECTS, PermanentError)
    assert len(origin.requests) == MAX_REDIRECTS + 1


def test_two_origins_that_redirect_to_each_other_end_alike(origin: Server, fetcher: Fetcher) -> None:
    with serving() as other:
        origin.says("/a", answer("302 Found", Location=other.url("/a")))
        url = other.says("/a", answer("302 Found", Location=origin.url("/a")))
        assert outcome(fetcher, url) == (ImageCode.TOO_MANY_REDIRECTS, PermanentError)
        assert len(origin.requests) + len(other.requests) == MAX_REDIRECTS + 1


def test_what_one_origin_sets_is_not_told_to_the_next(origin: Server, fetcher: Fetcher) -> None:
    """No cookie, no referrer, no password."""
    with serving() as other:
        other.says("/b", answer(body=b"bytes"))
        url = origin.says("/a", answer("302 Found", Location=other.url("/b"), Set_Cookie="who=acme; Path=/"))
        assert fetcher.fetch(url, lambda _size: None).content == b"bytes"
        assert {"cookie", "referer", "authorization", "origin"}.isdisjoint(other.requests[0].headers)


# --- webhooks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("location", [METADATA, "//169.254.169.254/", "/elsewhere", "", "http://[::1", "\x00"])
def test_a_webhook_goes_nowhere_but_to_its_url(
    origin: Server, connections: Connections, status: str, location: str
) -> None:
    guard = Guard(ONE_ADDRESS)
    posted = Poster(guard, _GuardedAdapter(guard)).post(leads(origin, location, status), b"{}", {})
    assert posted.status == int(status[:3])
    assert (asked(origin), connections.made) == (["/a.jpg"], [f"{ORIGIN}:{origin.port}"])
