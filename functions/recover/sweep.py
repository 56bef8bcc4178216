"""Looks at all requests and deliveries that are due, and repeats the step that did not happen.

It never scans the table, never mistakes a backlog for a loss, and writes no status: finalize ends requests.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from functions.core.catalogue import PlannedImage, PlanReader
from functions.core.errors import ImageCode, RequestCode
from functions.core.messages import CompressTask, DeliveryTask, FinalizeTask, IngestTask
from functions.core.model import Chunk, Delivery, DeliveryState, EventType, Request, RequestStatus, Result
from functions.core.reports import DueSwept, ImagesEnded, Report, unreported
from functions.core.settling import Settler
from functions.core.uploads import arrives_by
from functions.recover.ports import (
    Chunks,
    CompressQueue,
    Deliveries,
    FinalizeQueue,
    IngestQueue,
    NotifyQueue,
    Requests,
)

TIME_RESERVE = 30  # seconds; what is left over stays due
INGEST_BACKLOG = 3_600  # seconds for which a full IngestQueue explains why a CSV was not read yet

TimeLeft = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Timing:
    """In seconds: when to look again, and when to give up, which is before the queues drop a message."""

    patience: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """`idle_since` looks at the queues of images. It gives the time of the look before, if both found them empty."""

    requests: Requests
    chunks: Chunks
    deliveries: Deliveries
    plans: PlanReader
    compress: CompressQueue
    ingest: IngestQueue
    finalize: FinalizeQueue
    notify: NotifyQueue
    settler: Settler
    idle_since: Callable[[], int | None]
    timing: Timing
    clock: Callable[[], float]
    parse_delivery: Callable[[str], tuple[EventType, str]]
    log: Callable[[str, Exception], None]
    report: Report = unreported

    def run(self, time_left: TimeLeft) -> int:
        """Look at what is due, longest first within each shard. Returns how many that were."""
        idle_since = self.idle_since()
        count = late = 0
        for record in self.requests.due(self.clock()):
            if time_left() < TIME_RESERVE:
                break
            try:
                late += self._look_at(record, idle_since, time_left)
            except Exception as error:  # noqa: BLE001 - what ails one request must not keep the others from being found
                self.log(f"{record['pk']} {record['sk']} could not be recovered now", error)
            count += 1
        self.report(DueSwept(count, late))
        return count

    def _look_at(self, record: dict[str, Any], idle_since: int | None, time_left: TimeLeft) -> bool:
        """Returns whether it is a request that has used up half of its deadline."""
        request = self.requests.find(record["pk"].removeprefix("REQUEST#"))
        if request is not None and record["sk"] == "REQUEST":
            self._look_after(request, idle_since, time_left)
            return not request.status.is_terminal and self._has_spent(request, 0.5)
        if request is not None:
            self._deliver(request, *self.parse_delivery(record["sk"]))
        return False

    def _has_spent(self, request: Request, share: float) -> bool:
        """Whether the request has used up this share of its deadline."""
        return self.clock() > arrives_by(request) + share * self.timing.deadline

    def _look_after(self, request: Request, idle_since: int | None, time_left: TimeLeft) -> None:
        self.requests.put_off(request.request_id, self.clock() + self.timing.patience)
        is_overdue = self._has_spent(request, 1)
        if request.status.is_terminal:
            self.finalize.send(FinalizeTask(request.request_id))
        elif request.chunks_total is None and is_overdue:
            self.finalize.send(FinalizeTask(request.request_id, RequestCode.INGEST_FAILED))
        elif request.chunks_total is None:
            self._ingest_again(request)
        else:
            self._count(request, idle_since, is_overdue, time_left)

    def _ingest_again(self, request: Request) -> None:
        """Send the request to ingest again.

        A pending one may still be waiting in the queue, so that is checked first.
        """
        waits = request.status is RequestStatus.PENDING and self.clock() < request.updated_at + INGEST_BACKLOG
        if not waits or self.ingest.is_empty():
            self.ingest.send(IngestTask(request.request_id))

    def _count(self, request: Request, idle_since: int | None, is_overdue: bool, time_left: TimeLeft) -> None:
        incomplete = [
            chunk
            for chunk in self._open_chunks(request, time_left)
            if not self.settler.count(request.request_id, chunk.number)
        ]
        if self.settler.evaluate(request.request_id):
            return
        for chunk in incomplete:
            if time_left() < TIME_RESERVE:
                return
            if is_overdue:
                self._give_up(request, chunk)
            elif self._is_lost(chunk, idle_since):
                self._send_again(request, chunk)
        if is_overdue:
            self.settler.evaluate(request.request_id)

    def _open_chunks(self, request: Request, time_left: TimeLeft) -> Iterator[Chunk]:
        """As many as there is time for; the next sweep goes on with those that are still open."""
        for chunk in self.chunks.find(request.request_id, range(request.chunks_total or 0)):
            if time_left() < TIME_RESERVE:
                return
            if not chunk.is_done:
                yield chunk

    def _is_lost(self, chunk: Chunk, idle_since: int | None) -> bool:
        """Whether the queues were seen empty twice running since the chunk's messages were sent."""
        return idle_since is not None and chunk.sent_at < idle_since

    def _send_again(self, request: Request, chunk: Chunk) -> None:
        missing = self._missing(request, chunk)
        if self.chunks.claim_resending(chunk, int(self.clock())):
            self.compress.send_all(
                CompressTask(request.request_id, image.chunk, image.n, image.url, request.options) for image in missing
            )

    def _give_up(self, request: Request, chunk: Chunk) -> None:
        given_up = [Result(image.n, image.url, ImageCode.GAVE_UP) for image in self._missing(request, chunk)]
        for result in given_up:
            self.chunks.record(request.request_id, chunk.number, result, request.expires_at)
        self.report(ImagesEnded(request.request_id, given_up))
        self.settler.count(request.request_id, chunk.number)

    def _missing(self, request: Request, chunk: Chunk) -> list[PlannedImage]:
        ended = {result.n for result in self.chunks.results(request.request_id, chunk.number)}
        part = self.plans.part(request.request_id, chunk.part)
        return [image for image in _images_of(chunk, part.new_images()) if image.n not in ended]

    def _deliver(self, request: Request, event: EventType, endpoint_id: str) -> None:
        """Have the next attempt made. A delivery that is due has no message on its way."""
        delivery = self.deliveries.find(request.request_id, event, endpoint_id)
        if delivery is None or delivery.state is not DeliveryState.WAITING:
            return
        self._put_off(delivery)
        self.notify.send(DeliveryTask(request.request_id, event, endpoint_id, len(delivery.attempts)))

    def _put_off(self, delivery: Delivery) -> None:
        self.deliveries.put_off(delivery, self.clock() + self.timing.patience)


def _images_of(chunk: Chunk, images: Iterable[PlannedImage]) -> list[PlannedImage]:
    return [image for image in images if image.chunk == chunk.number]
