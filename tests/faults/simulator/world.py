"""The whole pipeline in one process: the real services and adapters over models of AWS, origins and receivers."""

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from functions.adapters.aws.objects import Objects, Plans
from functions.adapters.aws.queues import Queue
from functions.adapters.consume import consume
from functions.adapters.table.chunks import RESULT_PREFIX, ChunkTable
from functions.adapters.table.deliveries import DeliveryTable, parse_delivery_sk
from functions.adapters.table.drop_paths import DropPathTable
from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.endpoints import EndpointTable
from functions.adapters.table.queue_checks import QueueChecks
from functions.adapters.table.requests import RequestTable
from functions.adapters.table.webhook_secrets import SecretTable
from functions.adapters.workbook.sheets import Workbooks
from functions.compress.codec import Compressed
from functions.compress.worker import Budget, CompressImages, Delivered, Politeness, Steps
from functions.core.errors import ImageCode, PermanentError, StorageError, TransientError
from functions.core.messages import CompressTask, FinalizeTask, IngestTask, finalize_task, notify_task
from functions.core.model import ENDS, Request, RequestStatus
from functions.core.network.fetched import Fetched
from functions.core.settings import PublicUrls
from functions.core.settling import Settler
from functions.core.uploads.drop import arrivals
from functions.core.uploads.wishes import WishReader
from functions.finalize.drop_copy import DropCopies
from functions.finalize.service import Finalize
from functions.ingest.beginning import Beginning
from functions.ingest.earlier import EarlierRequests
from functions.ingest.feed import FetchFeed
from functions.ingest.intake import Intake
from functions.ingest.planning import PlanWriter
from functions.ingest.service import Ingest
from functions.notify.announce import Announce
from functions.notify.deliver import Deliver
from functions.notify.drop_summary import DropSummaries
from functions.notify.ping import Ping
from functions.notify.service import Notify
from functions.recover.dead_letters import DeadLetters
from functions.recover.sweep import Sweep, Timing
from functions.tally.handler import new_results
from functions.tally.service import Tally
from tests.fakes import Clock, EventBus, KilledError, NoBuckets, Origins, renditions_of
from tests.faults.simulator.clients import S3Client, SimQueue, SqsClient
from tests.faults.simulator.faults import Faults, Faulty
from tests.faults.simulator.receivers import Receivers
from tests.faults.simulator.table import Table

TABLE, UPLOADS, RESULTS = "requests", "uploads", "results"
PATIENCE, DEADLINE, LIFETIME = 300.0, 72 * 3_600.0, 30 * 86_400
MEMORY = 1 << 30
CONNECTIONS = 13  # of a worker to a host, as in the template
LINKS = PublicUrls("https://api.example", "https://cdn.example")
SECRET = "whsec_EBESExQVFhcYGRobHB0eHyAhIiMkJSYn"
DEAD = ("ingest_dlq", "alone_dlq", "finalize_dlq", "notify_dlq", "tally_dlq")


def _queues() -> dict[str, SimQueue]:
    """With the visibility and the redrive of the template."""
    queues = {name: SimQueue(360) for name in DEAD}
    queues["ingest"] = SimQueue(960, 5, queues["ingest_dlq"])
    queues["alone"] = SimQueue(360, 3, queues["alone_dlq"])
    queues["compress"] = SimQueue(360, 5, queues["alone"])
    queues["finalize"] = SimQueue(960, 5, queues["finalize_dlq"])
    queues["notify"] = SimQueue(120, 5, queues["notify_dlq"])
    return queues


def compressed(source: bytes, _options: object) -> Compressed:
    """A codec that shortens anything, and the same always to the same."""
    return Compressed(source[:-3], "webp", ".webp", "image/webp", 10, 10, original_kept=False)


class SimOrigins(Origins):
    """The host of a URL says what becomes of it."""

    def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched:
        match url.split("/")[2]:
            case "gone":
                raise PermanentError(ImageCode.NOT_FOUND)
            case "busy":
                raise TransientError(ImageCode.ORIGIN_ERROR)
            case "killer":
                raise KilledError(url)
            case "fickle" if url in self.fetched:
                raise PermanentError(ImageCode.NOT_FOUND)
        return super().fetch(url, reserve)


@dataclass
class SkewedClock(Clock):
    """`now` is the time; who asks is told that of the machine on which the function runs."""

    faults: Faults = field(default_factory=lambda: Faults(0))

    def __call__(self) -> float:
        return self.now + self.faults.skew


@dataclass
class World:
    """A table of its own, empty queues, and a clock that stands still."""

    faults: Faults
    dynamodb: Any = field(default_factory=Table)
    clock: Clock = field(default_factory=Clock)
    origins: SimOrigins = field(default_factory=SimOrigins)
    stream: list[tuple[str, str]] = field(default_factory=list)
    steps: dict[str, list[str]] = field(default_factory=dict)
    early_ends: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    newest_drop: dict[str, str] = field(default_factory=dict)  # by key
    time_left: float = 900.0

    def __post_init__(self) -> None:
        self.clock = SkewedClock(self.clock.now, self.faults)
        random.seed(self.faults.seed)  # jitter
        self.receivers = Receivers(self.faults, heard=self._heard)
        self.queues = _queues()
        self.s3, self.bus = S3Client(), EventBus()
        self.table = Dynamo(Faulty(self.dynamodb, self.faults, self._wrote), TABLE, pause=lambda _seconds: None)
        self.onlooker = RequestTable(Dynamo(self.dynamodb, TABLE))
        self.requests, self.chunks = RequestTable(self.table), ChunkTable(self.table)
        self.sqs = Faulty(SqsClient(self.clock, self.queues), self.faults)
        self.results = Objects(Faulty(self.s3, self.faults), RESULTS)
        self.uploads, self.plans = Objects(Faulty(self.s3, self.faults), UPLOADS), Plans(self.results)
        self._arrived: list[tuple[str, str]] = []

    def calm(self) -> None:
        """From now on nothing fails."""
        self.faults.rate, self.faults.script = 0.0, []

    def queue(self, name: str) -> Queue:
        return Queue(self.sqs, name, pause=lambda _seconds: None)

    def _wrote(self, call: str, arguments: Mapping[str, Any]) -> None:
        """Results go to the stream; the steps of requests are kept."""
        if call == "put_item":
            pk, sk = arguments["Item"]["pk"]["S"], arguments["Item"]["sk"]["S"]
            if sk.startswith(RESULT_PREFIX):
                self._arrived.append((pk, sk))
        elif call == "update_item" and arguments["Key"]["sk"]["S"] == "REQUEST":
            self._note_step(arguments["Key"])

    def _note_step(self, key: dict[str, Any]) -> None:
        item = self.dynamodb.get_item(TableName=TABLE, Key=key)["Item"]
        request_id = key["pk"]["S"].removeprefix("REQUEST#")
        steps = self.steps.setdefault(request_id, [])
        status = item["status"]["S"]
        if steps[-1:] == [status]:
            return
        steps.append(status)
        if status == RequestStatus.COMPLETED and not self._is_counted(request_id):
            self.early_ends.append(request_id)

    def _heard(self, body: Mapping[str, Any]) -> None:
        """Whoever hears of an end may come for the results at once."""
        request = self.onlooker.find(body["request_id"])
        is_end = body["type"] in ENDS
        if is_end and (request is None or not request.status.is_terminal or body["status"] != request.status):
            self.early_ends.append(body["request_id"])

    def _is_counted(self, request_id: str) -> bool:
        """Whether each image has its result, each chunk is done, and the sums are those of all results."""
        request, chunks = self.onlooker.find(request_id), ChunkTable(self.onlooker.table)
        if request is None or request.chunks_total is None:
            return False
        results = [len(chunks.results(request_id, chunk)) for chunk in range(request.chunks_total)]
        is_done = request.chunks_done == request.chunks_total
        return is_done and sum(results) == request.processed_images == request.total_images

    def invoke(self, function: str, work: Callable[[], object]) -> bool:
        """Run a function; whether it lived. What it recorded goes to the stream, in an order that no thread decides."""
        try:
            with self.faults.invocation(function):
                self.dynamodb.begin()
                work()
        except (KilledError, StorageError):
            return False
        finally:
            self.stream += sorted(self._arrived)
            self._arrived.clear()
        return True

    def consume(self, name: str, body: str, receives: int, message_id: str) -> list[str]:
        """What a message of any queue but the workers' leads to: ids of those that are to come again."""
        record = {
            "messageId": message_id,
            "receiptHandle": message_id,
            "body": body,
            "attributes": {"ApproximateReceiveCount": str(receives)},
        }
        work, queue = self._work(name)
        answer = consume({"Records": [record]}, lambda each: self._watched(work, str(each["body"])), queue)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def _watched(self, work: Callable[[str], None], body: str) -> None:
        """Whatever is no failure of AWS is a defect, although the message comes again."""
        try:
            work(body)
        except Exception as error:
            if not isinstance(error, StorageError):
                self.crashes.append(f"{error!r} at {body}")
            raise

    def _work(self, name: str) -> tuple[Callable[[str], None], Queue | None]:
        if name in DEAD:
            return self._bury, None
        work: dict[str, Callable[[str], None]] = {
            "ingest": self._ingest,
            "finalize": self._finalize,
            "notify": lambda body: self.notify.run(notify_task(body)),
        }
        return work[name], self.queue(name)

    def _ingest(self, body: str) -> None:
        event = json.loads(body)
        if "kind" in event:
            found = [IngestTask.from_body(body).request_id]
        else:
            found = [request_id for arrival in arrivals(event) if (request_id := self.intake.accept(arrival))]
        for request_id in found:
            self.ingest.run(request_id, lambda: self.time_left)

    def _finalize(self, body: str) -> None:
        task = finalize_task(body)
        assert isinstance(task, FinalizeTask)
        self.finalize.run(task)

    def _bury(self, body: str) -> None:
        self.dead_letters.bury(body)

    def compress(self, batch: list[Delivered]) -> list[str]:
        return self.worker.run(batch, lambda: self.time_left)

    def tally(self, records: list[tuple[int, tuple[str, str]]]) -> str | None:
        """The place in the stream from which it has to come again."""
        event = {
            "Records": [
                {"dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "SequenceNumber": str(place)}}
                for place, (pk, sk) in records
            ]
        }
        settled = Tally(self.settler, lambda _message, _error: None)
        return settled.run(list(new_results(event)))

    def delivered(self, name: str, body: str, receives: int, message_id: str) -> Delivered:
        task = CompressTask.from_body(body)
        return Delivered(message_id, message_id, task.tried + receives, name == "alone", task)

    @cached_property
    def settler(self) -> Settler:
        return Settler(self.chunks, self.requests, self.queue("finalize"), self.clock, PATIENCE)

    @cached_property
    def intake(self) -> Intake:
        queue = self.queue("finalize")
        return Intake(
            self.requests,
            self.plans,
            self.uploads,
            queue,
            self.clock,
            LIFETIME,
            PATIENCE,
            WishReader(self.requests.find, self.clock, https_only=True),
        )

    @cached_property
    def ingest(self) -> Ingest:
        finalize, notify = self.queue("finalize"), self.queue("notify")
        earlier = EarlierRequests(self.requests, self.chunks, self.plans, self.clock, 0)
        return Ingest(
            requests=self.requests,
            plans=self.plans,
            uploads=self.uploads,
            feed=FetchFeed(lambda: self.origins, self.uploads, self.requests, self.clock),
            sheets=self.plans,
            workbooks=Workbooks(60),
            beginning=Beginning(self.requests, self.plans, earlier, self.clock, 0),
            earlier=earlier,
            writer=PlanWriter(self.requests, self.chunks, self.plans, self.queue("compress"), self.clock, PATIENCE),
            ingest=self.queue("ingest"),
            notify=notify,
            finalize=finalize,
            settler=self.settler,
            clock=self.clock,
        )

    @cached_property
    def worker(self) -> CompressImages:
        return CompressImages(
            steps=Steps(
                fetcher=self.origins,
                buckets=NoBuckets(),
                memory_needed=lambda source, _options: len(source),
                compress=compressed,
                compress_all=renditions_of(compressed),
                pictures=self.results,
                encoded=Budget(MEMORY),
                decoded=Budget(MEMORY),
                memory=MEMORY,
                origins=Politeness(
                    CONNECTIONS, lambda: self.clock.now + time.monotonic()
                ),  # who waits in it, really waits
                codec_slots=threading.BoundedSemaphore(2),
            ),
            requests=self.requests,
            results=self.chunks,
            queue=self.queue("compress"),
            alone=self.queue("alone"),
            first_wait=10,
            log=lambda _message, _error: None,
        )

    @cached_property
    def finalize(self) -> Finalize:
        return Finalize(
            requests=self.requests,
            results=self.chunks,
            plans=self.plans,
            objects=self.results,
            copies=DropCopies(self.requests, self.results, DropPathTable(self.table)),
            notify=self.queue("notify"),
            image_url=LINKS.image,
            clock=self.clock,
        )

    @cached_property
    def notify(self) -> Notify:
        endpoints, deliveries, queue = EndpointTable(self.table), DeliveryTable(self.table), self.queue("notify")
        return Notify(
            requests=self.requests,
            summaries=DropSummaries(
                self.requests, self.plans, DropPathTable(self.table), self.results, self.bus, LINKS
            ),
            announce=Announce(self.requests, endpoints, deliveries, queue, self.clock),
            deliver=Deliver(
                requests=self.requests,
                endpoints=endpoints,
                deliveries=deliveries,
                results=self.chunks,
                queue=queue,
                poster=self.receivers,
                secrets_of=lambda owner: SecretTable(self.table).secrets(owner, SECRET, self.clock()),
                urls=LINKS,
                clock=self.clock,
            ),
            ping=Ping(endpoints, self.receivers, self.clock),
        )

    @cached_property
    def sweep(self) -> Sweep:
        checks = QueueChecks(self.table)
        images = [self.queue(name) for name in ("compress", "alone", "alone_dlq")]
        return Sweep(
            requests=self.requests,
            chunks=self.chunks,
            deliveries=DeliveryTable(self.table),
            plans=self.plans,
            compress=self.queue("compress"),
            ingest=self.queue("ingest"),
            finalize=self.queue("finalize"),
            notify=self.queue("notify"),
            settler=self.settler,
            idle_since=lambda: checks.add(all(each.is_empty() for each in images), int(self.clock())),
            timing=Timing(PATIENCE, DEADLINE),
            clock=self.clock,
            parse_delivery=parse_delivery_sk,
            log=lambda _message, _error: None,
        )

    @cached_property
    def dead_letters(self) -> DeadLetters:
        return DeadLetters(
            requests=self.requests,
            chunks=self.chunks,
            deliveries=DeliveryTable(self.table),
            finalize=self.queue("finalize"),
            notify=self.queue("notify"),
            clock=self.clock,
            lifetime=LIFETIME,
            patience=PATIENCE,
            deadline=DEADLINE,
        )

    def request(self, request_id: str) -> Request:
        found = self.onlooker.find(request_id)
        assert found is not None, f"there is no request {request_id}"
        return found
