"""Works on a batch of images: downloads overlap, the codec has a slot a core, every image ends with its own result."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Protocol

from functions.compress.backoff import wait_seconds
from functions.compress.budget import Budget
from functions.compress.naming import picture_key
from functions.compress.politeness import NoTurnError, PausedError, Politeness, host_of
from functions.core.errors import ImageCode, ImageError, PermanentError, StorageError, TransientError
from functions.core.fetched import Fetched
from functions.core.messages import CompressTask
from functions.core.model import Prior, Request, Result
from functions.core.options import ImageOptions
from functions.core.reuse import adopted

MAX_SHARED_RECEIVES = 2  # deliveries among others; what comes a third time may be what kills the worker
MAX_PAUSES = 10  # of an image whose host or AWS is to be asked later, 40 minutes or so; then each is a failed attempt
MAX_ALONE_RECEIVES = 3  # deliveries in AloneQueue, the last of which turns a transient failure into a result
CODEC_RESERVE = 30  # seconds of the codec: 14 of CPU for a palette of 4 megapixels of soft alpha, on half a core
TIME_RESERVE = 50  # seconds an image may take: 20 of fetching, the rest of the codec
THREADS = 25  # downloads at a time: as many as a batch has messages

TimeLeft = Callable[[], float]


class Picture(Protocol):
    """A compressed image."""

    @property
    def content(self) -> bytes: ...
    @property
    def format(self) -> str: ...
    @property
    def extension(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


class Fetcher(Protocol):
    """Brings images; asks `reserve` for memory before it reads a body. Raises PermanentError or TransientError."""

    def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched: ...
    def fetch_newer(self, url: str, reserve: Callable[[int], None], prior: Prior) -> Fetched | None: ...


class Pictures(Protocol):
    """Where pictures are kept."""

    def put_picture(self, key: str, content: bytes, media_type: str) -> None: ...
    def exists(self, key: str) -> bool: ...


class Requests(Protocol):
    """The request records."""

    def find(self, request_id: str) -> Request | None: ...


class Results(Protocol):
    """The result records: the first one of an image stays."""

    def record(self, request_id: str, chunk: int, result: Result, expires_at: int) -> bool: ...


class CompressQueue(Protocol):
    """A queue of images."""

    def send(self, task: CompressTask, delay: int = 0) -> None: ...
    def hide(self, receipt: str, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Delivered:
    """One message as it was received, from AloneQueue or not: the `receives`-th time, counting those of its copies."""

    message_id: str
    receipt: str
    receives: int
    is_alone: bool
    task: CompressTask


@dataclass(frozen=True, slots=True)
class CompressImages:
    """The worker.

    `memory_needed` (bytes, at the most) and `compress` are the codec; both raise PermanentError. `encoded` and
    `decoded` are the memory of downloads and of the codec: an image holds some of the first, then of the second.
    `memory` is what an image may need that is alone, in bytes. `origins` gives downloads their turns.
    """

    fetcher: Fetcher
    memory_needed: Callable[[bytes, ImageOptions], int]
    compress: Callable[[bytes, ImageOptions], Picture]
    pictures: Pictures
    requests: Requests
    results: Results
    queue: CompressQueue
    alone: CompressQueue
    encoded: Budget
    decoded: Budget
    memory: int
    origins: Politeness
    codec_slots: AbstractContextManager[object]
    first_wait: float
    log: Callable[[str, Exception], None]

    def run(self, batch: Sequence[Delivered], time_left: TimeLeft) -> list[str]:
        """Ids of the messages that are to be delivered again; the others are done with."""
        try:
            open_requests = {id_: self._open_request(id_) for id_ in {message.task.request_id for message in batch}}
        except StorageError as error:
            return _unfinished(batch, partial(self._put_off, error=error))
        return _unfinished(
            _by_turns(batch), lambda message: self._end(message, open_requests[message.task.request_id], time_left)
        )

    def _open_request(self, request_id: str) -> Request | None:
        request = self.requests.find(request_id)
        return None if request is None or request.status.is_terminal else request

    def _end(self, message: Delivered, request: Request | None, time_left: TimeLeft) -> bool:
        """Whether the message is done with: worked on, moved elsewhere, or of a request that has ended."""
        if request is None:
            return True
        try:
            if not message.is_alone and message.receives > MAX_SHARED_RECEIVES:
                self.alone.send(replace(message.task, tried=0))
            else:
                self._record(message, request, time_left)
        except (_NoTimeLeftError, NoTurnError):  # a fresh copy, because not finishing is not a failed attempt
            return self._sent_afresh(message, message.task)
        except Exception as error:  # noqa: BLE001 - its neighbours in the batch must not be delivered again with it
            return self._put_off(message, error)
        return True

    def _put_off(self, message: Delivered, error: Exception) -> bool:
        """Whether a copy waits in its place; else it comes back by itself, and this was a failed attempt.

        The copy was tried as often as the message before: what is not the image's fault is no failed attempt.
        """
        if not isinstance(error, PausedError):
            self.log(f"image {message.task.n} of {message.task.request_id} is tried again", error)
        if _may_wait(message, error):
            task = replace(message.task, tried=message.receives - 1, pauses=message.task.pauses + 1)
            return self._sent_afresh(message, task, self._wait(task.pauses, error))
        self._postpone(message, error)
        return False

    def _sent_afresh(self, message: Delivered, task: CompressTask, delay: float = 0.0) -> bool:
        try:
            self._source_queue(message).send(task, delay=ceil(delay))
        except StorageError as error:
            self.log("a message that was not worked on comes back by itself", error)
            return False
        return True

    def _record(self, message: Delivered, request: Request, time_left: TimeLeft) -> None:
        """Work on the image and write its result, whatever that is; only what may pass is left to the queue."""
        task = message.task
        try:
            result = self._result(message, time_left)
        except _NeedsAllMemoryError:
            self.alone.send(replace(task, tried=0))
            return
        except PermanentError as error:
            result = _failure(message, error)
        except TransientError as error:
            if not message.is_alone or message.receives < MAX_ALONE_RECEIVES or _may_wait(message, error):
                raise
            result = _failure(message, error)
        self.results.record(task.request_id, task.chunk, result, request.expires_at)

    def _result(self, message: Delivered, time_left: TimeLeft) -> Result:
        task = message.task
        with self.encoded.reservation() as encoded:

            def reserve(size: int) -> None:
                encoded.take(size)
                _spare(time_left, TIME_RESERVE)  # others may have held the memory for long

            with self.origins.turn(task.url, _spare(time_left, TIME_RESERVE)):  # before any memory is held
                fetched = self._fetched(task, reserve)
            if isinstance(fetched, Prior):
                return adopted(fetched, task.n, task.url, message.receives)
            encoded.resize(len(fetched.content))
            return self._compressed(message, fetched, time_left)

    def _fetched(self, task: CompressTask, reserve: Callable[[int], None]) -> Fetched | Prior:
        """The image; or what was made of it before, if that is still there and the origin has nothing newer.

        The earlier picture is looked for first: an origin's 304 is then an answer, and never a reason to ask again.
        """
        if task.prior is None or not self.pictures.exists(task.prior.key):
            return self.fetcher.fetch(task.url, reserve)
        return self.fetcher.fetch_newer(task.url, reserve, task.prior) or task.prior

    def _compressed(self, message: Delivered, fetched: Fetched, time_left: TimeLeft) -> Result:
        task, source = message.task, fetched.content
        with self.decoded.reservation() as decoded, self.codec_slots:
            decoded.take(self._memory_for(source, message))
            _spare(time_left, CODEC_RESERVE)
            picture = self.compress(source, task.options.image)
        key = picture_key(task.request_id, task.n, task.url, picture.content, picture.extension)
        self.pictures.put_picture(key, picture.content, picture.media_type)
        return Result(
            n=task.n,
            url=task.url,
            key=key,
            format=picture.format,
            width=picture.width,
            height=picture.height,
            bytes_in=len(source),
            bytes_out=len(picture.content),
            attempts=message.receives,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
        )

    def _memory_for(self, source: bytes, message: Delivered) -> int:
        """The bytes that the codec may need. What is too large to share the worker's memory gets it for itself."""
        needed = self.memory_needed(source, message.task.options.image)
        if needed > self.decoded.total and not message.is_alone:
            raise _NeedsAllMemoryError
        if needed > self.memory:
            raise PermanentError(ImageCode.TOO_MANY_PIXELS, f"{needed:,} bytes needed, {self.memory:,} there")
        return needed

    def _wait(self, times: int, error: Exception) -> float:
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        return wait_seconds(times, self.first_wait, random.random(), retry_after)  # noqa: S311 - jitter

    def _postpone(self, message: Delivered, error: Exception) -> None:
        try:
            self._source_queue(message).hide(message.receipt, self._wait(message.receives, error))
        except StorageError as unhidden:
            self.log("the message comes back after its whole visibility time-out", unhidden)

    def _source_queue(self, message: Delivered) -> CompressQueue:
        return self.alone if message.is_alone else self.queue


def _by_turns(batch: Sequence[Delivered]) -> list[Delivered]:
    """The first of each host, then the second: those of one host that wait for it do not take all threads."""
    turns: Counter[str] = Counter()
    placed = []
    for place, message in enumerate(batch):
        host = host_of(message.task.url)
        placed.append((turns[host], place))
        turns[host] += 1
    return [batch[place] for _, place in sorted(placed)]


def _unfinished(batch: Sequence[Delivered], end: Callable[[Delivered], bool]) -> list[str]:
    """Ids of those that `end` is not done with, all at once."""
    with ThreadPoolExecutor(min(THREADS, len(batch))) as threads:
        done = list(threads.map(end, batch))
    return [message.message_id for message, is_done in zip(batch, done, strict=True) if not is_done]


def _may_wait(message: Delivered, error: Exception) -> bool:
    """Whether the image was not asked for or AWS did not answer, and it may wait once more."""
    return isinstance(error, PausedError | StorageError) and message.task.pauses < MAX_PAUSES


class _NoTimeLeftError(Exception):
    """The image could not be done before the function is stopped."""


def _spare(time_left: TimeLeft, needed: float) -> float:
    """The seconds that are left beyond those needed."""
    spare = time_left() - needed
    if spare < 0:
        raise _NoTimeLeftError
    return spare


class _NeedsAllMemoryError(Exception):
    """The image can only be worked on alone."""


def _failure(message: Delivered, error: ImageError) -> Result:
    named = error.detail if error.code is ImageCode.UNSUPPORTED_FORMAT else None
    return Result(n=message.task.n, url=message.task.url, code=error.code, format=named, attempts=message.receives)
