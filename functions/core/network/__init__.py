"""Where the service may connect to, and what a fetch brings."""

from functions.core.network.addresses import AddressPolicy
from functions.core.network.fetched import Fetched
from functions.core.network.share_links import csv_address, direct_url

__all__ = [
    "AddressPolicy",
    "Fetched",
    "csv_address",
    "direct_url",
]
