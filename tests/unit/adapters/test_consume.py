"""A batch of messages, one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.adapters.consume import WAITS, Work, consume
from functions.core.errors import StorageError
from tests.fakes import Queue


def record(name: str, receives: int = 1) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": str(receives)}
    return {"messageId": name, "receiptHandle": f"receipt-{name}", "body": name, "attributes": attributes}


@dataclass
class Working:
    """Work that fails as told, by the body of a message."""

    failures: dict[str, Exception] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def __call__(self, message: Mapping[str, Any]) -> None:
        if message["body"] in self.failures:
            raise self.failures[message["body"]]
        self.done.append(message["body"])


def failed(work: Work, *records: dict[str, Any], queue: Queue[Any] | None = None) -> list[str]:
    answer = consume({"Records": list(records)}, work, queue)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_every_message_of_a_batch_is_worked_on() -> None:
    working = Working()
    assert failed(working, record("a"), record("b")) == []
    assert working.done == ["a", "b"]


@pytest.mark.parametrize("error", [StorageError("throttled"), LookupError("no survey"), KeyError("kind")])
def test_a_message_that_fails_takes_no_other_with_it(error: Exception) -> None:
    working = Working({"a": error})
    assert failed(working, record("a"), record("b")) == ["a"]
    assert working.done == ["b"]


@pytest.mark.parametrize(("receives", "seconds"), [(1, 30), (2, 120), (3, 480), (4, 900), (9, 900)])
def test_what_storage_failed_at_comes_back_later_each_time(receives: int, seconds: int) -> None:
    queue = Queue[Any]()
    failed(Working({"a": StorageError("throttled")}), record("a", receives), queue=queue)
    assert queue.hidden == {"receipt-a": seconds}


def test_what_failed_for_another_reason_waits_for_its_whole_time_out() -> None:
    queue = Queue[Any]()
    failed(Working({"a": LookupError("no survey")}), record("a"), queue=queue)
    assert queue.hidden == {}


def test_a_message_that_cannot_be_hidden_is_delivered_again_all_the_same() -> None:
    queue = Queue[Any]()
    queue.journal.failing.add("queue.hide")
    assert failed(Working({"a": StorageError("throttled")}), record("a"), queue=queue) == ["a"]


def test_waits_only_grow() -> None:
    assert list(WAITS) == sorted(WAITS)
