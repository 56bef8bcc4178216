"""How work on a message may end. `outcome_of` tells it from the error that ended a step.

| outcome | what becomes of the message (`service.py`) |
|---|---|
| Done | its result is recorded, and the message is deleted |
| Failed | its result is recorded with a code, and the message is deleted |
| Alone | it moves to AloneQueue, where an image has the worker for itself |
| NotStarted | a fresh copy takes its place, since this was no failed attempt |
| Later | a copy waits in its place, since the image is not to blame: this was no failed attempt |
| Again | it comes back by itself after a wait: this was a failed attempt |
"""

from dataclasses import dataclass

from functions.compress.worker.politeness import NoTurnError, PausedError
from functions.core.errors import ImageError, PermanentError, StorageError, TransientError
from functions.core.messages import CompressTask
from functions.core.model import Result
from functions.core.reports import Stages

MAX_SHARED_RECEIVES = 2  # deliveries among others; what comes a third time may be what kills the worker
MAX_ALONE_RECEIVES = 3  # deliveries in AloneQueue, the last of which turns a transient failure into a result
MAX_PAUSES = 10  # of an image whose host or AWS is to be asked later, 40 minutes or so; then each is a failed attempt


@dataclass(frozen=True, slots=True)
class Delivered:
    """One message as it was received, from AloneQueue or not: the `receives`-th time, counting those of its copies."""

    message_id: str
    receipt: str
    receives: int
    is_alone: bool
    task: CompressTask


@dataclass(frozen=True, slots=True)
class Done:
    """The image was compressed, or an earlier picture of it was adopted; that one has no `stages`."""

    result: Result
    stages: Stages | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """No further attempt would help."""

    error: ImageError


@dataclass(frozen=True, slots=True)
class Alone:
    """The image needs all of the worker's memory, or may be what kills the worker."""


@dataclass(frozen=True, slots=True)
class NotStarted:
    """No time was left, or no turn came."""


@dataclass(frozen=True, slots=True)
class Later:
    """The host asked for a rest, or AWS did not answer, and the image may wait once more."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Again:
    """The attempt failed."""

    error: Exception


Outcome = Done | Failed | Alone | NotStarted | Later | Again


class NeedsWorkerError(Exception):
    """The image can only be worked on alone."""


class NoTimeLeftError(Exception):
    """The image could not be done before the function is stopped."""


def outcome_of(error: Exception, message: Delivered) -> Outcome:
    """What it means for the message that a step raised this."""
    match error:
        case NeedsWorkerError():
            return Alone()
        case NoTimeLeftError() | NoTurnError():
            return NotStarted()
        case PermanentError():
            return Failed(error)
        case PausedError() | StorageError() if message.task.pauses < MAX_PAUSES:
            return Later(error)
        case TransientError() if message.is_alone and message.receives >= MAX_ALONE_RECEIVES:
            return Failed(error)
    return Again(error)
