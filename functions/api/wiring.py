"""Puts the api together, on the first call."""

import os
import time
from functools import cache
from uuid import uuid4

from functions.adapters.aws.objects import Objects, Plans
from functions.adapters.aws.queues import Queue
from functions.adapters.reporting import report
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.deliveries import DeliveryTable
from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.endpoints import EndpointTable
from functions.adapters.table.exports import ExportTable
from functions.adapters.table.listing import RequestIndex
from functions.adapters.table.quota import QuotaTable
from functions.adapters.table.received_webhooks import ReceivedTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.table.webhook_secrets import SecretTable, default_secrets, fresh_secret
from functions.adapters.workbook.sheets import Workbooks
from functions.api.keys import Keys
from functions.api.requests import Export, Lifecycle, Listing, StatusAnswer
from functions.api.routes.context import Services
from functions.api.uploads import Checks, Opening, Presign, Upload
from functions.api.webhooks import DeliveryLog, Receiver, Subscriptions
from functions.core.settings import ApiSettings
from functions.core.uploads import WishReader

WORKBOOK_SECONDS = 15  # for a workbook of 4 MB; the function has 29


@cache
def settings() -> ApiSettings:
    """From the environment, once."""
    return ApiSettings.from_env(os.environ)


@cache
def services() -> Services:
    """What the calls are answered with."""
    told, urls, requests = settings(), settings().urls, RequestTable.connect(settings().table)
    table, results, uploads = requests.table, Objects.connect(told.results_bucket), Objects.connect(told.uploads_bucket)
    plans, chunks, index = Plans(results), ChunkTable(table), RequestIndex(table)
    wish_reader = WishReader(requests.find, time.time, https_only=not told.addresses.allowed, presets=told.presets)
    checks = Checks(
        wish_reader,
        Workbooks(WORKBOOK_SECONDS, os.environ.get("LD_LIBRARY_PATH", "")),
        QuotaTable(table),
        time.time,
        told.daily_images,
    )
    opening = Opening(
        requests=requests,
        ingest=Queue.connect(told.ingest_queue),
        urls=urls,
        clock=time.time,
        new_id=_new_id,
        lifetime=told.record_lifetime,
        patience=told.patience,
        report=report,
    )
    finalize = Queue.connect(told.finalize_queue)
    return Services(
        keys=Keys(table, told.requires_keys, time.time),
        requests=requests,
        results=results,
        rendition_sets=told.presets,
        upload=Upload(checks, uploads, opening),
        presign=Presign(checks, uploads, opening),
        lifecycle=Lifecycle(checks, requests, opening),
        status=StatusAnswer(plans, chunks, urls),
        listing=Listing(index, urls, time.time),
        export=Export(index, plans, chunks, ExportTable(table), finalize, urls, time.time, time.sleep),
        subscriptions=_subscriptions(told, table),
        delivery_log=DeliveryLog(
            EndpointTable(table), DeliveryTable(table), requests, Queue.connect(told.notify_queue), time.time
        ),
        receiver=Receiver(requests, ReceivedTable(table), lambda owner: _secrets_of(told, table, owner), time.time),
        base_url=urls.api,
        clock=time.time,
    )


def _subscriptions(told: ApiSettings, table: Dynamo) -> Subscriptions:
    return Subscriptions(
        endpoints=EndpointTable(table),
        notify=Queue.connect(told.notify_queue),
        secrets=SecretTable(table),
        is_shared=bool(told.webhook_secret),
        new_secret=fresh_secret,
        new_id=_new_id,
        clock=time.time,
        https_only=not told.addresses.allowed,
    )


def _secrets_of(told: ApiSettings, table: Dynamo, owner: str) -> list[str]:
    """All that a webhook of the owner may be signed with."""
    now = time.time()
    own = default_secrets(told.webhook_secret, SecretTable(table), owner, now)
    return own + [secret for endpoint in EndpointTable(table).of_owner(owner) for secret in endpoint.secrets(now)]


def _new_id() -> str:
    return str(uuid4())
