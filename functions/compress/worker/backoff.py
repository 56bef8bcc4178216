"""How long a failed image waits before its next delivery."""

MAX_WAIT = 900.0  # seconds; an origin that asks for more is asked again all the same, and then given up


def wait_seconds(receives: int, first_wait: float, jitter: float, retry_after: float | None) -> float:
    """Seconds until the delivery after the `receives`-th: doubled each time, never less than the origin asked for.

    `jitter` from 0 to 1 spreads the second half, so that a batch that failed together does not return together.
    """
    backoff = first_wait * 2.0 ** (receives - 1) * (0.5 + jitter / 2)
    return min(max(backoff, retry_after or 0.0), MAX_WAIT)
