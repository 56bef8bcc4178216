"""Lambda: messages of NotifyQueue."""

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.adapters.aws.events import EventBus
from functions.adapters.aws.objects import Objects
from functions.adapters.aws.queues import Queue
from functions.adapters.consume import consume
from functions.adapters.http.post import Poster
from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.deliveries import DeliveryTable
from functions.adapters.table.drop_paths import DropPathTable
from functions.adapters.table.endpoints import EndpointTable
from functions.adapters.table.requests import RequestTable
from functions.adapters.table.webhook_secrets import SecretTable, default_secrets
from functions.adapters.telemetry import logger
from functions.core.messages import notify_task
from functions.core.settings import PublicUrls, address_policy, setting
from functions.notify.announce import Announce
from functions.notify.deliver import Deliver
from functions.notify.drop_summary import DropSummaries
from functions.notify.ping import Ping
from functions.notify.service import Notify


@cache
def service() -> Notify:
    """Built once, on the first event."""
    env = os.environ
    requests = RequestTable.connect(setting(env, "TABLE", str))
    table, objects = requests.table, Objects.connect(setting(env, "RESULTS_BUCKET", str))
    endpoints, deliveries = EndpointTable(table), DeliveryTable(table)
    queue = Queue.connect(setting(env, "NOTIFY_QUEUE", str))
    shared = env.get("WEBHOOK_SECRET", "")
    poster, links = Poster.connect(address_policy(env)), PublicUrls.from_env(env)
    return Notify(
        requests=requests,
        outgoing=DropSummaries(requests, DropPathTable(table), objects, EventBus.connect(), links),
        announce=Announce(requests, endpoints, deliveries, queue, time.time),
        deliver=Deliver(
            requests=requests,
            endpoints=endpoints,
            deliveries=deliveries,
            results=ChunkTable(table),
            queue=queue,
            poster=poster,
            secrets_of=lambda owner: default_secrets(shared, SecretTable(table), owner, time.time()),
            links=links,
            clock=time.time,
        ),
        ping=Ping(endpoints, poster, time.time),
    )


def notify_record(record: Mapping[str, Any]) -> None:
    """One message."""
    task = notify_task(record["body"])
    logger.append_keys(group=task.group)
    service().run(task)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Failed messages are delivered again."""
    return consume(event, notify_record, Queue.connect(setting(os.environ, "NOTIFY_QUEUE", str)))
