"""Owners of a stack whose keys are on, and what they call."""

import time
from dataclasses import dataclass
from typing import Any

import requests

from functions.adapters.table.dynamodb import Dynamo
from infra.local.stack import LocalStack
from infra.operate.api_keys import make_key
from tests.system.client import TIMEOUT, csv_rows, eventually


@dataclass(frozen=True)
class Owner:
    """The calls of one owner; without a key, a stranger's."""

    url: str
    key: str | None = None

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        headers = ({"X-API-Key": self.key} if self.key else {}) | arguments.pop("headers", {})
        return requests.request(
            method, self.url + path, headers=headers, timeout=TIMEOUT, allow_redirects=False, **arguments
        )

    def get(self, path: str) -> dict[str, Any]:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def upload(self, content: str, **fields: str) -> requests.Response:
        return self.call("POST", "/upload", files={"file": ("products.csv", content)}, data=fields)

    def started(self, content: str, **fields: str) -> str:
        """Upload a CSV that has to be accepted; its request id."""
        answer = self.upload(content, **fields)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["request_id"])

    def finished(self, content: str) -> dict[str, Any]:
        """The status of a request that has run to its end."""
        return self.ended(self.started(content))

    def ended(self, request_id: str, timeout: float = TIMEOUT) -> dict[str, Any]:
        """The status once there is an output CSV."""
        path = f"/status/{request_id}"
        return eventually(lambda: found if (found := self.get(path))["results_csv_url"] else None, path, timeout)

    def rows(self, request_id: str) -> list[dict[str, str]]:
        """The output CSV."""
        answer = self.call("GET", f"/download/{request_id}")
        assert answer.status_code == 200, answer.text
        return csv_rows(answer.content)


def table_of(stack: LocalStack) -> Dynamo:
    return Dynamo(stack.stack.client("dynamodb"), stack.stack.outputs["TableName"])


def owner(stack: LocalStack, name: str) -> Owner:
    return Owner(stack.url, make_key(table_of(stack), name, "tests", time.time()))
