"""Events on the account's bus, against EventBridge's own model of the call."""

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from functions.adapters.aws.events import EventBus
from functions.core.errors import StorageError
from tests import aws

DETAIL = {"request_id": "r", "source_key": "incoming/acme/Frühling.csv"}
SENT = {
    "Entries": [{"Source": "imagepress", "DetailType": "processing.completed", "Detail": json.dumps(DETAIL)}],
}


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    for name, value in aws.CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with Stubber(boto3.client("events")) as stubber:
        yield stubber


def test_an_event_goes_to_the_default_bus_in_our_name(stub: Stubber) -> None:
    stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, SENT)
    EventBus(stub.client).put("processing.completed", DETAIL)
    stub.assert_no_pending_responses()


def test_an_entry_that_was_refused_is_an_error(stub: Stubber) -> None:
    refused = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
    stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": [refused]})
    with pytest.raises(StorageError, match="ThrottlingException"):
        EventBus(stub.client).put("processing.completed", DETAIL)


def test_a_call_that_was_refused_is_an_error(stub: Stubber) -> None:
    stub.add_client_error("put_events", "AccessDeniedException")
    with pytest.raises(StorageError, match="AccessDeniedException"):
        EventBus(stub.client).put("processing.completed", DETAIL)
