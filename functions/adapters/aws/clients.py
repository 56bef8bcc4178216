"""How AWS is called: one client of each kind a process, patient with throttling, its errors translated once."""

import random
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
    is_s3 = service == "s3"
    config = CONFIG.merge(Config(signature_version="s3v4")) if is_s3 else CONFIG  # presigned URLs are v2 by default
    made = make(service, config=config)
    with suppress(AttributeError):  # botocore has no public way to be given one; Lambda's own may once look otherwise
        made._endpoint.http_session._manager.connection_pool_kw["ssl_context"] = _tls_context()
    if is_s3:
        # Nobody asks S3 first whether it will take a body: that is a round trip, for pictures of some hundred kilobytes
        made.meta.events.unregister("before-call.s3", handlers.add_expect_header)
    return made


class _LoadedOnce(ssl.SSLContext):
    """Loads each file of certificates once. urllib3 asks for it at every connection, which takes 17 ms of CPU."""

    loading: threading.Lock
    loaded: set[tuple[Any, ...]]

    def load_verify_locations(self, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        """As ssl.SSLContext does. Who comes while they are loaded waits until they are there."""
        with self.loading:
            if (cafile, capath, cadata) not in self.loaded:
                super().load_verify_locations(cafile, capath, cadata)
                self.loaded.add((cafile, capath, cadata))


@cache
def _tls_context() -> ssl.SSLContext:
    """One for all clients, which checks certificates and names. botocore says which file vouches for them."""
    context = _LoadedOnce(ssl.PROTOCOL_TLS_CLIENT)
    context.loading, context.loaded = threading.Lock(), set()
    return context


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
