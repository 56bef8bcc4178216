"""What can go wrong, and what to do about it.

An error is permanent (record it as the result) or transient (let the queue deliver again). Each carries a public code
and message for users, and an internal detail for logs. The codes are a closed list, documented in docs/api.md.
"""

from enum import StrEnum


class ImageCode(StrEnum):
    """Why an image has no output."""

    INVALID_URL = "invalid_url"
    ADDRESS_NOT_PUBLIC = "address_not_public"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    FORBIDDEN_SOURCE = "forbidden_source"
    RATE_LIMITED = "rate_limited"
    ORIGIN_ERROR = "origin_error"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TIMEOUT = "timeout"
    DNS_FAILED = "dns_failed"
    CONNECTION_FAILED = "connection_failed"
    TLS_FAILED = "tls_failed"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    CORRUPT = "corrupt"
    GAVE_UP = "gave_up"
    NOT_PROCESSED = "not_processed"  # of no result: what is told of an image that has none, once its request ended


IMAGE_MESSAGES: dict[ImageCode, str] = {
    ImageCode.INVALID_URL: "the URL cannot be fetched: only http and https on ports 80 and 443, without credentials",
    ImageCode.ADDRESS_NOT_PUBLIC: "the host has an address that is not on the public internet",
    ImageCode.NOT_FOUND: "the origin has no such image",
    ImageCode.FORBIDDEN: "the origin refuses access to the image",
    ImageCode.FORBIDDEN_SOURCE: "the bucket is not among those that this service may read for you",
    ImageCode.RATE_LIMITED: "the origin answered 429 (too many requests) to every attempt",
    ImageCode.ORIGIN_ERROR: "the origin answered with an error",
    ImageCode.TOO_MANY_REDIRECTS: "the origin redirects more than 3 times",
    ImageCode.TIMEOUT: "the origin did not deliver the image in time",
    ImageCode.DNS_FAILED: "the host name cannot be resolved",
    ImageCode.CONNECTION_FAILED: "the connection to the origin failed",
    ImageCode.TLS_FAILED: "the origin has no valid certificate",
    ImageCode.TOO_LARGE: "the image has more than 25 MiB",
    ImageCode.TOO_MANY_PIXELS: "the image has more than 50 megapixels, or more than the worker's memory holds",
    ImageCode.NOT_AN_IMAGE: "the origin did not answer with an image",
    ImageCode.UNSUPPORTED_FORMAT: "the image is in a format that is not supported",
    ImageCode.CORRUPT: "the image is damaged and cannot be decoded",
    ImageCode.GAVE_UP: "the image could not be worked on, however often it was tried",
    ImageCode.NOT_PROCESSED: "the request ended before the image was done",
}


def image_message(code: ImageCode, sent: str | None = None) -> str:
    """The sentence that users read. `sent` is the format that is not supported, or what came instead of an image."""
    if sent and code is ImageCode.UNSUPPORTED_FORMAT:
        return f"{IMAGE_MESSAGES[code]} ({sent})"
    if sent and code is ImageCode.NOT_AN_IMAGE:
        hint = "; use the address of the picture itself, not of a page that shows it" if sent == "a web page" else ""
        return f"the origin sent {sent} instead of an image{hint}"
    return IMAGE_MESSAGES[code]


class RequestCode(StrEnum):
    """Why a request failed as a whole."""

    INVALID_CSV = "invalid_csv"
    INVALID_OPTIONS = "invalid_options"
    NO_IMAGES = "no_images"
    ALL_IMAGES_FAILED = "all_images_failed"
    TOO_MANY_IMAGES = "too_many_images"
    TOO_MANY_ROWS = "too_many_rows"
    NOT_UPLOADED = "not_uploaded"
    CSV_NOT_FETCHED = "csv_not_fetched"
    INGEST_FAILED = "ingest_failed"
    FINALIZE_FAILED = "finalize_failed"
    QUOTA_EXCEEDED = "quota_exceeded"


REQUEST_MESSAGES: dict[RequestCode, str] = {
    RequestCode.INVALID_CSV: "the CSV cannot be used; its errors[] are in the status",
    RequestCode.INVALID_OPTIONS: "the object's metadata or key cannot be used; its errors[] are in the status",
    RequestCode.NO_IMAGES: "the CSV names no image that could be worked on",
    RequestCode.ALL_IMAGES_FAILED: "none of the images could be compressed",
    RequestCode.TOO_MANY_IMAGES: "the CSV names more than 1,000,000 different images",
    RequestCode.TOO_MANY_ROWS: "the CSV has more than 5,000,000 rows",
    RequestCode.NOT_UPLOADED: "the CSV was not uploaded in time",
    RequestCode.CSV_NOT_FETCHED: "the CSV could not be fetched from csv_url; errors[] in the status say why",
    RequestCode.INGEST_FAILED: "the CSV could not be read, however often it was tried",
    RequestCode.FINALIZE_FAILED: "the output CSV could not be written, however often it was tried",
    RequestCode.QUOTA_EXCEEDED: "the owner's images of the day were used up when the CSV was read",
}


class ImageError(Exception):
    """An image that could not be compressed: `code` is public, `detail` is for logs."""

    def __init__(self, code: ImageCode, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail

    @property
    def message(self) -> str:
        """The sentence that users read."""
        return IMAGE_MESSAGES[self.code]


class PermanentError(ImageError):
    """Trying again would not help: record it."""


class TransientError(ImageError):
    """Trying again may help; `retry_after` is what the origin asked for, in seconds."""

    def __init__(self, code: ImageCode, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class OverloadedError(TransientError):
    """The origin asks for fewer requests: by status 429 or 503, or by Retry-After."""


class StorageError(Exception):
    """An AWS call failed in a way that a later attempt may cure."""


class NotFoundError(Exception):
    """An object or record that was named is not there."""


class QuotaExceededError(Exception):
    """The owner may not start so many images today."""
