"""What must hold once a schedule has come to rest, as sentences about what does not."""

import re
from collections.abc import Iterator

from functions.adapters.aws.objects import Objects, Plans
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.deliveries import DeliveryTable
from functions.core.catalogue.plan import PlanPart
from functions.core.errors import ImageCode, RequestCode
from functions.core.model import (
    END_EVENTS,
    DeliveryState,
    EventType,
    ImageStatus,
    Request,
    RequestStatus,
    Result,
    Source,
    WebhookStatus,
    webhook_status,
)
from functions.core.uploads.drop import outgoing_key
from functions.finalize.drop_copy import output_key
from tests.faults.simulator.inputs import HOOK, SHOP
from tests.faults.simulator.schedule import FOREVER
from tests.faults.simulator.world import RESULTS, World

REQUEST = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def violations(world: World, request_id: str, undisturbed: list[bytes], *, listens: bool) -> list[str]:
    """Every broken invariant of a request. `undisturbed` are the lines of its output CSV where nothing fails."""
    request = world.onlooker.find(request_id)
    if request is None:
        return [f"there is no request {request_id}"]
    return [
        *_of_the_end(world, request),
        *_of_the_counts(world, request),
        *_of_the_csv(world, request, undisturbed),
        *_of_the_webhooks(world, request, listens),
    ]


def of_the_world(world: World) -> Iterator[str]:
    """What is wrong with no request of its own."""
    yield from (f"a defect: {crash}" for crash in world.crashes)
    yield from (f"{request_id} was told as ended before it was" for request_id in world.early_ends)
    yield from (f"{told} has the ids {sorted(ids)}" for told, ids in world.receivers.ids.items() if len(ids) > 1)
    yield from (f"{name} still holds {len(queue.messages)}" for name, queue in world.queues.items() if queue.messages)
    yield from (f"{record['pk']} {record['sk']} is still due" for record in world.onlooker.due(FOREVER))


def _of_the_end(world: World, request: Request) -> Iterator[str]:
    ends = [step for step in world.steps.get(request.request_id, []) if RequestStatus(step).is_terminal]
    if not request.status.is_terminal:
        yield f"the request is {request.status}"
    if len(ends) != 1:
        yield f"the request ended {len(ends)} times: {ends}"


def parts_of(world: World, request: Request) -> list[PlanPart]:
    """What is planned so far."""
    plans = Plans(Objects(world.s3, RESULTS))
    return [plans.part(request.request_id, number) for number in range(request.parts_planned)]


def results_of(world: World, request: Request) -> tuple[list[Result], int, int]:
    """All results of a request, how many chunks its plan has, and how many images."""
    parts, chunks = parts_of(world, request), ChunkTable(world.onlooker.table)
    numbers = [chunk.number for part in parts for chunk in part.chunks()]
    results = [result for number in numbers for result in chunks.results(request.request_id, number)]
    return results, len(numbers), sum(len(part.new_images()) for part in parts)


def _of_the_counts(world: World, request: Request) -> Iterator[str]:
    if request.status is RequestStatus.CANCELLED or request.chunks_total is None:
        return
    results, chunks, images = results_of(world, request)
    if [result.n for result in sorted(results, key=lambda each: each.n)] != list(range(images)):
        yield f"{images} images have {len(results)} results"
    if request.error is RequestCode.FINALIZE_FAILED:
        return
    if not request.chunks_done == request.chunks_total == chunks:
        yield f"{request.chunks_done} of {request.chunks_total} chunks are done, {chunks} were planned"
    counted = (request.processed_images, request.failed_images, request.bytes_in, request.bytes_out)
    failed = sum(result.status is ImageStatus.FAILED for result in results)
    sums = (len(results), failed, sum(each.bytes_in for each in results), sum(each.bytes_out for each in results))
    if counted != sums:
        yield f"the request says {counted}, its results come to {sums}"


def csv_of(world: World, request_id: str) -> list[bytes]:
    """The lines of the output CSV, in which no request is named; none when there is none."""
    content = world.s3.content(RESULTS, output_key(request_id)) or b""
    return REQUEST.sub(b"REQUEST", content).splitlines(keepends=True)


def _of_the_csv(world: World, request: Request, undisturbed: list[bytes]) -> Iterator[str]:
    if not request.has_csv:
        return
    lines, excepted = csv_of(world, request.request_id), _lines_that_gave_up(world, request)
    if not lines:
        yield "the request has no output CSV"
    elif _without(excepted, lines) != _without(excepted, undisturbed):
        yield f"the output CSV is {lines!r}, undisturbed it is {undisturbed!r}"
    newest = world.newest_drop.get(request.object_key)
    kept = world.s3.content(RESULTS, outgoing_key(request.object_key))
    if request.source is Source.S3 and kept is None:
        yield "nothing is under outgoing/"
    if newest == request.request_id and kept != world.s3.content(RESULTS, output_key(newest)):
        yield "what is under outgoing/ is not of the newest version"


def _lines_that_gave_up(world: World, request: Request) -> set[int]:
    """The lines of the output CSV, 0 the head, that owe an undisturbed run nothing."""
    given_up = {result.n for result in results_of(world, request)[0] if result.code is ImageCode.GAVE_UP}
    rows = [row for part in parts_of(world, request) for row in part.rows]
    return {
        line for line, row in enumerate(rows, 1) if given_up & {image.n for column in row.images for image in column}
    }


def _without(excepted: set[int], lines: list[bytes]) -> list[bytes]:
    return [line for number, line in enumerate(lines) if number not in excepted]


def _of_the_webhooks(world: World, request: Request, listens: bool) -> Iterator[str]:
    deliveries = DeliveryTable(world.onlooker.table).of_request(request.request_id)
    ends = {delivery.event for delivery in deliveries} - {EventType.STARTED}
    told = {END_EVENTS[request.status]} if request.status in END_EVENTS else set()
    if ends != told:
        yield f"a request that is {request.status} announced {sorted(ends)}"
    if listens and request.status is RequestStatus.COMPLETED and EventType.STARTED not in {d.event for d in deliveries}:
        yield "nobody was told of the start"
    urls = {delivery.url for delivery in deliveries if delivery.event in told}
    if told and urls != ({HOOK, SHOP} if listens else {HOOK}):
        yield f"the end was announced to {sorted(urls)}"
    for delivery in deliveries:
        received = delivery.webhook_id in world.receivers.webhook_ids(delivery.url)
        if delivery.state is DeliveryState.DELIVERED and not received:
            yield f"{delivery.webhook_id} is delivered, and nobody got it"
        if delivery.state is DeliveryState.WAITING:
            yield f"{delivery.webhook_id} still waits"
    if told and request.webhook_status is not webhook_status(deliveries):
        yield f"webhook_status is {request.webhook_status}, the deliveries come to {webhook_status(deliveries)}"
    if not told and request.webhook_status is WebhookStatus.SENT:
        yield "webhooks of a cancelled request were sent"
