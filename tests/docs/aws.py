"""`aws s3 cp` and `aws s3 ls`, as far as the pages use them, for machines without the AWS CLI."""

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

import boto3


def main() -> None:
    """Copy a file to S3 or from it, or list what is there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("service", choices=["s3"])
    parser.add_argument("command", choices=["cp", "ls"])
    parser.add_argument("places", nargs="+")
    parser.add_argument("--metadata", default="")
    parser.add_argument("--no-progress", action="store_true")
    arguments = parser.parse_args()
    if arguments.command == "ls":
        _list(arguments.places[0])
    elif arguments.places[0].startswith("s3:"):
        _get(*arguments.places)
    else:
        file, place = arguments.places
        _put(file, place, dict(pair.split("=") for pair in arguments.metadata.split(",") if pair))


def _list(place: str) -> None:
    bucket, key = _place(place)
    for found in boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", []):
        print(f"{found['LastModified']:%Y-%m-%d %H:%M:%S} {found['Size']:10} {found['Key'].rpartition('/')[2]}")


def _get(place: str, file: str) -> None:
    bucket, key = _place(place)
    content = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    if file == "-":
        sys.stdout.buffer.write(content)
    else:
        Path(file).write_bytes(content)


def _put(file: str, place: str, metadata: dict[str, str]) -> None:
    bucket, key = _place(place)
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=Path(file).read_bytes(), Metadata=metadata)
    print(f"upload: ./{file} to {place}")


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path.lstrip("/")


if __name__ == "__main__":
    main()
