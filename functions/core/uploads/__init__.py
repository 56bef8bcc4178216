"""How CSVs arrive in S3: dropped by their owner, or sent to a presigned URL."""

from functions.core.uploads.drop import (
    MAX_DROP_KEY,
    Drop,
    Paths,
    arrivals,
    dropped_request,
    has_room_for_summary,
    options_of,
    outgoing_key,
    summary_key,
    write_newest,
)
from functions.core.uploads.presigned import MAX_CSV_BYTES, PresignedUpload, arrives_by, awaits_upload, presigned_key
from functions.core.uploads.wishes import Wishes, WishReader

__all__ = [
    "MAX_CSV_BYTES",
    "MAX_DROP_KEY",
    "Drop",
    "Paths",
    "PresignedUpload",
    "WishReader",
    "Wishes",
    "arrivals",
    "arrives_by",
    "awaits_upload",
    "dropped_request",
    "has_room_for_summary",
    "options_of",
    "outgoing_key",
    "presigned_key",
    "summary_key",
    "write_newest",
]
