"""The list of requests: whose it is, what a page leaves out, and where the next one begins."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.api.http import page_token
from functions.api.http.problem import ApiError, Code
from functions.api.keys import LOCAL_OWNER, Caller
from functions.api.requests.listing import Listing, Place
from functions.core.errors import RequestCode
from functions.core.model import Request, RequestStatus, Source
from functions.core.settings import PublicUrls
from tests.fakes import NOW, Clock, a_request

ACME, LOCAL = Caller("acme"), Caller(LOCAL_OWNER, sees_all=True)
KEY = "incoming/acme/products.csv"
EXPIRED = {"expires_at": int(NOW)}


def id_of(number: int) -> str:
    return f"{number:08d}-2222-4333-8444-555555555555"


@dataclass
class Index:
    """The requests, newest first; a page goes on after a place."""

    requests: list[Request] = field(default_factory=list)

    def of_owner(self, owner: str, limit: int, after: Place | None) -> tuple[list[Request], Place | None]:
        return self._page([request for request in self.requests if request.owner == owner], limit, after)

    def of_source(self, key: str, limit: int, after: Place | None) -> tuple[list[Request], Place | None]:
        return self._page([request for request in self.requests if request.object_key == key], limit, after)

    def _page(self, found: list[Request], limit: int, after: Place | None) -> tuple[list[Request], Place | None]:
        found = sorted(found, key=lambda request: request.created_at, reverse=True)
        rest = [request for request in found if after is None or request.created_at < after[1]]
        page = rest[:limit]
        is_last = len(rest) <= limit
        return page, None if is_last else (page[-1].request_id, page[-1].created_at)


class Asking:
    """The call over requests that were made a second apart, each with its changes."""

    def __init__(self, *requests: dict[str, Any]) -> None:
        made = [a_request(id_of(number), created_at=NOW + number, **changes) for number, changes in enumerate(requests)]
        self.listing = Listing(Index(made), PublicUrls("https://api.example", "https://cdn.example"), Clock())

    def page(self, caller: Caller = ACME, limit: int = 100, token: str | None = None, **query: str) -> Any:
        return self.listing.page(caller, query.get("owner"), query.get("key"), limit, token)

    def ids(self, caller: Caller = ACME, limit: int = 100, token: str | None = None, **query: str) -> list[str]:
        return [request.request_id for request in self.page(caller, limit, token, **query).requests]


def test_the_newest_request_comes_first() -> None:
    assert Asking({}, {}, {}).ids() == [id_of(2), id_of(1), id_of(0)]


def test_there_is_nothing_of_other_owners() -> None:
    assert Asking({}, {"owner": "other"}).ids() == [id_of(0)]


def test_an_owner_cannot_ask_for_the_requests_of_another() -> None:
    assert Asking({}, {"owner": "other"}).ids(owner="other") == [id_of(0)]


def test_where_keys_are_off_the_requests_of_any_owner_can_be_asked_for() -> None:
    asking = Asking({}, {"owner": "other"}, {"owner": LOCAL_OWNER})
    assert (asking.ids(LOCAL), asking.ids(LOCAL, owner="other")) == ([id_of(2)], [id_of(1)])


def test_a_source_key_finds_the_requests_over_all_its_versions() -> None:
    asking = Asking({"object_key": KEY}, {}, {"object_key": KEY})
    assert asking.ids(key=KEY) == [id_of(2), id_of(0)]


def test_the_requests_over_the_csv_of_somebody_else_are_left_out() -> None:
    assert Asking({"object_key": KEY, "owner": "other"}).ids(key=KEY) == []


def test_a_page_does_not_tell_that_somebody_else_has_more() -> None:
    foreign = {"object_key": KEY, "owner": "other"}
    page = Asking(foreign, foreign).page(key=KEY, limit=1)
    assert (page.requests, page.next_token) == ([], None)


def test_where_keys_are_off_the_csv_of_anybody_can_be_asked_for() -> None:
    assert Asking({"object_key": KEY}).ids(LOCAL, key=KEY) == [id_of(0)]


def test_a_request_that_has_expired_is_left_out() -> None:
    assert Asking({}, EXPIRED, {}).ids() == [id_of(2), id_of(0)]


def test_a_page_of_expired_requests_is_empty_and_leads_on() -> None:
    asking = Asking({}, EXPIRED, EXPIRED)
    page = asking.page(limit=2)
    assert page.requests == []
    assert asking.ids(limit=2, token=page.next_token) == [id_of(0)]


def test_pages_add_up_to_every_request_once() -> None:
    asking, ids, token = Asking({}, {}, EXPIRED, {}, {}), list[str](), None
    while True:
        page = asking.page(limit=2, token=token)
        ids += [request.request_id for request in page.requests]
        token = page.next_token
        if token is None:
            break
    assert ids == [id_of(4), id_of(3), id_of(1), id_of(0)]


def test_the_last_page_has_no_token() -> None:
    assert Asking({}, {}).page(limit=2).next_token is None


def test_a_summary_is_what_the_status_says_without_its_products() -> None:
    asking = Asking(
        {
            "source": Source.S3,
            "object_key": KEY,
            "status": RequestStatus.FAILED,
            "error": RequestCode.ALL_IMAGES_FAILED,
            "chunks_total": 1,
            "total_images": 4,
            "processed_images": 4,
            "failed_images": 4,
        }
    )
    (summary,) = asking.page().requests
    assert (summary.status, summary.error.code) == (RequestStatus.FAILED, RequestCode.ALL_IMAGES_FAILED)
    assert (summary.source_key, summary.processed_images, summary.completion_percentage) == (KEY, 4, 100.0)
    assert summary.output_csv == f"https://api.example/download/{id_of(0)}"


@pytest.mark.parametrize("place", [(1, 2), ("x",), ("x", "y"), ("x", 1.0, 2.0), ("x", 1)])
def test_a_token_of_another_list_is_refused(place: tuple[Any, ...]) -> None:
    with pytest.raises(ApiError) as caught:
        Asking({}).page(token=page_token(*place))
    assert caught.value.code is Code.INVALID_PARAMETERS


@pytest.mark.parametrize("token", ["nonsense", "Ä", "bnVsbA==", "e30="])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(ApiError) as caught:
        Asking({}).page(token=token)
    assert caught.value.code is Code.INVALID_PARAMETERS
