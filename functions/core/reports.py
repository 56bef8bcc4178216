"""What functions report of their work when all goes well: `adapters/reporting.py` makes log lines and metrics of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from functions.core.model import Delivery, Request, Result


@dataclass(frozen=True, slots=True)
class Stages:
    """The seconds that an image took: the download with its wait for a turn, the codec with its wait, the PutObject."""

    fetch: float
    codec: float
    store: float


@dataclass(frozen=True, slots=True)
class RequestAccepted:
    """A call has started a request, or has sent its message once more."""

    request: Request


@dataclass(frozen=True, slots=True)
class RequestPlanned:
    """All images of a request were sent."""

    request_id: str
    chunks: int
    images: int


@dataclass(frozen=True, slots=True)
class ImagesEnded:
    """Images of a request ended together. `stages` has those that were fetched and compressed."""

    request_id: str
    results: Sequence[Result]
    stages: Sequence[Stages] = ()


@dataclass(frozen=True, slots=True)
class RequestCounted:
    """Every image of a request has its result, so that it can be ended."""

    request_id: str


@dataclass(frozen=True, slots=True)
class RequestEnded:
    """A request has its terminal status, which the record holds."""

    request: Request


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """A webhook was posted. The last attempt of the delivery is the one that is told of."""

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class DueSwept:
    """Recover has looked at what was due. `late` counts requests that have used up half of their deadline."""

    due: int
    late: int


Happened = RequestAccepted | RequestPlanned | ImagesEnded | RequestCounted | RequestEnded | AttemptMade | DueSwept
Report = Callable[[Happened], None]


def unreported(_happened: Happened) -> None:
    """For services that nobody watches, as in tests."""
