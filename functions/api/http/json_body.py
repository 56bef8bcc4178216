"""JSON as callers send it: read so that nothing in it can surprise later."""

from json import JSONDecodeError
from typing import Any

from pydantic_core import from_json


def parsed(text: str | bytes) -> Any:
    """The value. Raises JSONDecodeError, also for half surrogates, for NaN, and for what is nested without end."""
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise JSONDecodeError(str(error), "", 0) from error
