"""The first pass over a CSV: it refuses it, or the request is charged and starts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.core.catalogue import MAX_IMAGES, MAX_ROWS, InvalidCsvError, Layout, Source, survey
from functions.core.errors import QuotaExceededError, RequestCode
from functions.core.messages import EventTask, FinalizeTask
from functions.core.model import EventType, Request, RequestStatus
from functions.core.options import Mode
from functions.core.quota import Charge
from functions.ingest.earlier import EarlierRequests
from functions.ingest.ports import FinalizeQueue, NotifyQueue, Plans, Requests
from functions.ingest.refusing import refused_survey


@dataclass(frozen=True, slots=True)
class Beginning:
    """`daily_images` is how many images an owner may start in a day, 0 for as many as it likes."""

    requests: Requests
    plans: Plans
    earlier: EarlierRequests
    finalize: FinalizeQueue
    notify: NotifyQueue
    clock: Callable[[], float]
    daily_images: int

    def begin(self, request: Request, parent: Request | None, source: Source) -> Layout | None:
        """Survey, pending -> processing, the started event. None when there is nothing to plan: finalize ends it.

        Or somebody has ended it, while the CSV was read.
        """
        found = self._known_survey(request, parent) or self._survey(request, source)
        refusal = _refusal(found, request.options.csv.mode)
        try:
            if refusal is None and not self._start(request, parent, found):
                return None
        except QuotaExceededError:
            refusal = RequestCode.QUOTA_EXCEEDED
        if refusal or request.options.run.dry_run:
            self.finalize.send(FinalizeTask(request.request_id, refusal))
            return None
        self.notify.send(EventTask(request.request_id, EventType.STARTED))
        return Layout.from_json(found["layout"])

    def refuse(self, request: Request, error: InvalidCsvError) -> None:
        """Keep what is wrong with a file that is no CSV, and have the request fail."""
        errors = [row.to_json() for row in error.errors]
        self.plans.store_survey(request.request_id, refused_survey(errors, error.errors_total))
        self.finalize.send(FinalizeTask(request.request_id, RequestCode.INVALID_CSV))

    def _known_survey(self, request: Request, parent: Request | None) -> dict[str, Any] | None:
        """That of an earlier run, or of the parent, whose parts are of the layout that was found then."""
        found = self.plans.survey(request.request_id)
        if found or parent is None or not parent.parts_planned:
            return found
        known = self.plans.survey(parent.request_id)
        return self.plans.store_survey(request.request_id, known) if known else None

    def _survey(self, request: Request, source: Source) -> dict[str, Any]:
        seen = survey(source, request.options.csv)
        return self.plans.store_survey(
            request.request_id,
            {
                "layout": seen.layout.to_json(),
                "rows": seen.rows,
                "good_rows": seen.good_rows,
                "images": seen.images,
                "errors": [error.to_json() for error in seen.errors],
                "errors_total": seen.errors_total,
                "warnings": list(seen.warnings),
            },
        )

    def _start(self, request: Request, parent: Request | None, found: dict[str, Any]) -> bool:
        """Whether the request runs, from now on or since an earlier run. Raises QuotaExceededError."""
        if request.status is not RequestStatus.PENDING:
            return True
        counts = {"images": found["images"], "rows": found["rows"], "row_errors": found["errors_total"]}
        charge = self._charge(request, parent, found["images"])
        if self.requests.start(request.request_id, **counts, now=self.clock(), charge=charge):
            return True
        held = self.requests.find(request.request_id)
        return held is not None and held.status is RequestStatus.PROCESSING

    def _charge(self, request: Request, parent: Request | None, images: int) -> Charge | None:
        """For all images but those that are adopted as they are."""
        if not self.daily_images or request.options.run.dry_run:
            return None
        adopted = self.earlier.adopted(parent) if parent else 0
        return Charge(request.owner, max(0, images - adopted), self.daily_images)


def _refusal(found: dict[str, Any], mode: Mode) -> RequestCode | None:
    if found["rows"] > MAX_ROWS:
        return RequestCode.TOO_MANY_ROWS
    if found["images"] > MAX_IMAGES:
        return RequestCode.TOO_MANY_IMAGES
    if found["errors_total"] and (mode is Mode.STRICT or not found["good_rows"]):
        return RequestCode.INVALID_CSV
    return None
