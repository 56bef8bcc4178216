"""The world in memory, for services under test: it holds to the same conditions as the adapters do.

Every write is told to a Journal, which keeps their order and can kill the process right after any of them.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from functions.compress.worker import CompressImages
from functions.core.catalogue.plan import PlannedImage, PlanPart
from functions.core.catalogue.survey_record import SurveyRecord
from functions.core.ending import needs_no_plan
from functions.core.errors import (
    ImageCode,
    NotFoundError,
    PermanentError,
    QuotaExceededError,
    RequestCode,
    StorageError,
)
from functions.core.model import (
    Attempt,
    Chunk,
    Delivery,
    DeliveryState,
    Endpoint,
    EventType,
    ImageStatus,
    Prior,
    Request,
    RequestStatus,
    Result,
    Settlement,
    Source,
    WebhookStatus,
)
from functions.core.network.fetched import Fetched
from functions.core.options import ImageOptions, Options
from functions.core.quota import Charge, day_of
from functions.core.uploads.drop import outgoing_key
from functions.core.webhooks.posted import Posted

NOW = 1_700_000_000.0
PATIENCE = 300.0  # seconds without progress before recover looks at a request
REQUEST_ID = "11111111-2222-4333-8444-555555555555"

Task = TypeVar("Task")


class KilledError(BaseException):
    """The process died, right after a write: nothing catches that."""


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Journal:
    """The writes in their order. After `kill_after` of them the process dies; calls in `failing` raise StorageError."""

    writes: list[str] = field(default_factory=list)
    kill_after: int | None = None
    failing: set[str] = field(default_factory=set)

    def attempt(self, name: str) -> None:
        if name in self.failing:
            raise StorageError(name)

    def wrote(self, name: str) -> None:
        self.writes.append(name)
        if self.kill_after is not None and len(self.writes) >= self.kill_after:
            raise KilledError(name)


def a_request(request_id: str = REQUEST_ID, **changes: Any) -> Request:
    """A pending request of the owner acme."""
    usual = Request(
        request_id=request_id,
        owner="acme",
        source=Source.API,
        object_key=f"uploads/acme/{request_id}/products.csv",
        version_id="v1",
        options=Options(),
        created_at=NOW,
        updated_at=NOW,
        expires_at=int(NOW) + 86_400,
    )
    return replace(usual, **changes)


@dataclass
class Requests:
    """The request records and the due index."""

    journal: Journal = field(default_factory=Journal)
    records: dict[str, Request] = field(default_factory=dict)
    due_at: dict[tuple[str, str], float] = field(default_factory=dict)
    images_of_day: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, request: Request, due_at: float | None = None) -> Request:
        """A request that was there before the test began."""
        self.records[request.request_id] = request
        if due_at is not None:
            self.due_at[f"REQUEST#{request.request_id}", "REQUEST"] = due_at
        return request

    def __getitem__(self, request_id: str) -> Request:
        return self.records[request_id]

    def create(self, request: Request, due_at: float) -> bool:
        self.journal.attempt("requests.create")
        if request.request_id in self.records:
            return False
        self.add(request, due_at)
        self.journal.wrote("requests.create")
        return True

    def find(self, request_id: str) -> Request | None:
        self.journal.attempt("requests.find")
        return self.records.get(request_id)

    def newest(self, owner: str, limit: int) -> list[Request]:
        own = [request for request in self.records.values() if request.owner == owner]
        return sorted(own, key=lambda request: request.created_at, reverse=True)[:limit]

    def claim_upload(self, request_id: str, version_id: str, now: float, etag: str | None = None) -> bool:
        before = self.records[request_id]
        holds = before.status is RequestStatus.PENDING and not before.version_id
        return self._change("claim_upload", request_id, holds, version_id=version_id, updated_at=now, csv_etag=etag)

    def start(
        self, request_id: str, *, images: int, rows: int, row_errors: int, now: float, charge: Charge | None = None
    ) -> bool:
        is_pending = self.records[request_id].status is RequestStatus.PENDING
        changes = {"total_images": images, "rows": rows, "row_errors": row_errors, "updated_at": now}
        if is_pending and charge:
            self._charge(charge, now)
        return self._change("start", request_id, is_pending, status=RequestStatus.PROCESSING, **changes)

    def _charge(self, charge: Charge, now: float) -> None:
        day = (charge.owner, day_of(now))
        images = self.images_of_day.get(day, 0) + charge.images
        if images > charge.limit:
            raise QuotaExceededError
        self.images_of_day[day] = images

    def checkpoint(self, request_id: str, parts: int, due_at: float, now: float) -> bool:
        before = self.records[request_id]
        holds = before.status is RequestStatus.PROCESSING and before.parts_planned <= parts
        return self._change("checkpoint", request_id, holds, due_at, parts_planned=parts, updated_at=now)

    def finish_plan(self, request_id: str, chunks: int, images: int, due_at: float, now: float) -> bool:
        before = self.records[request_id]
        holds = before.status is RequestStatus.PROCESSING and before.chunks_total is None
        changes = {"chunks_total": chunks, "total_images": images, "updated_at": now}
        return self._change("finish_plan", request_id, holds, due_at, **changes)

    def end(self, request_id: str, status: RequestStatus, error: RequestCode | None, now: float) -> bool:
        before = self.records.get(request_id)
        holds = before is not None and before.status.can_become(status)
        if before is not None and before.chunks_total is not None and needs_no_plan(error):
            holds = False
        nobody = {"webhook_status": None} if status is RequestStatus.CANCELLED else {}
        changes = {"status": status, "error": error, "ended_at": now, "updated_at": now}
        return self._change("end", request_id, holds, **changes | nobody)

    def put_off(self, request_id: str, due_at: float) -> bool:
        return self._change("put_off", request_id, (f"REQUEST#{request_id}", "REQUEST") in self.due_at, due_at)

    def leave_due_index(self, request_id: str) -> bool:
        self.due_at.pop((f"REQUEST#{request_id}", "REQUEST"), None)
        return self._change("leave_due_index", request_id, request_id in self.records)

    def set_webhook_status(self, request_id: str, status: WebhookStatus) -> bool:
        return self._change("set_webhook_status", request_id, request_id in self.records, webhook_status=status)

    def expect_webhooks(self, request_id: str) -> bool:
        before = self.records.get(request_id)
        holds = before is not None and before.webhook_status is None and before.status is not RequestStatus.CANCELLED
        return self._change("expect_webhooks", request_id, holds, webhook_status=WebhookStatus.NOT_SENT)

    def expect_no_webhooks(self, request_id: str) -> bool:
        before = self.records.get(request_id)
        holds = before is not None and before.webhook_status is WebhookStatus.NOT_SENT
        return self._change("expect_no_webhooks", request_id, holds, webhook_status=None)

    def due(self, now: float) -> Iterator[dict[str, Any]]:
        for (pk, sk), due_at in sorted(self.due_at.items(), key=lambda item: item[1]):
            if due_at <= now:
                yield {"pk": pk, "sk": sk, "due_at": due_at}

    def _change(
        self, name: str, request_id: str, holds: bool, due_at: float | None = None, /, **changes: object
    ) -> bool:
        self.journal.attempt(f"requests.{name}")
        if not holds:
            return False
        self.records[request_id] = replace(self.records[request_id], **changes)  # type: ignore[arg-type]
        if due_at is not None:
            self.due_at[f"REQUEST#{request_id}", "REQUEST"] = due_at
        self.journal.wrote(f"requests.{name}")
        return True


@dataclass
class Chunks:
    """The chunk and result records."""

    requests: Requests
    records: dict[tuple[str, int], Chunk] = field(default_factory=dict)
    ended: dict[tuple[str, int], dict[int, Result]] = field(default_factory=dict)

    @property
    def journal(self) -> Journal:
        return self.requests.journal

    def add(self, chunk: Chunk, *results: Result) -> Chunk:
        """A chunk and results that were there before the test began."""
        self.records[chunk.request_id, chunk.number] = chunk
        self.ended.setdefault((chunk.request_id, chunk.number), {}).update({result.n: result for result in results})
        return chunk

    def create(self, chunk: Chunk, expires_at: int) -> bool:
        assert expires_at
        if (chunk.request_id, chunk.number) in self.records:
            return False
        self.records[chunk.request_id, chunk.number] = chunk
        self.journal.wrote(f"chunks.create {chunk.number}")
        return True

    def find(self, request_id: str, numbers: Iterable[int]) -> list[Chunk]:
        return [self.records[request_id, n] for n in sorted(numbers) if (request_id, n) in self.records]

    def record(self, request_id: str, chunk: int, result: Result, expires_at: int) -> bool:
        assert expires_at
        self.journal.attempt("chunks.record")
        results = self.ended.setdefault((request_id, chunk), {})
        if result.n in results:
            return False
        results[result.n] = result
        self.journal.wrote(f"chunks.record {result.n}")
        return True

    def results(self, request_id: str, chunk: int) -> list[Result]:
        return [result for _, result in sorted(self.ended.get((request_id, chunk), {}).items())]

    def results_of(self, request_id: str, images: Iterable[PlannedImage]) -> list[Result]:
        ended = {image.n: self.ended.get((request_id, image.chunk), {}).get(image.n) for image in images}
        return [result for result in ended.values() if result]

    def look(self, request_id: str, number: int) -> tuple[Chunk, Settlement] | None:
        self.journal.attempt(f"chunks.look {number}")
        chunk = self.records.get((request_id, number))
        if chunk is None:
            return None
        results = self.results(request_id, number)
        failed = sum(result.status is ImageStatus.FAILED for result in results)
        bytes_in, bytes_out = sum(each.bytes_in for each in results), sum(each.bytes_out for each in results)
        return chunk, Settlement(len(results), failed, bytes_in, bytes_out)

    def show_progress(self, chunk: Chunk, seen: int) -> None:
        self._change(chunk, not self.records[chunk.request_id, chunk.number].is_done, settled=seen)
        self.journal.wrote(f"chunks.show_progress {chunk.number}")

    def close(self, chunk: Chunk, sums: Settlement, now: float, due_at: float) -> bool:
        if not self._change(chunk, not self.records[chunk.request_id, chunk.number].is_done, is_done=True):
            return False
        request = self.requests.records[chunk.request_id]
        self.requests.records[chunk.request_id] = replace(
            request,
            chunks_done=request.chunks_done + 1,
            processed_images=request.processed_images + sums.seen,
            failed_images=request.failed_images + sums.failed,
            bytes_in=request.bytes_in + sums.bytes_in,
            bytes_out=request.bytes_out + sums.bytes_out,
            updated_at=now,
        )
        self.requests.due_at[f"REQUEST#{chunk.request_id}", "REQUEST"] = due_at
        self.journal.wrote(f"chunks.close {chunk.number}")
        return True

    def claim_resending(self, chunk: Chunk, now: int) -> bool:
        before = self.records[chunk.request_id, chunk.number]
        claimed = self._change(chunk, not before.is_done and before.sent_at == chunk.sent_at, sent_at=now)
        if claimed:
            self.journal.wrote(f"chunks.claim_resending {chunk.number}")
        return claimed

    def _change(self, chunk: Chunk, holds: bool, **changes: Any) -> bool:
        if holds:
            key = (chunk.request_id, chunk.number)
            self.records[key] = replace(self.records[key], **changes)
        return holds


@dataclass
class Plans:
    """The plans, kept as the bytes that would be stored."""

    journal: Journal = field(default_factory=Journal)
    stored: dict[tuple[str, int], bytes] = field(default_factory=dict)
    surveys: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, bytes] = field(default_factory=dict)

    def store_sheet(self, request_id: str, content: bytes) -> None:
        self.sheets[request_id] = content
        self.journal.wrote("plans.store_sheet")

    def open_sheet(self, request_id: str, offset: int) -> Iterator[bytes]:
        if request_id not in self.sheets:
            raise NotFoundError(f"plans/{request_id}/sheet.csv")
        yield self.sheets[request_id][offset:]

    def store(self, request_id: str, part: PlanPart) -> PlanPart:
        if (request_id, part.number) in self.stored:
            return self.part(request_id, part.number)
        self.stored[request_id, part.number] = part.to_bytes()
        self.journal.wrote(f"plans.store {part.number}")
        return part

    def copy(self, source_id: str, request_id: str, number: int) -> PlanPart:
        if (source_id, number) not in self.stored:
            raise NotFoundError(f"plans/{source_id}/{number}")
        if (request_id, number) not in self.stored:
            self.stored[request_id, number] = self.stored[source_id, number]
            self.journal.wrote(f"plans.copy {number}")
        return self.part(request_id, number)

    def part(self, request_id: str, number: int) -> PlanPart:
        if (request_id, number) not in self.stored:
            raise NotFoundError(f"plans/{request_id}/{number}")
        return PlanPart.from_bytes(self.stored[request_id, number])

    def store_survey(self, request_id: str, survey: SurveyRecord) -> SurveyRecord:
        if request_id not in self.surveys:
            self.surveys[request_id] = json.dumps(survey.to_json())
            self.journal.wrote("plans.store_survey")
        return self.survey(request_id) or survey

    def survey(self, request_id: str) -> SurveyRecord | None:
        text = self.surveys.get(request_id)
        return None if text is None else SurveyRecord.from_json(json.loads(text))


@dataclass(frozen=True)
class Head:
    """What is known of an object without reading it."""

    size: int
    metadata: dict[str, str]
    version_id: str = "newest"


@dataclass
class Objects:
    """One bucket. Versions are not told apart."""

    journal: Journal = field(default_factory=Journal)
    contents: dict[str, bytes] = field(default_factory=dict)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)
    opened_at: list[int] = field(default_factory=list)

    def put(self, key: str, content: bytes, media_type: str) -> str:
        assert media_type
        self.journal.attempt("objects.put")
        self.contents[key] = content
        self.journal.wrote(f"objects.put {key}")
        return f"version-{len(self.journal.writes)}"

    def put_picture(self, key: str, content: bytes, media_type: str) -> None:
        self.put(key, content, media_type)

    def put_stream(self, key: str, chunks: Iterable[bytes], media_type: str) -> None:
        self.put(key, b"".join(chunks), media_type)

    def head(self, key: str, _version_id: str = "") -> Head:
        return Head(len(self.get(key)), self.metadata.get(key, {}))

    def exists(self, key: str) -> bool:
        self.journal.attempt("objects.exists")
        return key in self.contents

    def get(self, key: str) -> bytes:
        if key not in self.contents:
            raise NotFoundError(key)
        return self.contents[key]

    def stream(self, key: str, _version_id: str = "", offset: int = 0) -> Iterator[bytes]:
        self.opened_at.append(offset)
        content = self.get(key)
        for start in range(offset, len(content), 1000):
            yield content[start : start + 1000]


@dataclass
class Paths:
    """Whose files lie on the paths under outgoing/."""

    journal: Journal = field(default_factory=Journal)
    holders: dict[str, Request] = field(default_factory=dict)

    def hold(self, request: Request) -> str:
        self.journal.attempt("paths.hold")
        path, order = outgoing_key(request.object_key), (request.came_at, request.created_at)
        before = self.holders.get(path)
        if before is None or (before.came_at, before.created_at) < order:
            self.holders[path] = request
            self.journal.wrote(f"paths.hold {path}")
        return self.holders[path].request_id


@dataclass
class Queue(Generic[Task]):
    """A queue that keeps what was sent to it, and what was hidden."""

    name: str = "queue"
    journal: Journal = field(default_factory=Journal)
    sent: list[Task] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)
    hidden: dict[str, float] = field(default_factory=dict)
    empty: bool = True

    def send(self, task: Task, delay: int = 0) -> None:
        self.journal.attempt(f"{self.name}.send")
        self.sent.append(task)
        self.delays.append(delay)
        self.journal.wrote(f"{self.name}.send")

    def send_all(self, tasks: Iterable[Task]) -> None:
        self.sent.extend(tasks)
        self.journal.wrote(f"{self.name}.send_all")

    def hide(self, receipt: str, seconds: float) -> None:
        self.journal.attempt(f"{self.name}.hide")
        self.hidden[receipt] = seconds

    def is_empty(self) -> bool:
        return self.empty


@dataclass
class Deliveries:
    """The delivery records."""

    requests: Requests
    records: dict[tuple[str, EventType, str], Delivery] = field(default_factory=dict)

    def due_at(self, delivery: Delivery) -> float | None:
        return self.requests.due_at.get(_due_key(delivery.request_id, delivery.event, delivery.endpoint_id))

    def add(self, delivery: Delivery, due_at: float | None = None) -> Delivery:
        """A delivery that was there before the test began."""
        self.records[delivery.request_id, delivery.event, delivery.endpoint_id] = delivery
        self._set_due(delivery, due_at)
        return delivery

    def create(self, delivery: Delivery, due_at: float, expires_at: int) -> bool:
        assert expires_at
        if (delivery.request_id, delivery.event, delivery.endpoint_id) in self.records:
            return False
        self.add(delivery, due_at)
        self.requests.journal.wrote("deliveries.create")
        return True

    def find(self, request_id: str, event: EventType, endpoint_id: str) -> Delivery | None:
        return self.records.get((request_id, event, endpoint_id))

    def of_request(self, request_id: str) -> list[Delivery]:
        return [delivery for delivery in self.records.values() if delivery.request_id == request_id]

    def of_endpoint(
        self, owner: str, endpoint_id: str, limit: int, after: tuple[str, str, float] | None = None
    ) -> tuple[list[Delivery], tuple[str, str, float] | None]:
        sent = [each for each in self.records.values() if (each.owner, each.endpoint_id) == (owner, endpoint_id)]
        places = [(each.request_id, str(each.event), each.created_at or 0) for each in sent]
        first = places.index(after) + 1 if after else 0
        return sent[first : first + limit], places[first + limit - 1] if len(sent) > first + limit else None

    def log_attempt(self, delivery: Delivery, attempt: Attempt, state: DeliveryState, due_at: float | None) -> bool:
        key = (delivery.request_id, delivery.event, delivery.endpoint_id)
        before = self.records[key]
        if len(before.attempts) != len(delivery.attempts):
            return False
        self.records[key] = replace(before, attempts=(*before.attempts, attempt), state=state)
        self._set_due(delivery, due_at)
        self.requests.journal.wrote("deliveries.log_attempt")
        return True

    def give_up(self, request_id: str, event: EventType, endpoint_id: str) -> bool:
        delivery = self.records.get((request_id, event, endpoint_id))
        if delivery is None or delivery.state is not DeliveryState.WAITING:
            return False
        self.add(replace(delivery, state=DeliveryState.GAVE_UP))
        return True

    def reopen(self, delivery: Delivery, due_at: float) -> bool:
        before = self.records.get((delivery.request_id, delivery.event, delivery.endpoint_id))
        if before is None or len(before.attempts) != len(delivery.attempts):
            return False
        self.add(replace(before, state=DeliveryState.WAITING), due_at)
        self.requests.journal.wrote("deliveries.reopen")
        return True

    def put_off(self, delivery: Delivery, due_at: float) -> bool:
        if self.due_at(delivery) is None:
            return False
        self._set_due(delivery, due_at)
        return True

    def _set_due(self, delivery: Delivery, due_at: float | None) -> None:
        key = _due_key(delivery.request_id, delivery.event, delivery.endpoint_id)
        if due_at is None:
            self.requests.due_at.pop(key, None)
        else:
            self.requests.due_at[key] = due_at


def _due_key(request_id: str, event: EventType, endpoint_id: str) -> tuple[str, str]:
    return f"REQUEST#{request_id}", f"DELIVERY#{event}#{endpoint_id}"


@dataclass(frozen=True)
class Post:
    """One webhook as its receiver saw it."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Poster:
    """Receivers that give these answers, one after another, and then 200."""

    answers: list[Posted] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        self.posts.append(Post(url, body, dict(headers)))
        return self.answers.pop(0) if self.answers else Posted(200, None, 12)


class NoBuckets:
    """A deployment that lists no buckets."""

    def of(self, _owner: str) -> "Origins":
        return Origins(refused=PermanentError(ImageCode.FORBIDDEN_SOURCE))


@dataclass
class Origins:
    """Origins that give these answers by URL; without one, a few bytes. `asked_newer` are those of conditional GETs.

    `refused` is what every URL is refused with.
    """

    answers: dict[str, Fetched | Exception] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    asked_newer: list[str] = field(default_factory=list)
    refused: PermanentError | None = None

    def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched:
        if self.refused:
            raise self.refused
        self.fetched.append(url)
        answer = self.answers.get(url, Fetched(f"original {url}".encode()))
        if isinstance(answer, Exception):
            raise answer
        reserve(len(answer.content))
        return answer

    def fetch_newer(self, url: str, reserve: Callable[[int], None], prior: Prior) -> Fetched | None:
        self.asked_newer.append(url)
        fetched = self.fetch(url, reserve)
        return None if fetched.etag and fetched.etag == prior.etag else fetched


def an_endpoint(endpoint_id: str = "we_1", url: str = "https://shop.example/hook", **changes: Any) -> Endpoint:
    """An endpoint of the owner acme that listens to everything."""
    secret = "whsec_EBESExQVFhcYGRobHB0eHyAhIiMkJSYn"
    return replace(Endpoint(endpoint_id, "acme", url, tuple(EventType), secret, created_at=NOW), **changes)


@dataclass
class Endpoints:
    """The endpoint records."""

    journal: Journal = field(default_factory=Journal)
    records: dict[tuple[str, str], Endpoint] = field(default_factory=dict)

    def add(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint that was there before the test began."""
        self.records[endpoint.owner, endpoint.endpoint_id] = endpoint
        return endpoint

    def configure(self, endpoint: Endpoint) -> Endpoint:
        before = self.records.get((endpoint.owner, endpoint.endpoint_id), endpoint)
        self.journal.wrote("endpoints.configure")
        return self.add(replace(before, events=endpoint.events, is_disabled=False))

    def of_owner(self, owner: str) -> list[Endpoint]:
        return [endpoint for _, endpoint in sorted(self.records.items()) if endpoint.owner == owner]

    def find(self, owner: str, endpoint_id: str) -> Endpoint | None:
        return self.records.get((owner, endpoint_id))

    def delete(self, owner: str, endpoint_id: str) -> bool:
        was_there = self.records.pop((owner, endpoint_id), None) is not None
        self.journal.wrote("endpoints.delete")
        return was_there

    def rotate(self, owner: str, endpoint_id: str, fresh_secret: str, previous_until: float) -> Endpoint | None:
        before = self.records.get((owner, endpoint_id))
        if before is not None and before.secret != fresh_secret:
            rotated = {"secret": fresh_secret, "previous_secret": before.secret, "previous_until": previous_until}
            self._change("rotate", owner, endpoint_id, **rotated)
        return self.find(owner, endpoint_id)

    def disable(self, owner: str, endpoint_id: str) -> bool:
        return self._change("disable", owner, endpoint_id, is_disabled=True)

    def log_test(self, owner: str, endpoint_id: str, attempt: Attempt) -> bool:
        return self._change("log_test", owner, endpoint_id, last_test=attempt)

    def _change(self, name: str, owner: str, endpoint_id: str, **changes: Any) -> bool:
        if (owner, endpoint_id) not in self.records:
            return False
        self.add(replace(self.records[owner, endpoint_id], **changes))
        self.journal.wrote(f"endpoints.{name}")
        return True


@dataclass
class EventBus:
    """The account's bus, which keeps what was put on it."""

    journal: Journal = field(default_factory=Journal)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def put(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        self.journal.attempt("bus.put")
        self.events.append((detail_type, dict(detail)))
        self.journal.wrote("bus.put")


def with_steps(worker: CompressImages, **changes: Any) -> CompressImages:
    """The worker with other parts of its steps."""
    return replace(worker, steps=replace(worker.steps, **changes))


@dataclass(frozen=True)
class Rendered:
    """A rendition that a fake codec made."""

    name: str
    picture: Any
    warning: str | None = None


@dataclass(frozen=True)
class Picture:
    """What a codec makes."""

    content: bytes = b"picture"
    format: str = "webp"
    extension: str = ".webp"
    media_type: str = "image/webp"
    width: int = 12
    height: int = 8


def renditions_of(compress: Callable[[bytes, ImageOptions], Any]) -> Callable[[bytes, ImageOptions], list[Rendered]]:
    """A codec whose renditions are what `compress` makes of the source and the rendition's name."""

    def compress_all(source: bytes, options: ImageOptions) -> list[Rendered]:
        return [Rendered(each.name, compress(source + each.name.encode(), options.of(each))) for each in options.made()]

    return compress_all
