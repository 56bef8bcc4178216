"""Which buckets an owner may name images of."""

import pytest

from functions.core.network import SourcePolicy, bucket_and_key, is_bucket_url


@pytest.mark.parametrize(
    ("buckets", "owners", "permitted"),
    [
        ("", "", set()),
        ("photos", "", {("acme", "photos"), ("other", "photos")}),
        ("photos, shared", "acme=photos, other=shared", {("acme", "photos"), ("other", "shared")}),
        ("photos,shared", "acme=photos,acme=shared", {("acme", "photos"), ("acme", "shared")}),
        ("photos", "acme=elsewhere", set()),
    ],
)
def test_an_owner_may_use_what_is_listed_for_it(buckets: str, owners: str, permitted: set[tuple[str, str]]) -> None:
    policy = SourcePolicy.parse(buckets, owners)
    pairs = [(owner, bucket) for owner in ("acme", "other") for bucket in ("photos", "shared", "elsewhere")]
    assert {pair for pair in pairs if policy.permits(*pair)} == permitted


@pytest.mark.parametrize("owners", ["acme", "acme=", "=photos"])
def test_what_is_no_pair_is_named(owners: str) -> None:
    with pytest.raises(ValueError, match="write owner=bucket"):
        SourcePolicy.parse("photos", owners)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://photos/2026/a.jpg", ("photos", "2026/a.jpg")),
        ("S3://photos/a%20b.jpg", ("photos", "a b.jpg")),
        ("s3://photos/%C3%BC.jpg", ("photos", "ü.jpg")),
        ("s3://photos/", ("photos", "")),
        ("s3://photos", ("photos", "")),
        ("s3://photos/../secret/a.jpg", ("photos", "../secret/a.jpg")),
    ],
)
def test_an_address_is_a_bucket_and_a_key(url: str, place: tuple[str, str]) -> None:
    assert is_bucket_url(url)
    assert bucket_and_key(url) == place


@pytest.mark.parametrize("url", ["https://photos.s3.amazonaws.com/a.jpg", "s3:/photos/a.jpg", "s3a://photos/a.jpg"])
def test_any_other_address_is_one_of_an_origin(url: str) -> None:
    assert not is_bucket_url(url)
