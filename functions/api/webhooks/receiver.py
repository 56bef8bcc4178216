"""A receiver to try webhooks with: keeps what it gets, and says whether the signature was right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any, Protocol, cast

from functions.api.http import ApiError, Code, page_place, page_token, parsed
from functions.api.keys import Caller
from functions.api.webhooks.schemas import ReceivedList, ReceivedWebhook
from functions.core.options import UUID
from functions.core.ports import RequestFinder
from functions.core.times import iso
from functions.core.webhooks import is_signed

MAX_BODY = 300_000  # bytes; an item of the table holds 400 kB


class Received(Protocol):
    """What was received, newest first; a page begins after a `place`."""

    def add(self, owner: str, at: float, webhook: Mapping[str, Any]) -> None: ...
    def page(self, owner: str, limit: int, after: str | None) -> tuple[list[dict[str, Any]], str | None]: ...


@dataclass(frozen=True, slots=True)
class Receiver:
    """`secrets_of` gives all secrets that an owner's webhooks may be signed with."""

    requests: RequestFinder
    received: Received
    secrets_of: Callable[[str], list[str]]
    clock: Callable[[], float]

    def take(self, caller: Caller | None, body: bytes, headers: Mapping[str, str]) -> None:
        """Keep a webhook. Without a caller it must be signed with a secret of its request's owner: ApiError 401."""
        content = _content_of(body)
        owner = caller.owner if caller else self._owner_by(content)
        secrets = [] if owner is None else self.secrets_of(owner)
        is_right = is_signed(body, headers, secrets, self.clock(), lasting=caller is not None)
        if owner is None or not (caller or is_right):
            raise ApiError(
                Code.INVALID_SIGNATURE, "neither an API key nor a signature of a secret of the request's owner"
            )
        now = self.clock()
        webhook = {"received_at": iso(now), "verified": is_right, "webhook_id": headers.get("webhook-id")}
        self.received.add(owner, now, {**webhook, "body": body.decode()})

    def page(self, caller: Caller, limit: int, next_token: str | None) -> ReceivedList:
        """The last webhooks of the caller, newest first."""
        after = cast(tuple[str] | None, page_place(next_token, str))
        found, following = self.received.page(caller.owner, limit, after[0] if after else None)
        return ReceivedList(
            received=[ReceivedWebhook(**webhook | {"body": parsed(webhook["body"])}) for webhook in found],
            next_token=page_token(following) if following else None,
        )

    def _owner_by(self, content: Any) -> str | None:
        request_id = content.get("request_id") if isinstance(content, dict) else None
        if not isinstance(request_id, str) or not UUID.fullmatch(request_id):
            return None
        request = self.requests.find(request_id)
        return request.owner if request else None


def _content_of(body: bytes) -> Any:
    if len(body) > MAX_BODY:
        raise ApiError(Code.INVALID_PARAMETERS, f"the body has {len(body):,} bytes; {MAX_BODY:,} is the most")
    try:
        return parsed(body)
    except JSONDecodeError as error:
        raise ApiError(Code.INVALID_PARAMETERS, f"the body is not JSON: {error.msg}") from error
