"""When a delivery that failed is tried again."""

MINUTE, HOUR = 60, 3_600
DELAYS = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)  # seconds
MAX_ATTEMPTS = len(DELAYS) + 1
JITTER = 0.1  # of a delay: receivers that failed together do not all come back together


def next_delay(attempts: int, jitter: float, retry_after: float | None) -> float | None:
    """Seconds from the `attempts`-th failed attempt to the next one; None when there is none.

    Never less than the receiver asked for, nor more than the longest delay. `jitter` is from 0 to 1.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    delay = DELAYS[attempts - 1] * (1 + JITTER * jitter)
    return min(max(delay, retry_after or 0.0), DELAYS[-1] * (1 + JITTER))
