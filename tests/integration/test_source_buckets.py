"""Images out of S3: only of buckets that are listed, with the same limits and codes as from an origin."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from functions.adapters.aws.objects import Objects
from functions.adapters.aws.source_buckets import SourceBuckets
from functions.core.errors import ImageCode, ImageError, PermanentError, TransientError
from functions.core.model import Prior
from functions.core.network import SourcePolicy

KEY = "2026/ü a.jpg"


@pytest.fixture
def sources(uploads: Objects) -> SourceBuckets:
    """A bucket that acme may read, with one image."""
    uploads.put(KEY, b"picture", "image/jpeg")
    return SourceBuckets(uploads.s3, SourcePolicy.parse(uploads.bucket, f"acme={uploads.bucket}"), max_bytes=100)


@pytest.fixture
def url(uploads: Objects) -> str:
    return f"s3://{uploads.bucket}/2026/%C3%BC%20a.jpg"


def code_of(call: Callable[[], object]) -> tuple[ImageCode, type[ImageError]]:
    with pytest.raises(ImageError) as caught:
        call()
    return caught.value.code, type(caught.value)


def ignored(_size: int) -> None:
    """A budget that is never short."""


def prior(etag: str | None) -> Prior:
    return Prior("images/1", "webp", 1, 1, 7, 3, etag)


def test_an_object_is_fetched_after_its_memory_was_reserved(sources: SourceBuckets, url: str) -> None:
    reserved: list[int] = []
    fetched = sources.of("acme").fetch(url, reserved.append)
    assert (fetched.content, reserved) == (b"picture", [7])
    assert (fetched.etag or "").startswith('"')


def test_an_object_that_has_not_changed_is_not_fetched_again(sources: SourceBuckets, url: str) -> None:
    etag = sources.of("acme").fetch(url, ignored).etag
    assert sources.of("acme").fetch_newer(url, ignored, prior(etag)) is None
    newer = sources.of("acme").fetch_newer(url, ignored, prior('"other"'))
    assert newer is not None
    assert newer.content == b"picture"


def test_a_bucket_of_somebody_else_is_not_asked(sources: SourceBuckets, url: str) -> None:
    forbidden = (ImageCode.FORBIDDEN_SOURCE, PermanentError)
    assert code_of(lambda: sources.of("other").fetch(url, ignored)) == forbidden
    assert code_of(lambda: sources.of("acme").fetch("s3://somebodys/a.jpg", ignored)) == forbidden
    assert code_of(lambda: sources.of("acme").fetch_newer("s3://somebodys/a.jpg", ignored, prior(None))) == forbidden


def test_an_object_that_is_not_there_is_not_found(sources: SourceBuckets, uploads: Objects) -> None:
    found = code_of(lambda: sources.of("acme").fetch(f"s3://{uploads.bucket}/none.jpg", ignored))
    assert found == (ImageCode.NOT_FOUND, PermanentError)


def test_an_address_without_a_key_is_invalid(sources: SourceBuckets, uploads: Objects) -> None:
    found = code_of(lambda: sources.of("acme").fetch(f"s3://{uploads.bucket}/", ignored))
    assert found == (ImageCode.INVALID_URL, PermanentError)


def test_an_object_over_the_limit_is_too_large_before_it_is_read(sources: SourceBuckets, uploads: Objects) -> None:
    uploads.put("large.jpg", bytes(101), "image/jpeg")
    reserved: list[int] = []
    found = code_of(lambda: sources.of("acme").fetch(f"s3://{uploads.bucket}/large.jpg", reserved.append))
    assert (found, reserved) == ((ImageCode.TOO_LARGE, PermanentError), [])


class Failing:
    """An S3 that answers every call with the same error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_object(self, **_arguments: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject"), (ImageCode.FORBIDDEN, PermanentError)),
        (ClientError({"Error": {"Code": "InvalidObjectState"}}, "GetObject"), (ImageCode.FORBIDDEN, PermanentError)),
        (ClientError({"Error": {"Code": "SlowDown"}}, "GetObject"), (ImageCode.ORIGIN_ERROR, TransientError)),
        (ConnectTimeoutError(endpoint_url="https://s3"), (ImageCode.CONNECTION_FAILED, TransientError)),
        (ConnectionResetError(), (ImageCode.CONNECTION_FAILED, TransientError)),
    ],
)
def test_what_s3_answers_is_final_or_tried_again(error: Exception, code: tuple[ImageCode, type[ImageError]]) -> None:
    sources = SourceBuckets(Failing(error), SourcePolicy.parse("photos", ""), 100)
    assert code_of(lambda: sources.of("acme").fetch("s3://photos/a.jpg", ignored)) == code
