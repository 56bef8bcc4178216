"""Where the service may connect to, and what a fetch brings."""

from functions.core.network.addresses import AddressPolicy
from functions.core.network.fetched import Fetched

__all__ = [
    "AddressPolicy",
    "Fetched",
]
