"""`python -m tests.releases.freeze NAME` keeps what this release writes, as tests/releases/NAME.json."""

import json
import sys
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws

from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.deliveries import DeliveryTable
from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.endpoints import EndpointTable
from functions.adapters.table.requests import RequestTable
from functions.core.model import DeliveryState
from tests import aws
from tests.releases.examples import ATTEMPT, CHUNK, DELIVERY, DONE, ENDPOINT, FAILED, MESSAGES, REQUEST

FOLDER = Path(__file__).parent
TABLE = "releases"


def written(table: Dynamo) -> list[dict[str, Any]]:
    """The records of the examples, as DynamoDB holds them."""
    RequestTable(table).create(REQUEST, 1_700_000_300.0)
    chunks = ChunkTable(table)
    chunks.create(CHUNK, REQUEST.expires_at)
    chunks.record(REQUEST.request_id, CHUNK.number, DONE, REQUEST.expires_at)
    chunks.record(REQUEST.request_id, CHUNK.number, FAILED, REQUEST.expires_at)
    deliveries = DeliveryTable(table)
    deliveries.create(DELIVERY, 1_700_000_300.0, REQUEST.expires_at)
    deliveries.log_attempt(DELIVERY, ATTEMPT, DeliveryState.WAITING, 1_700_000_060.0)
    EndpointTable(table).configure(ENDPOINT)
    items: list[dict[str, Any]] = table.dynamodb.scan(TableName=table.name)["Items"]
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def a_client() -> Any:
    """Of an emulated DynamoDB."""
    make: Any = boto3.client  # its stubs want the service's name as a literal
    return make("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def main() -> None:
    """Write the file."""
    with mock_aws():
        dynamodb = a_client()
        aws.create_table(dynamodb, TABLE)
        found = written(Dynamo(dynamodb, TABLE))
    frozen = {"messages": {name: task.to_body() for name, task in MESSAGES.items()}, "records": found}
    (FOLDER / f"{sys.argv[1]}.json").write_text(json.dumps(frozen, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
