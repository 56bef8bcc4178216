"""Requests that are there: listed, looked at, stopped, retried, exported."""

from functions.api.requests.exporting import Export, Prepared
from functions.api.requests.lifecycle import Lifecycle
from functions.api.requests.listing import Listing
from functions.api.requests.status import PageCursor, StatusAnswer

__all__ = [
    "Export",
    "Lifecycle",
    "Listing",
    "PageCursor",
    "Prepared",
    "StatusAnswer",
]
