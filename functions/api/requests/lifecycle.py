"""Cancels a request, or makes a new request that retries it."""

from dataclasses import dataclass, replace
from typing import Protocol

from functions.api.http import ApiError, Code, not_found
from functions.api.keys import Caller
from functions.api.schemas import Accepted, Cancelled
from functions.api.uploads import Checks, Opening
from functions.core.errors import RequestCode
from functions.core.model import Request, RequestStatus, new_request
from functions.core.ports import RequestFinder

# What another try cannot change: the CSV itself, or the options, have to.
HOPELESS = {
    RequestCode.INVALID_CSV,
    RequestCode.INVALID_OPTIONS,
    RequestCode.NO_IMAGES,
    RequestCode.TOO_MANY_IMAGES,
    RequestCode.TOO_MANY_ROWS,
    RequestCode.NOT_UPLOADED,
}


class Requests(RequestFinder, Protocol):
    """Whether it was this call that ended the request, or took it from the index of what is due."""

    def end(self, request_id: str, status: RequestStatus, error: RequestCode | None, now: float) -> bool: ...
    def leave_due_index(self, request_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What a caller can do with a request that is there."""

    checks: Checks
    requests: Requests
    opening: Opening

    def cancel(self, request: Request) -> Cancelled:
        """Stop what is not done yet. Raises ApiError 409 when the request has ended otherwise."""
        if not self.requests.end(request.request_id, RequestStatus.CANCELLED, None, self.opening.clock()):
            held = self.requests.find(request.request_id)
            if held is None:
                raise not_found()
            if held.status is not RequestStatus.CANCELLED:
                raise ApiError(Code.ALREADY_ENDED, f"the request has ended before: it is {held.status}")
        self.requests.leave_due_index(request.request_id)
        return Cancelled(
            request_id=request.request_id,
            status=RequestStatus.CANCELLED,
            message="Cancelled; what was compressed stays",
        )

    def retry(self, caller: Caller, parent: Request, idempotency_key: str | None = None) -> Accepted:
        """Another request over the same CSV, which adopts what was completed. Raises ApiError 409, 422."""
        _require_retriable(parent)
        self.checks.room_for(caller, parent.total_images - (parent.processed_images - parent.failed_images))
        request = self.opening.create(
            self._child(parent, self.opening.request_id(caller, idempotency_key)),
            lambda held: held.retry_of == parent.request_id,
        )
        self.opening.enqueue(request)
        return Accepted(
            request_id=request.request_id,
            status=request.status,
            message="What was completed is adopted, the rest is being processed",
            total_images=request.total_images,
            warnings=[],
            errors=[],
            errors_total=request.row_errors,
            webhook_url=request.webhook_url,
            retry_of=parent.request_id,
            links=self.opening.links(request.request_id),
        )

    def _child(self, parent: Request, request_id: str) -> Request:
        return new_request(
            request_id,
            parent.owner,
            parent.source,
            parent.object_key,
            replace(parent.options, run=replace(parent.options.run, reuse=None)),
            now=self.opening.clock(),
            lifetime=self.opening.lifetime,
            version_id=parent.version_id,
            webhook_url=parent.webhook_url,
            total_images=parent.total_images,
            row_errors=parent.row_errors,
            retry_of=parent.request_id,
            file_name=parent.file_name,
            csv_url=parent.csv_url,
            csv_etag=parent.csv_etag,
            dropped_at=parent.came_at,  # what lies under outgoing/ goes by the version, not by the retry
        )


def _require_retriable(parent: Request) -> None:
    if not parent.status.is_terminal:
        raise ApiError(Code.STILL_RUNNING, f"the request still runs: it is {parent.status}; cancel it first, or wait")
    if not parent.version_id and not parent.csv_url:
        raise ApiError(Code.NOTHING_TO_RETRY, "the request never got a CSV")
    if parent.error in HOPELESS:
        raise ApiError(Code.NOTHING_TO_RETRY, f"the request failed with {parent.error}: upload a corrected CSV")
    if parent.status is RequestStatus.COMPLETED and not parent.failed_images:
        raise ApiError(Code.NOTHING_TO_RETRY, "every image of the request is completed")
