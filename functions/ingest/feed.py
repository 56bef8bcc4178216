"""Fetches the CSV of a request from its `csv_url`, a product feed or a shared sheet, and keeps it like an upload."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from functions.core.errors import ImageCode, PermanentError, StorageError, TransientError
from functions.core.model import Request
from functions.core.network import Fetched, csv_address
from functions.ingest.ports import Requests

MAX_FEED_BYTES = 100_000_000  # what the function's memory holds; larger CSVs go through POST /uploads or a drop
FEED_SECONDS = 120.0  # for all of it, redirects included

REASONS = {
    ImageCode.NOT_FOUND: "the origin has no such file",
    ImageCode.FORBIDDEN: "the origin refuses access to it; is it shared with everybody who has the link?",
    ImageCode.TOO_LARGE: f"it has more than {MAX_FEED_BYTES:,} bytes; take POST /uploads, or drop it into S3",
    ImageCode.INVALID_URL: "only http and https on ports 80 and 443 are fetched, without credentials",
    ImageCode.ADDRESS_NOT_PUBLIC: "its host is not on the public internet",
    ImageCode.TOO_MANY_REDIRECTS: "it redirects more than three times",
}


class FeedFetcher(Protocol):
    """Brings the bytes behind a URL. Raises PermanentError or TransientError."""

    def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched: ...


class FeedStore(Protocol):
    """The bucket of CSVs. `put` returns the version that it wrote."""

    def put(self, key: str, content: bytes, media_type: str) -> str: ...


class NotFetchedError(Exception):
    """The CSV cannot be fetched, and another try would not help. The message is for the uploader."""


@dataclass(frozen=True, slots=True)
class FetchFeed:
    """A run that is repeated fetches again; the first version that is claimed is the one that counts.

    `fetcher` makes one when it is needed: few CSVs come by an address, and its libraries take their time to load.
    """

    fetcher: Callable[[], FeedFetcher]
    store: FeedStore
    requests: Requests
    clock: Callable[[], float]

    def run(self, request: Request, url: str) -> None:
        """Keep the CSV, and fix its version. Raises NotFetchedError, or StorageError where it is to be tried again."""
        try:
            fetched = self.fetcher().fetch(csv_address(url), lambda _size: None)
        except PermanentError as error:
            why = REASONS.get(error.code, f"the origin answered with {error.code}")
            raise NotFetchedError(f"csv_url could not be fetched: {why}") from error
        except TransientError as error:
            raise StorageError(f"csv_url of request {request.request_id}: {error}") from error
        version_id = self.store.put(request.object_key, fetched.content, "text/csv")
        self.requests.claim_upload(request.request_id, version_id, self.clock(), fetched.etag)
