"""Works on a batch of images: downloads overlap, the codec has a slot a core, every image ends with its own result."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import ceil

from functions.compress.worker.backoff import wait_seconds
from functions.compress.worker.outcome import (
    Again,
    Alone,
    Delivered,
    Done,
    Failed,
    Later,
    NotStarted,
    Outcome,
    outcome_of,
)
from functions.compress.worker.politeness import PausedError, host_of
from functions.compress.worker.ports import CompressQueue, Results
from functions.compress.worker.steps import Steps, TimeLeft
from functions.core.errors import ImageCode, ImageError, StorageError, TransientError
from functions.core.messages import CompressTask
from functions.core.model import Request, Result
from functions.core.ports import RequestFinder
from functions.core.reports import ImagesEnded, Report, Stages, unreported

THREADS = 25  # downloads at a time: as many as a batch has messages


@dataclass(frozen=True, slots=True)
class CompressImages:
    """The worker: has each image take its steps, and settles its message by the outcome.

    `queue` and `alone` are CompressQueue and AloneQueue. `first_wait` is in seconds, and is doubled for each attempt.
    """

    steps: Steps
    requests: RequestFinder
    results: Results
    queue: CompressQueue
    alone: CompressQueue
    first_wait: float
    log: Callable[[str, Exception], None]
    report: Report = unreported

    def run(self, batch: Sequence[Delivered], time_left: TimeLeft) -> list[str]:
        """Work on the batch. Returns the ids of the messages that are to be delivered again."""
        try:
            open_requests = {id_: self._open_request(id_) for id_ in {message.task.request_id for message in batch}}
        except StorageError as error:
            return _unfinished(batch, partial(self._settled_after, error=error))

        ended: list[tuple[Delivered, Outcome]] = []

        def is_done(message: Delivered) -> bool:
            request = open_requests[message.task.request_id]
            if request is None:
                return True
            outcome = self.steps.outcome(message, request.owner, time_left)
            is_settled = self._settled(message, request, outcome)
            if is_settled:
                ended.append((message, outcome))
            return is_settled

        unfinished = _unfinished(_by_turns(batch), is_done)
        for happened in _ended_images(ended):
            self.report(happened)
        return unfinished

    def _open_request(self, request_id: str) -> Request | None:
        request = self.requests.find(request_id)
        return None if request is None or request.status.is_terminal else request

    def _settled(self, message: Delivered, request: Request, outcome: Outcome) -> bool:
        """Whether the message is done with: its result is recorded, or another message has taken its place."""
        try:
            match outcome:
                case Done(result):
                    self._record(message, request, result)
                case Failed(error):
                    self._record(message, request, _failure(message, error))
                case Alone():
                    self.alone.send(replace(message.task, tried=0))
                case NotStarted():
                    return self._is_sent_afresh(message, message.task)
                case Later(error):
                    return self._waits(message, error)
                case Again(error):
                    return self._comes_back(message, error)
        except Exception as error:  # noqa: BLE001 - its neighbours in the batch must not be delivered again with it
            return self._settled_after(message, error)
        return True

    def _settled_after(self, message: Delivered, error: Exception) -> bool:
        """Whether the message is done with though its outcome could not be recorded."""
        outcome = outcome_of(error, message)
        return self._waits(message, error) if isinstance(outcome, Later) else self._comes_back(message, error)

    def _record(self, message: Delivered, request: Request, result: Result) -> None:
        self.results.record(request.request_id, message.task.chunk, result, request.expires_at)

    def _waits(self, message: Delivered, error: Exception) -> bool:
        """Send a copy that waits in the message's place. Returns whether it was sent.

        A wait does not count as an attempt.
        """
        self._tell(message, error)
        task = replace(message.task, tried=message.receives - 1, pauses=message.task.pauses + 1)
        return self._is_sent_afresh(message, task, self._wait(task.pauses, error))

    def _comes_back(self, message: Delivered, error: Exception) -> bool:
        """False: the attempt failed, and the message is hidden until the next one."""
        self._tell(message, error)
        try:
            self._source_queue(message).hide(message.receipt, self._wait(message.receives, error))
        except StorageError as unhidden:
            self.log("the message comes back after its whole visibility time-out", unhidden)
        return False

    def _is_sent_afresh(self, message: Delivered, task: CompressTask, delay: float = 0.0) -> bool:
        try:
            self._source_queue(message).send(task, delay=ceil(delay))
        except StorageError as error:
            self.log("a message that was not worked on comes back by itself", error)
            return False
        return True

    def _tell(self, message: Delivered, error: Exception) -> None:
        if not isinstance(error, PausedError):
            self.log(f"image {message.task.n} of {message.task.request_id} is tried again", error)

    def _wait(self, times: int, error: Exception) -> float:
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        return wait_seconds(times, self.first_wait, random.random(), retry_after)  # noqa: S311 - jitter

    def _source_queue(self, message: Delivered) -> CompressQueue:
        return self.alone if message.is_alone else self.queue


def _ended_images(ended: Sequence[tuple[Delivered, Outcome]]) -> list[ImagesEnded]:
    """What to report of each request. An outcome that is no end is left out."""
    results: defaultdict[str, list[Result]] = defaultdict(list)
    stages: defaultdict[str, list[Stages]] = defaultdict(list)
    for message, outcome in ended:
        request_id = message.task.request_id
        match outcome:
            case Done(result, taken):
                results[request_id].append(result)
                stages[request_id].extend([taken] if taken else [])
            case Failed(error):
                results[request_id].append(_failure(message, error))
    return [ImagesEnded(request_id, each, stages[request_id]) for request_id, each in results.items()]


def _by_turns(batch: Sequence[Delivered]) -> list[Delivered]:
    """The batch reordered: the first message of each host, then the second of each.

    So one slow host cannot take all threads.
    """
    turns: Counter[str] = Counter()
    placed = []
    for place, message in enumerate(batch):
        host = host_of(message.task.url)
        placed.append((turns[host], place))
        turns[host] += 1
    return [batch[place] for _, place in sorted(placed)]


def _unfinished(batch: Sequence[Delivered], is_done: Callable[[Delivered], bool]) -> list[str]:
    """Ids of those that are not done with, all worked on at once."""
    with ThreadPoolExecutor(min(THREADS, len(batch))) as threads:
        done = list(threads.map(is_done, batch))
    return [message.message_id for message, done_with in zip(batch, done, strict=True) if not done_with]


def _failure(message: Delivered, error: ImageError) -> Result:
    named = error.detail if error.code in {ImageCode.UNSUPPORTED_FORMAT, ImageCode.NOT_AN_IMAGE} else None
    return Result(n=message.task.n, url=message.task.url, code=error.code, format=named, attempts=message.receives)
