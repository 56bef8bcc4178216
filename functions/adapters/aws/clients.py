"""How AWS is called: one client of each kind a process, patient with throttling, its errors translated once."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore import handlers
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.core.errors import StorageError

FIRST_PAUSE = 0.05  # seconds, at the most; doubled each time up to 16-fold
CONNECTIONS = 50  # as many as the busiest worker has threads
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 6},  # jittered; about 20 s of refusals, then it comes again
    connect_timeout=3,
    read_timeout=10,  # answers take milliseconds; what hangs is asked again, for a minute in all
    max_pool_connections=CONNECTIONS,
    s3={"addressing_style": "path"},  # works with every endpoint, also one without wildcard names
    user_agent="imagepress",  # botocore's own is put together anew for each call: a tenth of the CPU of one
)


@cache
def client(service: str) -> Any:
    """The process-wide client of a service; boto3 clients may be shared between threads."""
    make: Any = boto3.client  # its stubs want the service's name as a literal
    if service != "s3":
        return make(service, config=CONFIG)
    made = make(service, config=CONFIG.merge(Config(signature_version="s3v4")))  # presigned URLs are v2 by default
    # Nobody asks S3 first whether it will take a body: that is a round trip, for pictures of some hundred kilobytes
    made.meta.events.unregister("before-call.s3", handlers.add_expect_header)
    return made


@contextmanager
def translated(call: str) -> Iterator[None]:
    """Turn what boto3 raises into StorageError, naming the call."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise StorageError(f"{call}: {error}") from error


def back_off(attempt: int, pause: Callable[[float], None]) -> None:
    """Pause after a try, the first being 0, that AWS asks to repeat in an answer: boto3 sees no failure there."""
    pause(random.uniform(0, FIRST_PAUSE * 2 ** min(attempt, 4)))  # noqa: S311 - jitter, not a secret


def error_code(error: ClientError) -> str:
    """AWS's own name of an error, such as ConditionalCheckFailedException."""
    return str(error.response.get("Error", {}).get("Code", ""))
