"""The first pass over a CSV, and the four ends it can come to: of all but one, nothing is planned."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.core.catalogue import MAX_IMAGES, MAX_ROWS, InvalidCsvError, Layout, SurveyRecord
from functions.core.errors import QuotaExceededError, RequestCode
from functions.core.model import Request, RequestStatus
from functions.core.options import Mode
from functions.core.quota import Charge
from functions.ingest.earlier import EarlierRequests
from functions.ingest.ports import Plans, Requests
from functions.ingest.source import RequestFile


@dataclass(frozen=True, slots=True)
class Begun:
    """The request runs: its CSV is to be planned by this layout."""

    layout: Layout


@dataclass(frozen=True, slots=True)
class Refused:
    """The request fails with this code."""

    code: RequestCode


@dataclass(frozen=True, slots=True)
class OnlySurveyed:
    """A dry run: there is nothing more to do."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Somebody ended the request while its CSV was read."""


End = Begun | Refused | OnlySurveyed | Overtaken


@dataclass(frozen=True, slots=True)
class Beginning:
    """`daily_images` is how many images an owner may start in a day, 0 for as many as it likes."""

    requests: Requests
    plans: Plans
    earlier: EarlierRequests
    clock: Callable[[], float]
    daily_images: int

    def begin(self, request: Request, parent: Request | None, file: RequestFile) -> End:
        """Survey the CSV, and start the request: pending -> processing. Raises InvalidCsvError, CsvGoneError."""
        found = self._known_survey(request, parent) or self._survey(request, file)
        refusal = _refusal(found, request.options.csv.mode)
        if refusal:
            return Refused(refusal)
        try:
            is_running = self._start(request, parent, found)
        except QuotaExceededError:
            return Refused(RequestCode.QUOTA_EXCEEDED)
        if not is_running:
            return Overtaken()
        if request.options.run.dry_run:
            return OnlySurveyed()
        if found.layout is None:
            raise LookupError(f"request {request.request_id} has good rows but no layout")
        return Begun(found.layout)

    def refuse(self, request: Request, error: InvalidCsvError) -> Refused:
        """Keep what is wrong with a file that is no CSV."""
        self.plans.store_survey(request.request_id, SurveyRecord.refused(error.errors, error.errors_total))
        return Refused(RequestCode.INVALID_CSV)

    def _known_survey(self, request: Request, parent: Request | None) -> SurveyRecord | None:
        """That of an earlier run, or of the parent, whose parts are of the layout that was found then."""
        found = self.plans.survey(request.request_id)
        if found or parent is None or not parent.parts_planned:
            return found
        known = self.plans.survey(parent.request_id)
        return self.plans.store_survey(request.request_id, known) if known else None

    def _survey(self, request: Request, file: RequestFile) -> SurveyRecord:
        found = SurveyRecord.of(file.survey(request.options.csv))
        return self.plans.store_survey(request.request_id, found)

    def _start(self, request: Request, parent: Request | None, found: SurveyRecord) -> bool:
        """Whether the request runs, from now on or since an earlier run. Raises QuotaExceededError."""
        if request.status is not RequestStatus.PENDING:
            return True
        if self.requests.start(
            request.request_id,
            images=found.images,
            rows=found.rows,
            row_errors=found.errors_total,
            now=self.clock(),
            charge=self._charge(request, parent, found.images),
        ):
            return True
        held = self.requests.find(request.request_id)
        return held is not None and held.status is RequestStatus.PROCESSING

    def _charge(self, request: Request, parent: Request | None, images: int) -> Charge | None:
        """For all images but those that are adopted as they are."""
        if not self.daily_images or request.options.run.dry_run:
            return None
        adopted = self.earlier.adopted(parent) if parent else 0
        return Charge(request.owner, max(0, images - adopted), self.daily_images)


def _refusal(found: SurveyRecord, mode: Mode) -> RequestCode | None:
    if found.rows > MAX_ROWS:
        return RequestCode.TOO_MANY_ROWS
    if found.images > MAX_IMAGES:
        return RequestCode.TOO_MANY_IMAGES
    if found.errors_total and (mode is Mode.STRICT or not found.good_rows):
        return RequestCode.INVALID_CSV
    return None
