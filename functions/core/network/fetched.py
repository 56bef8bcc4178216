"""What a fetch brings back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of an image, and by which the origin can later tell whether they changed."""

    content: bytes
    etag: str | None = None
    last_modified: str | None = None
