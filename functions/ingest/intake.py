"""Makes the request record of a CSV that was dropped into S3."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.core.drop import Drop, dropped_request, options_of
from functions.core.errors import NotFoundError, RequestCode
from functions.core.messages import FinalizeTask
from functions.core.options import InvalidOptionsError, Mode, Options, parse_options
from functions.core.webhook_url import WebhookUrlError, checked_webhook_url
from functions.ingest.ports import FinalizeQueue, Plans, Requests, Uploads


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

    def accept(self, drop: Drop) -> str | None:
        """The id of the drop's request, made now or by an earlier event; None when it cannot be worked on.

        Options that cannot be used make a request that failed, so that its owner finds out.
        """
        try:
            metadata = self.uploads.head(drop.key, drop.version_id).metadata
        except NotFoundError:
            return None  # deleted since: the owner took it back
        given, webhook_url = options_of(metadata)
        errors: list[str] = []
        options = Options()
        try:
            options = parse_options(given, default_mode=Mode.LENIENT)
        except InvalidOptionsError as error:
            errors += [f"{METADATA_NAME}{wrong.name}: {wrong.message}" for wrong in error.errors]
        try:
            webhook_url = checked_webhook_url(webhook_url, https_only=self.https_only)
        except WebhookUrlError as error:
            errors.append(f"{METADATA_NAME}webhook-url: {error}")
            webhook_url = ""
        now = self.clock()
        self.requests.create(dropped_request(drop, options, webhook_url, now, self.lifetime), now + self.patience)
        if errors:
            self._refuse(drop.request_id, errors)
            return None
        return drop.request_id

    def _refuse(self, request_id: str, messages: list[str]) -> None:
        errors = [
            {"line": 0, "column": None, "code": RequestCode.INVALID_OPTIONS, "message": message, "value": ""}
            for message in messages
        ]
        empty: dict[str, Any] = {"layout": None, "rows": 0, "good_rows": 0, "images": 0, "warnings": []}
        self.plans.store_survey(request_id, empty | {"errors": errors, "errors_total": len(errors)})
        self.finalize.send(FinalizeTask(request_id, RequestCode.INVALID_OPTIONS))


METADATA_NAME = "x-amz-meta-imagepress-"
