"""`next_token`: the place where the next page begins, as text that says nothing to others."""

import base64
import json
import math
from typing import Any

from functions.api.http.json_body import parsed
from functions.api.http.problem import ApiError, Code

MAX_TEXT = 200  # characters
MAX_NUMBER = 1e12


def page_token(*place: str | float) -> str:
    """The token of a place."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def page_place(token: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The place, whose parts are of these kinds; None for the first page. Raises ApiError 400."""
    if not token:
        return None
    try:
        place = parsed(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        place = None
    if not isinstance(place, list) or [type(part) for part in place] != list(kinds) or not all(map(_is_usable, place)):
        raise ApiError(Code.INVALID_PARAMETERS, "next_token is not one that this service gave")
    return tuple(place)


def _is_usable(part: str | float) -> bool:
    """Whether DynamoDB can take it in a key."""
    return 0 < len(part) <= MAX_TEXT if isinstance(part, str) else math.isfinite(part) and abs(part) < MAX_NUMBER
