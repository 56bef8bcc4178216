"""Reads the CSV of a request: a first pass that may refuse it, a second that plans it, and what follows from either."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.core.catalogue import InvalidCsvError, Layout, Source
from functions.core.csv import CsvCode, refusal
from functions.core.errors import NotFoundError, RequestCode
from functions.core.messages import EventTask, FinalizeTask, IngestTask
from functions.core.model import EventType, Request
from functions.core.reports import Report, RequestPlanned, unreported
from functions.core.settling import Settler
from functions.core.uploads import arrives_by, awaits_upload
from functions.ingest.beginning import Beginning, Begun, OnlySurveyed, Refused
from functions.ingest.earlier import EarlierRequests
from functions.ingest.feed import FetchFeed, NotFetchedError
from functions.ingest.plan_parts import CopiedParts, CsvParts, PlanParts
from functions.ingest.planning import PlanWriter, TimeLeft
from functions.ingest.ports import FinalizeQueue, IngestQueue, NotifyQueue, Plans, Requests, Uploads
from functions.ingest.source import CsvGoneError, RequestFile, Sheets, Workbooks, request_file


@dataclass(frozen=True, slots=True)
class Ingest:
    """One request at a time; every step survives being done again."""

    requests: Requests
    plans: Plans
    uploads: Uploads
    feed: FetchFeed
    sheets: Sheets
    workbooks: Workbooks
    beginning: Beginning
    earlier: EarlierRequests
    writer: PlanWriter
    ingest: IngestQueue
    finalize: FinalizeQueue
    notify: NotifyQueue
    settler: Settler
    clock: Callable[[], float]
    report: Report = unreported

    def run(self, request_id: str, time_left: TimeLeft) -> None:
        """Plan the request's CSV, or go on where an earlier run stopped."""
        request = self._open_request(request_id)
        if request is None:
            return
        if request.chunks_total is not None:
            self._conclude(request_id, request.chunks_total)
            return
        file = request_file(request, self.uploads, self.sheets, self.workbooks)
        parent = self.earlier.parent(request)
        try:
            self._begin(request, parent, file, time_left)
        except CsvGoneError:
            self.finalize.send(FinalizeTask(request_id, RequestCode.NOT_UPLOADED))
        except InvalidCsvError as error:
            refused = self.beginning.refuse(request, error)
            self.finalize.send(FinalizeTask(request_id, refused.code))

    def _begin(self, request: Request, parent: Request | None, file: RequestFile, time_left: TimeLeft) -> None:
        match self.beginning.begin(request, parent, file):
            case Begun(layout):
                self.notify.send(EventTask(request.request_id, EventType.STARTED))
                self._plan(request, parent, self._parts(request, parent, layout, file.source), time_left)
            case Refused(code):
                self.finalize.send(FinalizeTask(request.request_id, code))
            case OnlySurveyed():
                self.finalize.send(FinalizeTask(request.request_id))

    def _open_request(self, request_id: str) -> Request | None:
        """The request, unless it has ended or its CSV is not there yet."""
        request = self.requests.find(request_id)
        if request is not None and not request.status.is_terminal and awaits_upload(request):
            self._look_for_upload(request)
            request = self.requests.find(request_id)
        if request is not None and not request.status.is_terminal and request.csv_url and request.awaits_fetch:
            self._fetch(request, request.csv_url)
            request = self.requests.find(request_id)
        if request is None or request.status.is_terminal or awaits_upload(request) or request.awaits_fetch:
            return None
        return request

    def _fetch(self, request: Request, url: str) -> None:
        """Fetch the CSV from its address. Where that cannot be, the request fails and says why."""
        try:
            self.feed.run(request, url)
        except NotFetchedError as error:
            self.beginning.refuse(request, refusal(CsvCode.NOT_FETCHED, str(error), value=url))
            self.finalize.send(FinalizeTask(request.request_id, RequestCode.CSV_NOT_FETCHED))

    def _look_for_upload(self, request: Request) -> None:
        """Claim the presigned upload whose notification was lost; give up one that can arrive no more."""
        try:
            version_id = self.uploads.head(request.object_key).version_id
        except NotFoundError:
            if self.clock() > arrives_by(request):
                self.finalize.send(FinalizeTask(request.request_id, RequestCode.NOT_UPLOADED))
            return
        self.requests.claim_upload(request.request_id, version_id, self.clock())

    def _parts(self, request: Request, parent: Request | None, layout: Layout, source: Source) -> PlanParts:
        parts = CsvParts(self.plans, request, layout, source)
        return CopiedParts(parts, parent.request_id) if parent else parts

    def _plan(self, request: Request, parent: Request | None, parts: PlanParts, time_left: TimeLeft) -> None:
        """Plan as much as there is time for; the rest is for a run of its own."""
        progress = self.writer.write(request, parts, self.earlier.of(request, parent), time_left)
        if progress.is_cut_short:
            self.ingest.send(IngestTask(request.request_id))
        elif progress.end is not None:
            self.writer.finish(request, progress.end)
            self.report(RequestPlanned(request.request_id, progress.end.chunk, progress.end.n))
            self._conclude(request.request_id, progress.end.chunk)

    def _conclude(self, request_id: str, chunks_total: int) -> None:
        """All results may be there before `chunks_total` is. So completion is evaluated once more."""
        if chunks_total:
            self.settler.evaluate(request_id)
        else:
            self.finalize.send(FinalizeTask(request_id, RequestCode.NO_IMAGES))
