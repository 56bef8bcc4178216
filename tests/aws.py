"""The table and buckets of the template, made in an AWS that is emulated."""

import os
from typing import Any

import boto3

from functions.adapters.aws.clients import CONFIG

USES_DYNAMODB_LOCAL = os.environ.get("IMAGEPRESS_DYNAMODB") == "local"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
}


INDEXES = {
    "owner": ("owner", "created_at"),
    "source": ("object_key", "created_at"),
    "endpoint": ("endpoint_key", "created_at"),
    "due": ("due_shard", "due_at"),
}


def create_table(dynamodb: Any, name: str) -> None:
    """With the keys, the indexes and the stream that the template gives it."""
    texts = ("pk", "sk", "owner", "object_key", "endpoint_key", "due_shard")
    kinds = dict.fromkeys(texts, "S") | {"created_at": "N", "due_at": "N"}
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()],
        KeySchema=_key("pk", "sk"),
        GlobalSecondaryIndexes=[
            {"IndexName": name, "KeySchema": _key(*key), "Projection": {"ProjectionType": "KEYS_ONLY"}}
            for name, key in INDEXES.items()
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )


def client(service: str, url: str) -> Any:
    """A boto3 client of an AWS that is emulated at this URL."""
    make: Any = boto3.client  # its stubs want the service's name as a literal
    return make(
        service,
        endpoint_url=url,
        region_name=CREDENTIALS["AWS_REGION"],
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=CONFIG,
    )


def create_bucket(s3: Any, name: str, with_versions: bool = False) -> None:
    """In the region of the tests."""
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": CREDENTIALS["AWS_REGION"]})
    if with_versions:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def _key(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
