"""Times as users read them."""

from datetime import UTC, datetime


def iso(epoch: float) -> str:
    """UTC with milliseconds and Z."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
