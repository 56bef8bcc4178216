"""Takes CSVs in: as a form, as a body, or by a URL to send them to."""

from functions.api.uploads.checks import Checks
from functions.api.uploads.form import CSV_URL, read_form, refuse_garbled, refuse_packed
from functions.api.uploads.opening import Opening
from functions.api.uploads.presigning import Presign, fields_of
from functions.api.uploads.uploading import RETRY_AFTER, Upload

__all__ = [
    "CSV_URL",
    "RETRY_AFTER",
    "Checks",
    "Opening",
    "Presign",
    "Upload",
    "fields_of",
    "read_form",
    "refuse_garbled",
    "refuse_packed",
]
