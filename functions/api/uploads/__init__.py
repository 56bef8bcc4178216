"""Takes CSVs in: as a form, as a body, or by a URL to send them to."""

from functions.api.uploads.checks import Checks
from functions.api.uploads.form import read_form, refuse_garbled, refuse_packed
from functions.api.uploads.presigning import Presign
from functions.api.uploads.uploading import RETRY_AFTER, IngestQueue, Upload, idempotent_id, key_reused, links_to

__all__ = [
    "RETRY_AFTER",
    "Checks",
    "IngestQueue",
    "Presign",
    "Upload",
    "idempotent_id",
    "key_reused",
    "links_to",
    "read_form",
    "refuse_garbled",
    "refuse_packed",
]
