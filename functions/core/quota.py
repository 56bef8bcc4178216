"""How many images an owner may start in a day: a leaked key is not an open bill."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """Images that a request starts. The owner may start `limit` in a day."""

    owner: str
    images: int
    limit: int


def day_of(now: float) -> str:
    """The UTC day of a time, as YYYY-MM-DD."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()
