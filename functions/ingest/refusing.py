"""What is kept of a CSV that was refused before anything was found in it."""

from collections.abc import Sequence
from typing import Any


def refused_survey(errors: Sequence[Any], errors_total: int) -> dict[str, Any]:
    """A survey of nothing but what is wrong: the first of so many errors, each as JSON."""
    nothing: dict[str, Any] = {"layout": None, "rows": 0, "good_rows": 0, "images": 0, "warnings": []}
    return {**nothing, "errors": list(errors), "errors_total": errors_total}
