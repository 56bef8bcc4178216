"""The caller's requests, newest first, a page at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from functions.api.http import page_place, page_token
from functions.api.keys import Caller
from functions.api.requests.status import summary
from functions.api.schemas import RequestList, Summary
from functions.core.model import Request
from functions.core.settings import PublicUrls

Place = tuple[str, float]  # the request id and creation time that a page goes on after


class Index(Protocol):
    """The requests of an owner, or of a CSV, newest first; the second value is where the next page begins."""

    def of_owner(self, owner: str, limit: int, after: Place | None) -> tuple[list[Request], Place | None]: ...
    def of_source(self, key: str, limit: int, after: Place | None) -> tuple[list[Request], Place | None]: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """Answers with the caller's requests, a page at a time."""

    index: Index
    urls: PublicUrls
    clock: Callable[[], float]

    def page(
        self, caller: Caller, owner: str | None, key: str | None, limit: int, next_token: str | None
    ) -> RequestList:
        """The caller's requests; those of another owner only where everything is the caller's."""
        after = cast(Place | None, page_place(next_token, str, float))
        if key and not _is_of(caller, key):
            return RequestList(requests=[], next_token=None)  # not even whether there is one
        whose = owner if owner and caller.may_see(owner) else caller.owner
        if key:
            found, following = self.index.of_source(key, limit, after)
        else:
            found, following = self.index.of_owner(whose, limit, after)
        visible = [request for request in found if self._is_visible(caller, request)]
        return RequestList(
            requests=[Summary(**summary(request, self.urls)) for request in visible],
            next_token=page_token(*following) if following and self._is_whole(caller, found) else None,
        )

    @staticmethod
    def _is_whole(caller: Caller, found: list[Request]) -> bool:
        """Whether the whole page is the caller's. A token must not tell of somebody else's request."""
        return all(caller.may_see(request.owner) for request in found)

    def _is_visible(self, caller: Caller, request: Request) -> bool:
        return caller.may_see(request.owner) and request.expires_at > self.clock()


def _is_of(caller: Caller, key: str) -> bool:
    """Whether an object key is one of the caller's: <folder>/<owner>/..."""
    parts = key.split("/")
    return len(parts) > 2 and caller.may_see(parts[1])  # noqa: PLR2004 - folder, owner and the rest
