"""Reads the CSV of a request: a first pass that may refuse it, a second that plans it, and what follows from either."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.core.errors import NotFoundError, RequestCode
from functions.core.messages import EventTask, FinalizeTask, IngestTask
from functions.core.model import MAX_IMAGES, EventType, Request
from functions.core.options import Mode
from functions.core.product_csv import InvalidCsvError, Layout, Source, survey
from functions.core.settling import Settler
from functions.ingest.planning import PlanWriter, TimeLeft
from functions.ingest.ports import FinalizeQueue, IngestQueue, NotifyQueue, Plans, Requests, Uploads
from functions.ingest.source import csv_source


@dataclass(frozen=True, slots=True)
class Ingest:
    """One request at a time; every step survives being done again."""

    requests: Requests
    plans: Plans
    uploads: Uploads
    writer: PlanWriter
    again: IngestQueue
    finalize: FinalizeQueue
    notify: NotifyQueue
    settler: Settler
    clock: Callable[[], float]

    def run(self, request_id: str, time_left: TimeLeft) -> None:
        """Plan the request's CSV, or go on where an earlier run stopped."""
        request = self.requests.find(request_id)
        if request is None or request.status.is_terminal:
            return
        if request.chunks_total is not None:
            self._conclude(request_id, request.chunks_total)
            return
        source = csv_source(self.uploads, request.object_key, request.version_id)
        try:
            layout = self._begin(request, source)
            if layout is not None:
                self._plan(request, layout, source, time_left)
        except NotFoundError:
            self._verdict(request, RequestCode.NOT_UPLOADED)
        except InvalidCsvError as error:
            self._refuse(request, error)

    def _plan(self, request: Request, layout: Layout, source: Source, time_left: TimeLeft) -> None:
        """Plan as much as there is time for; the rest is for a run of its own."""
        progress = self.writer.write(request, layout, source, time_left)
        if progress.is_cut_short:
            self.again.send(IngestTask(request.request_id))
        elif progress.is_complete:
            self.writer.finish(request, progress.cursor)
            self._conclude(request.request_id, progress.cursor.chunk)

    def _conclude(self, request_id: str, chunks_total: int) -> None:
        """Results may all have been there before `chunks_total` was: see whether that was the last that was missing."""
        if chunks_total:
            self.settler.evaluate(request_id)
        else:
            self.finalize.send(FinalizeTask(request_id, RequestCode.NO_IMAGES))

    def _begin(self, request: Request, source: Source) -> Layout | None:
        """The first pass, pending -> processing, the started event. None when the CSV is refused for its errors."""
        found = self.plans.survey(request.request_id) or self._survey(request, source)
        if found["images"] > MAX_IMAGES:
            self._verdict(request, RequestCode.TOO_MANY_IMAGES)
            return None
        if found["errors_total"] and (request.options.csv.mode is Mode.STRICT or not found["good_rows"]):
            self._verdict(request, RequestCode.INVALID_CSV)
            return None
        self.requests.start(
            request.request_id,
            images=found["images"],
            rows=found["rows"],
            row_errors=found["errors_total"],
            now=self.clock(),
        )
        self.notify.send(EventTask(request.request_id, EventType.STARTED))
        return Layout.from_json(found["layout"])

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

    def _refuse(self, request: Request, error: InvalidCsvError) -> None:
        found = {"errors": [row.to_json() for row in error.errors], "errors_total": error.errors_total}
        empty: dict[str, Any] = {"layout": None, "rows": 0, "good_rows": 0, "images": 0, "warnings": []}
        self.plans.store_survey(request.request_id, empty | found)
        self._verdict(request, RequestCode.INVALID_CSV)

    def _verdict(self, request: Request, code: RequestCode) -> None:
        self.finalize.send(FinalizeTask(request.request_id, code))
