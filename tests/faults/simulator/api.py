"""The HTTP API over a world: the real routes and services, with the keys of two owners."""

import base64
import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from functions.adapters.table.deliveries import DeliveryTable
from functions.adapters.table.endpoints import EndpointTable
from functions.adapters.table.exports import ExportTable
from functions.adapters.table.listing import RequestIndex
from functions.adapters.table.quota import QuotaTable
from functions.adapters.table.received_webhooks import ReceivedTable
from functions.adapters.table.webhook_secrets import SecretTable
from functions.adapters.workbook.sheets import Workbooks
from functions.api.handler import app
from functions.api.keys import Keys
from functions.api.requests.exporting import Export
from functions.api.requests.lifecycle import Lifecycle
from functions.api.requests.listing import Listing
from functions.api.requests.status import StatusAnswer
from functions.api.routes.context import Services
from functions.api.uploads.checks import Checks
from functions.api.uploads.opening import Opening
from functions.api.uploads.presigning import Presign
from functions.api.uploads.uploading import Upload
from functions.api.webhooks.delivery_log import DeliveryLog
from functions.api.webhooks.receiver import Receiver
from functions.api.webhooks.subscriptions import Subscriptions
from functions.core.uploads.wishes import WishReader
from functions.core.webhooks.signature import SECRET_BYTES, new_secret
from tests.faults.simulator.world import LIFETIME, LINKS, PATIENCE, World

EVENT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "events" / "api_upload.json").read_text())
OWNERS = ("acme", "other")
Headers = Mapping[str, str]


@dataclass(frozen=True)
class Answered:
    """An answer of the API. None at all came from a process that died."""

    status: int
    body: dict[str, Any]
    headers: Headers


class Api:
    """What owners call; each call is an invocation of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = count(1)
        for owner in OWNERS:
            world.onlooker.table.put({"pk": f"KEY#{_digest(owner)}", "sk": "KEY", "key_owner": owner})
        self.subscriptions = self._subscriptions()
        self.delivery_log = self._delivery_log()
        self.services = self._services()

    def call(self, method: str, path: str, owner: str = "acme", body: bytes = b"", **headers: str) -> Answered | None:
        """Call as an owner. None when the function died before it answered."""
        event = deepcopy(EVENT)
        path, _, query = path.partition("?")
        http = event["requestContext"]["http"] | {"method": method, "path": path}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        event |= {
            "rawPath": path,
            "queryStringParameters": dict(pair.split("=") for pair in query.split("&") if pair),
            "requestContext": event["requestContext"] | {"http": http},
            "headers": {"content-type": "application/json", "x-api-key": _key(owner), **named},
            "body": base64.b64encode(body).decode(),
        }
        answers: list[dict[str, Any]] = []
        self.world.invoke("api", lambda: answers.append(self._resolved(event)))
        return _answered(answers[0]) if answers else None

    def upload(self, csv: bytes, key: str, *, owner: str = "acme", boundary: str = "----A", **fields: str) -> Any:
        """Post a CSV as a form with this boundary, under an Idempotency-Key."""
        named = [f'name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
        parts = [part.encode() for part in named] + [b'name="file"; filename="a b.csv"\r\n\r\n' + csv]
        head = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
        body = b"".join(head + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
        headers = {"content_type": f"multipart/form-data; boundary={boundary}", "idempotency_key": key}
        return self.call("POST", "/upload", owner, body, **headers)

    def _resolved(self, event: dict[str, Any]) -> dict[str, Any]:
        app.append_context(services=self.services)  # type: ignore[no-untyped-call]  # Powertools left it without annotations
        context: Any = None
        return app.resolve(event, context)

    def _pass(self, seconds: float) -> None:
        self.world.clock.now += seconds

    def _new_id(self) -> str:
        return str(UUID(int=next(self._numbers)))

    def _new_secret(self) -> str:
        return new_secret(bytes([next(self._numbers)]) * SECRET_BYTES)

    def _services(self) -> Services:
        world, table, clock = self.world, self.world.table, self.world.clock
        checks = Checks(
            WishReader(world.requests.find, clock, https_only=True),
            Workbooks(60),
            QuotaTable(table),
            clock,
            daily_images=0,
        )
        index, ingest = RequestIndex(table), world.queue("ingest")
        opening = Opening(world.requests, ingest, LINKS, clock, self._new_id, LIFETIME, PATIENCE)
        finalize = world.queue("finalize")
        return Services(
            keys=Keys(table, required=True, clock=clock),
            requests=world.requests,
            results=world.results,
            rendition_sets={},
            upload=Upload(checks, world.uploads, opening),
            presign=Presign(checks, world.uploads, opening),
            lifecycle=Lifecycle(checks, world.requests, opening),
            status=StatusAnswer(world.plans, world.chunks, LINKS),
            listing=Listing(index, LINKS, clock),
            export=Export(index, world.plans, world.chunks, ExportTable(table), finalize, LINKS, clock, self._pass),
            subscriptions=self.subscriptions,
            delivery_log=self.delivery_log,
            receiver=Receiver(world.requests, ReceivedTable(table), lambda _owner: [], clock),
            base_url=LINKS.api,
            clock=clock,
        )

    def _delivery_log(self) -> DeliveryLog:
        world, table = self.world, self.world.table
        return DeliveryLog(
            EndpointTable(table), DeliveryTable(table), world.requests, world.queue("notify"), world.clock
        )

    def _subscriptions(self) -> Subscriptions:
        table = self.world.table
        return Subscriptions(
            endpoints=EndpointTable(table),
            notify=self.world.queue("notify"),
            secrets=SecretTable(table),
            is_shared=False,
            new_secret=self._new_secret,
            new_id=self._new_id,
            clock=self.world.clock,
            https_only=True,
        )


def _key(owner: str) -> str:
    return f"key of {owner}"


def _digest(owner: str) -> str:
    return sha256(_key(owner).encode()).hexdigest()


def _answered(answer: dict[str, Any]) -> Answered:
    text = base64.b64decode(answer["body"]).decode() if answer["isBase64Encoded"] else answer["body"]
    body = json.loads(text) if "json" in answer["headers"]["Content-Type"] else {"text": text}
    return Answered(answer["statusCode"], body, answer["headers"])
