"""What ingest needs of the world."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from functions.core.catalogue import PlanPart, PlanReader, ResultReader, SurveyRecord
from functions.core.messages import CompressTask, EventTask, FinalizeTask, IngestTask
from functions.core.model import Chunk, Request, Result
from functions.core.ports import RequestFinder, Sender
from functions.core.quota import Charge


class ObjectHead(Protocol):
    """User metadata and version of an object."""

    @property
    def metadata(self) -> Any: ...
    @property
    def version_id(self) -> str: ...


class Uploads(Protocol):
    """Where CSVs are read. `head` raises NotFoundError."""

    def head(self, key: str, version_id: str = "") -> ObjectHead: ...
    def stream(self, key: str, version_id: str = "", offset: int = 0) -> Iterator[bytes]: ...


class Requests(RequestFinder, Protocol):
    """Each write is conditional: False when another step was first. `start` raises QuotaExceededError."""

    def create(self, request: Request, due_at: float) -> bool: ...
    def newest(self, owner: str, limit: int) -> list[Request]: ...
    def claim_upload(self, request_id: str, version_id: str, now: float, etag: str | None = None) -> bool: ...
    def start(
        self, request_id: str, *, images: int, rows: int, row_errors: int, now: float, charge: Charge | None = None
    ) -> bool: ...
    def checkpoint(self, request_id: str, parts: int, due_at: float, now: float) -> bool: ...
    def finish_plan(self, request_id: str, chunks: int, images: int, due_at: float, now: float) -> bool: ...


class Chunks(ResultReader, Protocol):
    """`create` and `record` are False when the record exists already."""

    def create(self, chunk: Chunk, expires_at: int) -> bool: ...
    def record(self, request_id: str, chunk: int, result: Result, expires_at: int) -> bool: ...


class Plans(PlanReader, Protocol):
    """Plans and surveys are written once. The methods return what holds, whoever wrote it."""

    def store(self, request_id: str, part: PlanPart) -> PlanPart: ...
    def copy(self, source_id: str, request_id: str, number: int) -> PlanPart: ...
    def store_survey(self, request_id: str, survey: SurveyRecord) -> SurveyRecord: ...


class CompressQueue(Protocol):
    """In batches, one message an image."""

    def send_all(self, tasks: Iterable[CompressTask]) -> None: ...


IngestQueue = Sender[IngestTask]  # where ingest continues itself
FinalizeQueue = Sender[FinalizeTask]  # where verdicts go
NotifyQueue = Sender[EventTask]
