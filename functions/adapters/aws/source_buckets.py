"""Fetches images out of buckets that the deployment lists: `s3://bucket/key`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws.clients import client, error_code
from functions.core.errors import ImageCode, PermanentError, TransientError
from functions.core.model import Prior
from functions.core.network import Fetched, SourcePolicy, bucket_and_key

_CODES = {
    "NoSuchKey": ImageCode.NOT_FOUND,
    "404": ImageCode.NOT_FOUND,
    "NoSuchBucket": ImageCode.NOT_FOUND,
    "AccessDenied": ImageCode.FORBIDDEN,
    "403": ImageCode.FORBIDDEN,
    "InvalidObjectState": ImageCode.FORBIDDEN,  # it is archived
}
_UNCHANGED = {"304", "NotModified"}


@dataclass(frozen=True, slots=True)
class SourceBuckets:
    """`max_bytes` is what an image may have."""

    s3: Any
    policy: SourcePolicy
    max_bytes: int

    @classmethod
    def connect(cls, policy: SourcePolicy, max_bytes: int) -> Self:
        return cls(client("s3"), policy, max_bytes)

    def of(self, owner: str) -> "OwnersBuckets":
        """What the owner may fetch."""
        return OwnersBuckets(self, owner)


@dataclass(frozen=True, slots=True)
class OwnersBuckets:
    """Fetches for one owner, as `Fetcher` does it from origins. Raises PermanentError or TransientError."""

    sources: SourceBuckets
    owner: str

    def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched:
        """The object. `reserve` is called once, with its size, before it is read."""
        return self._get(url, reserve, {})

    def fetch_newer(self, url: str, reserve: Callable[[int], None], prior: Prior) -> Fetched | None:
        """As `fetch`; None where the bucket still has what `prior` was made of."""
        try:
            return self._get(url, reserve, {"IfNoneMatch": prior.etag} if prior.etag else {})
        except ClientError:
            return None

    def _get(self, url: str, reserve: Callable[[int], None], conditions: Mapping[str, str]) -> Fetched:
        bucket, key = bucket_and_key(url)
        if not key:
            raise PermanentError(ImageCode.INVALID_URL, "no key")
        if not self.sources.policy.permits(self.owner, bucket):
            raise PermanentError(ImageCode.FORBIDDEN_SOURCE, bucket)
        try:
            answer = self.sources.s3.get_object(Bucket=bucket, Key=key, **conditions)
            size = answer["ContentLength"]
            if size > self.sources.max_bytes:
                answer["Body"].close()
                raise PermanentError(ImageCode.TOO_LARGE, f"{size} bytes")
            reserve(size)
            return Fetched(answer["Body"].read(), answer.get("ETag"))
        except ClientError as error:
            if error_code(error) in _UNCHANGED:
                raise
            code = _CODES.get(error_code(error))
            if code is None:
                raise TransientError(ImageCode.ORIGIN_ERROR, str(error)) from error
            raise PermanentError(code, str(error)) from error
        except (BotoCoreError, OSError) as error:
            raise TransientError(ImageCode.CONNECTION_FAILED, str(error)) from error
