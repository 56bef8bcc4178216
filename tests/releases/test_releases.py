"""This release reads what the one before wrote, and writes what the one before reads.

Records are read by the names of their attributes, so that more of them do no harm; messages are the same bytes.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from functions.adapters.table.chunks import ChunkTable
from functions.adapters.table.deliveries import DeliveryTable
from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.endpoints import EndpointTable
from functions.adapters.table.requests import RequestTable
from functions.core.messages import CompressTask, IngestTask, Task, finalize_task, notify_task
from tests import aws
from tests.releases.examples import ATTEMPT, CHUNK, DELIVERY, DONE, ENDPOINT, FAILED, MESSAGES, REQUEST, REQUEST_ID
from tests.releases.freeze import FOLDER, a_client, written

RELEASES = sorted(FOLDER.glob("*.json"))
READERS: dict[str, Any] = {
    "ingest": IngestTask.from_body,
    "compress": CompressTask.from_body,
    "finalize": finalize_task,
    "verdict": finalize_task,
    "export": finalize_task,
    "event": notify_task,
    "deliver": notify_task,
    "ping": notify_task,
}

pytestmark = pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.stem)


def frozen(release: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(release.read_text())
    return found


@pytest.fixture
def table(release: Path) -> Any:
    """A table with the records of a release."""
    with mock_aws():
        dynamodb = a_client()
        aws.create_table(dynamodb, "table")
        for item in frozen(release)["records"]:
            dynamodb.put_item(TableName="table", Item=item)
        yield Dynamo(dynamodb, "table")


def test_its_messages_are_read(release: Path) -> None:
    read = {name: READERS[name](body) for name, body in frozen(release)["messages"].items()}
    assert read == {name: MESSAGES[name] for name in read}


def test_it_would_read_the_messages_of_today(release: Path) -> None:
    bodies = frozen(release)["messages"]
    today: dict[str, Task] = {name: MESSAGES[name] for name in bodies}
    assert {name: task.to_body() for name, task in today.items()} == bodies


def test_its_records_are_read(table: Dynamo) -> None:
    assert RequestTable(table).find(REQUEST_ID) == REQUEST
    chunks = ChunkTable(table)
    assert chunks.find(REQUEST_ID, [CHUNK.number]) == [CHUNK]
    assert chunks.results(REQUEST_ID, CHUNK.number) == [DONE, FAILED]
    assert DeliveryTable(table).of_request(REQUEST_ID) == [replace(DELIVERY, attempts=(ATTEMPT,))]
    assert EndpointTable(table).of_owner("acme") == [ENDPOINT]


def test_it_would_read_the_records_of_today(release: Path) -> None:
    """Each has every attribute that it had then, with the same value."""
    with mock_aws():
        dynamodb = a_client()
        aws.create_table(dynamodb, "table")
        today = written(Dynamo(dynamodb, "table"))
    then = frozen(release)["records"]
    assert [{name: item.get(name) for name in old} for item, old in zip(today, then, strict=True)] == then
