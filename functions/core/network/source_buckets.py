"""Buckets whose images an owner may name as `s3://bucket/key`: those that the deployment lists, and no others."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

SCHEME = "s3://"


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """`owners` has the buckets of each owner; where it is empty, all owners may use all of `buckets`."""

    buckets: frozenset[str]
    owners: frozenset[tuple[str, str]]

    @classmethod
    def parse(cls, buckets: str, owners: str) -> Self:
        """From `photos,shared` and `acme=photos,other=shared`. Raises ValueError for a pair that is none."""
        pairs = [pair.strip().partition("=") for pair in owners.split(",") if pair.strip()]
        if bad := [owner for owner, equals, bucket in pairs if not (owner and equals and bucket)]:
            raise ValueError(f"{bad[0]!r} is no pair: write owner=bucket")
        named = frozenset(name.strip() for name in buckets.split(",") if name.strip())
        return cls(named, frozenset((owner.strip(), bucket.strip()) for owner, _, bucket in pairs))

    def permits(self, owner: str, bucket: str) -> bool:
        """Whether images of the bucket may be fetched for the owner."""
        return bucket in self.buckets and (not self.owners or (owner, bucket) in self.owners)


def is_bucket_url(url: str) -> bool:
    """Whether a URL names an object and no origin."""
    return url[: len(SCHEME)].lower() == SCHEME


def bucket_and_key(url: str) -> tuple[str, str]:
    """Of `s3://bucket/a%20key`: the bucket, and the key as S3 has it. The key may be empty."""
    bucket, _, key = url[len(SCHEME) :].partition("/")
    return bucket, unquote(key)
