"""The requests of a world: a few CSVs, of which each is small, and one is planned in two parts."""

import json
from datetime import UTC, datetime
from typing import Any

from functions.adapters.table.endpoints import EndpointTable
from functions.core.catalogue.plan import MAX_PART_ROWS
from functions.core.messages import IngestTask
from functions.core.model import EventType, Source, new_request
from functions.core.options import Mode, parse_options
from functions.core.uploads.drop import Drop
from tests.fakes import REQUEST_ID, an_endpoint
from tests.faults.simulator.world import LIFETIME, PATIENCE, UPLOADS, World

HOOK, SHOP = "https://hook.example/x", "https://shop.example/hook"
KEY = "incoming/acme/spring/products.csv"
HEAD = "Product Name,Image URLs"

ALL_WELL = (HEAD, 'Shoe,"https://ok/1.jpg,https://ok/2.jpg"', "Hat,https://ok/3.jpg", "Cap,https://ok/1.jpg")
SOME_FAIL = (HEAD, 'Shoe,"https://ok/1.jpg,https://gone/2.jpg"', "Hat,https://busy/3.jpg", "Cap,https://ok/4.jpg")
ONE_KILLS = (HEAD, 'Shoe,"https://ok/1.jpg,https://killer/2.jpg"', "Hat,https://ok/3.jpg")
FICKLE = (HEAD, "Shoe,https://fickle/1.jpg")  # is there once
NONE_USABLE = (HEAD, "Shoe,", "Hat,")
ALL_FAIL = (HEAD, "Shoe,https://gone/1.jpg", "Hat,https://gone/2.jpg")
TWO_PARTS = (HEAD, *(f"P{row},https://ok/{row // 500}.jpg" for row in range(MAX_PART_ROWS + 1)))
INPUTS = (ALL_WELL, SOME_FAIL, ONE_KILLS, NONE_USABLE, ALL_FAIL, TWO_PARTS)


def listen(world: World) -> None:
    """The owner has an endpoint for everything."""
    EndpointTable(world.onlooker.table).configure(an_endpoint(url=SHOP, events=tuple(EventType)))


SIZES = "thumb=320x; zoom=2000x"  # renditions


def drop(world: World, lines: tuple[str, ...], *, key: str = KEY, times: int = 1, renditions: str = "") -> str:
    """A CSV comes into S3, which says so so many times; the id of its request."""
    metadata = {"imagepress-webhook-url": HOOK, "imagepress-renditions": renditions}
    version_id = world.s3.put_object(UPLOADS, key, _csv(lines), Metadata=metadata)["VersionId"]
    found = Drop(UPLOADS, key, version_id, "acme")
    for _ in range(times):
        world.sqs.client.send_message("ingest", _event(key, version_id))
    world.newest_drop[key] = found.request_id
    return found.request_id


def upload(world: World, lines: tuple[str, ...], *, is_message_lost: bool = False, request_id: str = REQUEST_ID) -> str:
    """A CSV comes by the API."""
    key = f"uploads/acme/{request_id}/products.csv"
    version_id = world.s3.put_object(UPLOADS, key, _csv(lines))["VersionId"]
    options = parse_options({}, default_mode=Mode.LENIENT)
    now = world.clock.now
    told: dict[str, Any] = {"version_id": version_id, "webhook_url": HOOK}
    request = new_request(request_id, "acme", Source.API, key, options, now=now, lifetime=LIFETIME, **told)
    world.onlooker.create(request, now + PATIENCE)
    if not is_message_lost:
        world.sqs.client.send_message("ingest", IngestTask(request_id).to_body())
    return request_id


def retry(world: World, parent_id: str, request_id: str) -> str:
    """Another request over the same CSV, as the API makes it."""
    parent = world.request(parent_id)
    now = world.clock.now
    kept = (parent.owner, parent.source, parent.object_key, parent.options)
    told: dict[str, Any] = {"webhook_url": HOOK, "retry_of": parent_id, "dropped_at": parent.came_at}
    request = new_request(request_id, *kept, now=now, lifetime=LIFETIME, version_id=parent.version_id, **told)
    world.onlooker.create(request, now + PATIENCE)
    world.sqs.client.send_message("ingest", IngestTask(request_id).to_body())
    if world.newest_drop.get(parent.object_key) == parent_id:
        world.newest_drop[parent.object_key] = request_id
    return request_id


def _csv(lines: tuple[str, ...]) -> bytes:
    return "\n".join((*lines, "")).encode()


def _event(key: str, version_id: str) -> str:
    time = datetime.fromtimestamp(1_700_000_000 + int(version_id[1:]), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    described = {"bucket": {"name": UPLOADS}, "object": {"key": key, "versionId": version_id}}
    return json.dumps({"Records": [{"eventTime": time, "s3": described}]})
