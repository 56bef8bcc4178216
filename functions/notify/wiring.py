"""Puts notify together, on the first event."""

import os
import time
from functools import cache

from functions.adapters.aws.events import EventBus
from functions.adapters.aws.objects import Objects, Plans
from functions.adapters.aws.queues import Queue
from functions.adapters.http.post import Poster
from functions.adapters.reporting import report
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.deliveries import DeliveryTable
from functions.adapters.table.drop_paths import DropPathTable
from functions.adapters.table.endpoints import EndpointTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.table.webhook_secrets import SecretTable, default_secrets
from functions.core.settings import NotifySettings
from functions.notify.announce import Announce
from functions.notify.deliver import Deliver
from functions.notify.drop_summary import DropSummaries
from functions.notify.ping import Ping
from functions.notify.service import Notify


@cache
def settings() -> NotifySettings:
    """From the environment, once."""
    return NotifySettings.from_env(os.environ)


@cache
def notify_queue() -> Queue:
    """Where the messages come from, and where attempts wait."""
    return Queue.connect(settings().notify_queue)


@cache
def service() -> Notify:
    """Announces events, and makes the attempts at webhooks."""
    requests, urls = RequestTable.connect(settings().table), settings().urls
    table, objects = requests.table, Objects.connect(settings().results_bucket)
    endpoints, deliveries, poster = EndpointTable(table), DeliveryTable(table), Poster.connect(settings().addresses)
    return Notify(
        requests=requests,
        summaries=DropSummaries(requests, Plans(objects), DropPathTable(table), objects, EventBus.connect(), urls),
        announce=Announce(requests, endpoints, deliveries, notify_queue(), time.time),
        deliver=Deliver(
            requests=requests,
            endpoints=endpoints,
            deliveries=deliveries,
            results=ChunkTable(table),
            queue=notify_queue(),
            poster=poster,
            secrets_of=lambda owner: default_secrets(settings().webhook_secret, SecretTable(table), owner, time.time()),
            urls=urls,
            clock=time.time,
            report=report,
        ),
        ping=Ping(endpoints, poster, time.time),
    )
