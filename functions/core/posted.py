"""What became of one attempt to post a webhook."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Posted:
    """The receiver's status, or the error that kept it from answering; `retry_after` in seconds if it asked for one."""

    status: int | None
    error: str | None
    latency_ms: int
    retry_after: float | None = None
