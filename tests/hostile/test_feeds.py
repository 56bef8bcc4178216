"""Every trick of an origin, played on the CSV of a request: it is refused with a reason, or tried again, in time."""

import time
from collections.abc import Iterator

import pytest

from functions.adapters.http.fetch import Fetcher
from functions.core.errors import StorageError
from functions.core.network import AddressPolicy
from functions.ingest.feed import FetchFeed, NotFetchedError
from tests.fakes import REQUEST_ID, Clock, Objects, Requests, a_request
from tests.hostile.test_origins import GRACE, LATE, TRICKS
from tests.loopback import AMPLE, LOOPBACK, MAX_BYTES, SHORT, Server, serving


@pytest.fixture
def origin() -> Iterator[Server]:
    with serving() as server:
        yield server


def feed(store: Objects, max_seconds: float, policy: AddressPolicy = LOOPBACK) -> FetchFeed:
    made = Fetcher.connect(policy, MAX_BYTES)
    requests = Requests()
    requests.add(a_request(version_id=""))
    return FetchFeed(lambda: Fetcher(made.guard, MAX_BYTES, made.pools, max_seconds), store, requests, Clock())


@pytest.mark.parametrize("trick", TRICKS)
def test_whatever_an_origin_does_nothing_of_it_is_kept(origin: Server, trick: str) -> None:
    does, expected = TRICKS[trick]
    seconds, store = SHORT if expected == LATE else AMPLE, Objects()
    begun = time.monotonic()
    with pytest.raises((NotFetchedError, StorageError)):
        feed(store, seconds).run(a_request(version_id=""), origin.does("/worst", does))
    assert time.monotonic() - begun < seconds + GRACE
    assert store.contents == {}


@pytest.mark.parametrize("url", ["http://169.254.169.254/x.csv", "http://[::1]/x.csv", "http://0x7f.1/x.csv"])
def test_a_feed_cannot_reach_what_an_image_cannot(url: str) -> None:
    store = Objects()
    with pytest.raises(NotFetchedError):
        feed(store, AMPLE, AddressPolicy.parse([])).run(a_request(request_id=REQUEST_ID, version_id=""), url)
    assert store.contents == {}
