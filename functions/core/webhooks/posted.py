"""What became of one attempt to post a webhook."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Posted:
    """The receiver's status, or the error that kept it from answering, for ever if `is_permanent`.

    `retry_after` is what the receiver asked for, in seconds.
    """

    status: int | None
    error: str | None
    latency_ms: int
    retry_after: float | None = None
    is_permanent: bool = False
