"""Writes exports that are too large for a call; asked for again, they are written again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from functions.core.catalogue import PlanReader, ResultReader, export_csv
from functions.core.messages import ExportTask
from functions.core.model import Request
from functions.core.ports import RequestFinder

CSV_TYPE = "text/csv; charset=utf-8"


class Index(Protocol):
    """An owner's requests made from `since` to before `until`, oldest first."""

    def between(self, owner: str, since: float, until: float) -> Iterable[Request]: ...


class Objects(Protocol):
    """Where exports are kept, for a day."""

    def put_stream(self, key: str, chunks: Iterable[bytes], media_type: str) -> None: ...


class Exports(Protocol):
    """What is known of exports that were asked for."""

    def finish(self, owner: str, export_id: str, now: float) -> bool: ...


def request_of(requests: RequestFinder, owner: str, request_id: str, now: float) -> Request | None:
    """The request, if it is the owner's and has not expired: of any other no file is written."""
    request = requests.find(request_id)
    return request if request is not None and request.owner == owner and request.expires_at > now else None


@dataclass(frozen=True, slots=True)
class WriteExport:
    """`image_url` makes the URL of a picture from its object key."""

    requests: RequestFinder
    index: Index
    plans: PlanReader
    results: ResultReader
    objects: Objects
    exports: Exports
    image_url: Callable[[str], str]
    clock: Callable[[], float]

    def run(self, task: ExportTask) -> None:
        """Write the file, then say that it is there."""
        now = self.clock()
        blocks = export_csv(self._requests(task, now), self.plans, self.results, self.image_url)
        self.objects.put_stream(task.key, blocks, CSV_TYPE)
        self.exports.finish(task.owner, task.export_id, now)

    def _requests(self, task: ExportTask, now: float) -> Iterable[Request]:
        if task.request_id is None:
            found = self.index.between(task.owner, task.since, task.until)
            return (request for request in found if request.expires_at > now)
        request = request_of(self.requests, task.owner, task.request_id, now)
        return [] if request is None else [request]
