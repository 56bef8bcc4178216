"""Requests by owner and by CSV. The indexes hold keys only; a request that was made just now may be missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from functions.adapters.table.dynamodb import BATCH_GET_KEYS, Dynamo, Record
from functions.adapters.table.requests import request_from, request_key
from functions.core.model import Request

Place = tuple[str, float]  # the request id and creation time that a page goes on after


@dataclass(frozen=True, slots=True)
class RequestIndex:
    """The two indexes over the request records."""

    table: Dynamo

    def of_owner(self, owner: str, limit: int, after: Place | None = None) -> tuple[list[Request], Place | None]:
        """Up to `limit` requests of an owner (at most 100), and where the next page begins."""
        return self._page("owner", owner, limit, after)

    def of_source(self, key: str, limit: int, after: Place | None = None) -> tuple[list[Request], Place | None]:
        """Up to `limit` requests over the versions of a CSV, and where the next page begins."""
        return self._page("object_key", key, limit, after, index="source")

    def between(self, owner: str, since: float, until: float) -> Iterator[Request]:
        """An owner's requests that were made from `since` to before `until`, oldest first."""
        if until <= since:
            return  # DynamoDB refuses such a range
        values = {"owner": owner, "since": since, "until": until}
        keys = self.table.query("#owner = :owner AND created_at BETWEEN :since AND :until", values, index="owner")
        while batch := list(islice(keys, BATCH_GET_KEYS)):
            yield from (request for request in self._requests(batch) if request.created_at < until)

    def _page(
        self, attribute: str, value: str, limit: int, after: Place | None, index: str = "owner"
    ) -> tuple[list[Request], Place | None]:
        start = None
        if after:
            pk, sk = request_key(after[0])
            start = {"pk": pk, "sk": sk, attribute: value, "created_at": after[1]}
        keys, following = self.table.page(f"#{attribute} = :value", {"value": value}, limit, start, index)
        return self._requests(keys), _place(following) if following else None

    def _requests(self, keys: list[Record]) -> list[Request]:
        records = {record["pk"]: record for record in self.table.get_many((key["pk"], key["sk"]) for key in keys)}
        return [request_from(records[key["pk"]]) for key in keys if key["pk"] in records]


def _place(key: Record) -> Place:
    return key["pk"].removeprefix("REQUEST#"), float(key["created_at"])
