"""An emulated AWS: one a module, because it is slow to start, with a table and buckets of its own for each test.

Tables are moto's, or those of DynamoDB Local where the environment says IMAGEPRESS_DYNAMODB=local.
"""

import threading
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.adapters.aws.clients import CONFIG
from functions.adapters.aws.objects import Objects
from functions.adapters.table.dynamodb import Dynamo
from tests import aws

_numbers = count()


class OneAtATime:
    """A client whose calls are atomic: those of DynamoDB are, those of its emulation are not between threads."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            with self._lock:
                return getattr(self._dynamodb, name)(**arguments)

        return call


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in aws.CREDENTIALS.items():
            environment.setenv(name, value)
        with mock_aws():
            make: Any = boto3.client  # its stubs want the service's name as a literal
            yield {service: make(service, config=CONFIG) for service in ("dynamodb", "s3", "sqs")}


@pytest.fixture
def dynamodb(request: pytest.FixtureRequest) -> Any:
    if aws.USES_DYNAMODB_LOCAL:
        return request.getfixturevalue("dynamodb_local")
    return OneAtATime(request.getfixturevalue("clients")["dynamodb"])


@pytest.fixture
def table(dynamodb: Any) -> Dynamo:
    name = f"table-{next(_numbers)}"
    aws.create_table(dynamodb, name)
    return Dynamo(dynamodb, name)


@pytest.fixture
def uploads(clients: dict[str, Any]) -> Objects:
    name = f"uploads-{next(_numbers)}"
    aws.create_bucket(clients["s3"], name, with_versions=True)
    return Objects(clients["s3"], name)


@pytest.fixture
def results(clients: dict[str, Any]) -> Objects:
    name = f"results-{next(_numbers)}"
    aws.create_bucket(clients["s3"], name)
    return Objects(clients["s3"], name)


@pytest.fixture
def queue_url(clients: dict[str, Any]) -> str:
    return str(clients["sqs"].create_queue(QueueName=f"queue-{next(_numbers)}")["QueueUrl"])
