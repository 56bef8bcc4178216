"""Finds the request that a CSV in S3 belongs to: a drop's is made now, a presigned upload's is waiting for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from functions.core.errors import NotFoundError, RequestCode
from functions.core.messages import FinalizeTask
from functions.core.options import InvalidOptionsError, Mode, Options, parse_options
from functions.core.reuse import why_not_reused
from functions.core.uploads import (
    MAX_DROP_KEY,
    Drop,
    PresignedUpload,
    dropped_request,
    has_room_for_summary,
    options_of,
)
from functions.core.webhooks import WebhookUrlError, checked_webhook_url
from functions.ingest.ports import FinalizeQueue, Plans, Requests, Uploads
from functions.ingest.refusing import refused_survey

METADATA_NAME = "x-amz-meta-imagepress-"


@dataclass(frozen=True, slots=True)
class Intake:
    """`lifetime` is how long records are kept, `patience` when recover first looks, both in seconds."""

    requests: Requests
    plans: Plans
    uploads: Uploads
    finalize: FinalizeQueue
    clock: Callable[[], float]
    lifetime: int
    patience: float
    https_only: bool

    def accept(self, arrival: Drop | PresignedUpload) -> str | None:
        """The id of the request that is to be worked on, however often the event comes; None when there is none."""
        return self._accept_drop(arrival) if isinstance(arrival, Drop) else self._claim(arrival)

    def _claim(self, upload: PresignedUpload) -> str | None:
        """The first version that is told of is the request's; any other that is put there is not."""
        request = self.requests.find(upload.request_id)
        if request is None or request.object_key != upload.key:
            return None
        self.requests.claim_upload(upload.request_id, upload.version_id, self.clock())
        request = self.requests.find(upload.request_id)
        return upload.request_id if request and request.version_id == upload.version_id else None

    def _accept_drop(self, drop: Drop) -> str | None:
        """The id of the drop's request, made now or by an earlier event.

        Options, or a key, that cannot be used make a request that failed, so that its owner finds out.
        """
        try:
            metadata = self.uploads.head(drop.key, drop.version_id).metadata
        except NotFoundError:
            return None  # deleted since: the owner took it back
        errors: list[str] = []
        if not has_room_for_summary(drop.key):
            errors.append(f"the key is too long: beside a summary it may have {MAX_DROP_KEY:,} bytes")
        options, webhook_url = self._options(drop.owner, metadata, errors)
        now = self.clock()
        self.requests.create(dropped_request(drop, options, webhook_url, now, self.lifetime), now + self.patience)
        if errors:
            self._refuse(drop.request_id, errors)
            return None
        return drop.request_id

    def _options(self, owner: str, metadata: Mapping[str, str], errors: list[str]) -> tuple[Options, str]:
        """What the metadata asks for; what cannot be used of it is told to `errors`."""
        given, webhook_url = options_of(metadata)
        options = Options()
        try:
            options = parse_options(given, default_mode=Mode.LENIENT)
        except InvalidOptionsError as error:
            errors += [f"{METADATA_NAME}{wrong.name}: {wrong.message}" for wrong in error.errors]
        if unusable := why_not_reused(options, owner, self.requests.find, self.clock()):
            errors.append(f"{METADATA_NAME}reuse: {unusable}")
        try:
            webhook_url = checked_webhook_url(webhook_url, https_only=self.https_only)
        except WebhookUrlError as error:
            errors.append(f"{METADATA_NAME}webhook-url: {error}")
            webhook_url = ""
        return options, webhook_url

    def _refuse(self, request_id: str, messages: list[str]) -> None:
        errors = [
            {"line": 0, "column": None, "code": RequestCode.INVALID_OPTIONS, "message": message, "value": ""}
            for message in messages
        ]
        self.plans.store_survey(request_id, refused_survey(errors, len(errors)))
        self.finalize.send(FinalizeTask(request_id, RequestCode.INVALID_OPTIONS))
