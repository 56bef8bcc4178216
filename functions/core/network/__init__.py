"""Where the service may connect to, and what a fetch brings."""

from functions.core.network.addresses import AddressPolicy
from functions.core.network.fetched import Fetched
from functions.core.network.share_links import csv_address, direct_url
from functions.core.network.source_buckets import SourcePolicy, bucket_and_key, is_bucket_url

__all__ = [
    "AddressPolicy",
    "Fetched",
    "SourcePolicy",
    "bucket_and_key",
    "csv_address",
    "direct_url",
    "is_bucket_url",
]
