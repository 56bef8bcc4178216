"""How the owner of a drop hears of its end: a summary beside the output CSV, and an event on the account's bus.

Both are made of the request's record and its survey, so that a repetition says the same.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from functions.core.catalogue import PlanReader
from functions.core.csv import RowError, clipped
from functions.core.model import ENDS, EventType, Request, Source
from functions.core.settings import PublicUrls
from functions.core.times import iso
from functions.core.uploads import Paths, has_room_for_summary, outgoing_key, summary_key, write_newest
from functions.notify.body import error_of
from functions.notify.ports import EventBus, Objects, Requests

# EventBridge takes 256 kB, and a character may be 12 bytes of JSON: these are 130 kB at most, the rest is in the status
MAX_ERRORS = 10
MAX_CHARACTERS = 500  # of a message, of a header


@dataclass(frozen=True, slots=True)
class DropSummaries:
    """Tells the owner of a drop how it ended. Other requests have no summary."""

    requests: Requests
    plans: PlanReader
    paths: Paths
    objects: Objects
    bus: EventBus
    urls: PublicUrls

    def publish(self, request: Request, event: EventType) -> None:
        """Write the summary, then send the event. Nothing happens at a start, or for requests of the API.

        The summary is that of the newest version that has ended; every version has its own event.
        """
        if request.source is not Source.S3 or event not in ENDS:
            return
        if has_room_for_summary(request.object_key):  # intake refused the others; their owners have the event
            write_newest(self.paths, request, self._write)
        self.bus.put(event, self._summary(request))

    def _write(self, request_id: str) -> None:
        request = self.requests.find(request_id)
        if request is not None:
            content = json.dumps(self._summary(request), ensure_ascii=False, indent=2).encode()
            self.objects.put(summary_key(request.object_key), content, "application/json")

    def _summary(self, request: Request) -> dict[str, Any]:
        is_wrong = request.error is not None or request.row_errors > 0
        survey = self.plans.survey(request.request_id) if is_wrong else None
        errors = survey.errors[:MAX_ERRORS] if survey else ()
        return summary(request, self.urls) | {
            "errors": [_clipped(error).to_json() for error in errors],
            "errors_total": survey.errors_total if survey else 0,
        }


def _clipped(error: RowError) -> RowError:
    column = clipped(error.column, MAX_CHARACTERS) if error.column else None
    return replace(error, column=column, message=clipped(error.message, MAX_CHARACTERS))


def summary(request: Request, urls: PublicUrls) -> dict[str, Any]:
    """What the record says of a drop that has ended; `output_key` is in the bucket of the summary."""
    return {
        "request_id": request.request_id,
        "owner": request.owner,
        "status": request.status,
        "error": error_of(request),
        "dry_run": request.options.run.dry_run,
        "source_key": request.object_key,
        "output_key": outgoing_key(request.object_key) if request.has_csv else None,
        "rows": request.rows,
        "row_errors": request.row_errors,
        "total_images": request.total_images,
        "processed_images": request.processed_images,
        "failed_images": request.failed_images,
        "bytes_in": request.bytes_in,
        "bytes_out": request.bytes_out,
        "bytes_saved": request.bytes_in - request.bytes_out,
        "created_at": iso(request.created_at),
        "completion_time": iso(request.ended_at or request.updated_at),
        "results_csv_url": urls.download(request.request_id) if request.has_csv else None,
        "status_url": urls.status(request.request_id),
    }
