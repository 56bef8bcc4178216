"""Webhook endpoints of an owner, and the secrets that their webhooks are signed with."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from functions.api.http import ApiError, Code, not_found
from functions.api.keys import Caller
from functions.api.webhooks.schemas import (
    AttemptAnswer,
    Configured,
    DefaultSecret,
    EndpointAnswer,
    Pinged,
    WebhookConfiguration,
)
from functions.core.messages import PingTask
from functions.core.model import Endpoint
from functions.core.ports import Sender
from functions.core.times import iso
from functions.core.webhooks import OVERLAP_SECONDS, WebhookUrlError, checked_webhook_url, endpoint_id

ENDPOINT_ID = re.compile(r"we_[0-9a-z]{1,40}")
MAX_ENDPOINTS = 20  # of an owner: each event is posted to every one
ONE_FOR_ALL = (
    "The deployment signs with one secret for all, its parameter WebhookSecret; ask whoever runs it "
    "(the embedded run prints it when it starts)"
)


class EndpointFinder(Protocol):
    """An owner's endpoints."""

    def of_owner(self, owner: str) -> list[Endpoint]: ...
    def find(self, owner: str, endpoint_id: str) -> Endpoint | None: ...


class Endpoints(EndpointFinder, Protocol):
    """Those that can be changed; False where there is none of that id."""

    def configure(self, endpoint: Endpoint) -> Endpoint: ...
    def delete(self, owner: str, endpoint_id: str) -> bool: ...
    def rotate(self, owner: str, endpoint_id: str, fresh: str, previous_until: float) -> Endpoint | None: ...


class Secrets(Protocol):
    """The default secret of each owner."""

    def get_or_create(self, owner: str, fresh: str) -> str: ...
    def rotate(self, owner: str, fresh: str, previous_until: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """`is_shared`: the deployment has one secret for all owners, which is shown to nobody."""

    endpoints: Endpoints
    secrets: Secrets
    notify: Sender[PingTask]
    is_shared: bool
    new_secret: Callable[[], str]
    new_id: Callable[[], str]
    clock: Callable[[], float]
    https_only: bool

    def configure(self, caller: Caller, wanted: WebhookConfiguration) -> Configured:
        """Subscribe a URL, or change what it is subscribed to. Raises ApiError 400."""
        try:
            url = checked_webhook_url(wanted.webhook_url, https_only=self.https_only)
        except WebhookUrlError as error:
            raise _bad_url(str(error)) from error
        if not url:
            raise _bad_url("must not be empty")
        id_ = endpoint_id(caller.owner, url)
        others = [each for each in self.endpoints.of_owner(caller.owner) if each.endpoint_id != id_]
        if len(others) >= MAX_ENDPOINTS:
            raise ApiError(Code.TOO_MANY_ENDPOINTS, f"{MAX_ENDPOINTS} endpoints are the most; delete one first")
        held = self.endpoints.configure(
            Endpoint(
                endpoint_id=id_,
                owner=caller.owner,
                url=url,
                events=tuple(dict.fromkeys(wanted.events)),
                secret=self.new_secret(),
                created_at=self.clock(),
            )
        )
        return self._configured(held, "The webhook is configured")

    def of_caller(self, caller: Caller) -> list[EndpointAnswer]:
        """The caller's endpoints, without their secrets."""
        return [_endpoint(endpoint) for endpoint in self.endpoints.of_owner(caller.owner)]

    def delete(self, caller: Caller, id_: str) -> None:
        """Unsubscribe. Raises ApiError 404."""
        if not _is_id(id_) or not self.endpoints.delete(caller.owner, id_):
            raise _unknown()

    def rotate(self, caller: Caller, id_: str) -> Configured:
        """A new secret; while the one before it signs too, a repeated call gives the same. Raises ApiError 404."""
        until = self.clock() + OVERLAP_SECONDS
        held = self.endpoints.rotate(caller.owner, id_, self.new_secret(), until) if _is_id(id_) else None
        if held is None:
            raise _unknown()
        return self._configured(held, "This is the secret; until the time given, the previous one signs too")

    def ping(self, caller: Caller, id_: str) -> Pinged:
        """Send a test event. Raises ApiError 404."""
        refuse_unknown(self.endpoints, caller, id_)
        webhook_id = f"msg_test_{self.new_id()}"
        self.notify.send(PingTask(caller.owner, id_, webhook_id))
        message = "A test event is on its way; last_test of the endpoint will say what became of it"
        return Pinged(message=message, endpoint_id=id_, webhook_id=webhook_id)

    def secret(self, caller: Caller) -> DefaultSecret:
        """What webhooks to an upload's own URL are signed with."""
        if self.is_shared:
            return DefaultSecret(secret=None, message=ONE_FOR_ALL)
        found = self.secrets.get_or_create(caller.owner, self.new_secret())
        return DefaultSecret(secret=found, message="Signs webhooks to the webhook_url of uploads")

    def rotate_secret(self, caller: Caller) -> DefaultSecret:
        """Replace the owner's default secret. The previous one signs too, for a while."""
        if not self.is_shared:
            until = self.clock() + OVERLAP_SECONDS
            self.secrets.get_or_create(caller.owner, self.new_secret())
            self.secrets.rotate(caller.owner, self.new_secret(), until)
        return self.secret(caller)

    def _configured(self, held: Endpoint, message: str) -> Configured:
        rotates = held.previous_secret is not None and self.clock() < held.previous_until
        return Configured(
            message=message,
            endpoint_id=held.endpoint_id,
            webhook_url=held.url,
            events=list(held.events),
            secret=held.secret,
            previous_secret_until=iso(held.previous_until) if rotates else None,
        )


def refuse_unknown(endpoints: EndpointFinder, caller: Caller, id_: str) -> None:
    """Raises ApiError 404 for what is no endpoint of the caller."""
    if not _is_id(id_) or endpoints.find(caller.owner, id_) is None:
        raise _unknown()


def _is_id(text: str) -> bool:
    return ENDPOINT_ID.fullmatch(text) is not None


def _unknown() -> ApiError:
    return not_found("there is no such endpoint")


def _bad_url(message: str) -> ApiError:
    return ApiError(Code.INVALID_PARAMETERS, f"webhook_url: {message}", [{"name": "webhook_url", "message": message}])


def _endpoint(endpoint: Endpoint) -> EndpointAnswer:
    return EndpointAnswer(
        endpoint_id=endpoint.endpoint_id,
        webhook_url=endpoint.url,
        events=list(endpoint.events),
        state="disabled" if endpoint.is_disabled else "active",
        created_at=iso(endpoint.created_at),
        last_test=AttemptAnswer.of(endpoint.last_test) if endpoint.last_test else None,
    )
