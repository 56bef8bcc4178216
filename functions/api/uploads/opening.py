"""Opens requests for uploads, presigned uploads and retries: the id, the record, the message to ingest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import NAMESPACE_OID, uuid5

from functions.api.http import ApiError, Code
from functions.api.keys import Caller
from functions.api.schemas import Links
from functions.core.messages import IngestTask
from functions.core.model import Request, RequestStatus
from functions.core.ports import RequestFinder, Sender
from functions.core.reports import Report, RequestAccepted, unreported
from functions.core.settings import PublicUrls

Fits = Callable[[Request], bool]  # whether a request that is there is what is asked for once more


class Requests(RequestFinder, Protocol):
    """`create` writes a record once. It is False when the record exists already."""

    def create(self, request: Request, due_at: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class Opening:
    """`lifetime` is how long records are kept, `patience` when recover first looks, both in seconds."""

    requests: Requests
    ingest: Sender[IngestTask]
    urls: PublicUrls
    clock: Callable[[], float]
    new_id: Callable[[], str]
    lifetime: int
    patience: float
    report: Report = unreported

    def request_id(self, caller: Caller, idempotency_key: str | None) -> str:
        """A new id; with an Idempotency-Key, the one that it always gives."""
        return idempotent_id(caller, idempotency_key) if idempotency_key else self.new_id()

    def repeated(self, request_id: str, fits: Fits) -> Request | None:
        """The request that an earlier call with the same key made. Raises ApiError 422 when it is another one."""
        held = self.requests.find(request_id)
        if held is not None and (not fits(held) or held.expires_at <= self.clock()):
            raise _key_reused()
        return held

    def create(self, request: Request, fits: Fits) -> Request:
        """Record the request; of two calls at once with the same key, the record of the first one holds."""
        if self.requests.create(request, request.created_at + self.patience):
            return request
        held = self.repeated(request.request_id, fits)
        if held is None:
            raise _key_reused()
        return held

    def enqueue(self, request: Request) -> None:
        """Send the message to ingest. A repeated call sends it again: the first call may have died before it did."""
        if request.status is RequestStatus.PENDING:
            self.ingest.send(IngestTask(request.request_id))
            self.report(RequestAccepted(request))

    def links(self, request_id: str) -> Links:
        """Where to go on with a request."""
        return Links(status=self.urls.status(request_id), download=self.urls.download(request_id))


def idempotent_id(caller: Caller, key: str) -> str:
    """The request id that an owner's Idempotency-Key always gives."""
    return str(uuid5(NAMESPACE_OID, f"{caller.owner}\n{key}"))


def _key_reused() -> ApiError:
    detail = "this Idempotency-Key came with another CSV or other options before, or its request has expired"
    return ApiError(Code.IDEMPOTENCY_KEY_REUSED, detail)
