"""Messages out, visibility, and how full a queue is."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.adapters.aws.queues import BATCH_BYTES, BATCH_TRIES, Queue
from functions.core.errors import StorageError
from functions.core.messages import CompressTask, FinalizeTask
from functions.core.options import Options
from tests.fakes import REQUEST_ID


def a_task(n: int, url: str = "https://x/1.jpg") -> CompressTask:
    return CompressTask(REQUEST_ID, 0, n, url, Options())


class Sqs:
    """A client that notes its calls, and refuses some entries some times."""

    def __init__(self, refuses: int = 0, times: int = 1) -> None:
        self.batches: list[list[Any]] = []
        self.refuses = refuses
        self.times = times

    def send_message_batch(self, **call: Any) -> dict[str, Any]:
        self.batches.append(call["Entries"])
        refused = call["Entries"][: self.refuses] if len(self.batches) <= self.times else []
        return {"Failed": [{"Id": entry["Id"], "Code": "Throttled"} for entry in refused]}

    @property
    def bodies(self) -> list[str]:
        return [entry["MessageBody"] for batch in self.batches for entry in batch]


@pytest.fixture
def queue(clients: dict[str, Any], queue_url: str) -> Queue:
    return Queue(clients["sqs"], queue_url)


def received(queue: Queue, count: int = 10) -> list[Any]:
    answer = queue.sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=count, AttributeNames=["All"])
    return list(answer.get("Messages", []))


def test_a_message_arrives_as_it_was_sent(queue: Queue) -> None:
    queue.send(FinalizeTask(REQUEST_ID))
    assert [FinalizeTask.from_body(message["Body"]) for message in received(queue)] == [FinalizeTask(REQUEST_ID)]


def test_messages_are_grouped_by_their_request(queue: Queue) -> None:
    queue.send(FinalizeTask(REQUEST_ID))
    (message,) = received(queue)
    assert message["Attributes"]["MessageGroupId"] == REQUEST_ID


def test_messages_of_a_batch_are_grouped_by_their_request() -> None:
    sqs = Sqs()
    Queue(sqs, "url").send_all([a_task(1)])
    assert sqs.batches[0][0]["MessageGroupId"] == REQUEST_ID


def test_a_delayed_message_is_not_there_yet(queue: Queue) -> None:
    queue.send(FinalizeTask(REQUEST_ID), delay=900)
    assert received(queue) == []


def test_many_messages_all_arrive(queue: Queue) -> None:
    queue.send_all(a_task(n) for n in range(25))
    arrived = [message for _ in range(3) for message in received(queue)]
    assert sorted(json.loads(message["Body"])["n"] for message in arrived) == list(range(25))


def test_ten_messages_go_with_one_call() -> None:
    sqs = Sqs()
    Queue(sqs, "url").send_all(a_task(n) for n in range(25))
    assert [len(batch) for batch in sqs.batches] == [10, 10, 5]


def test_no_messages_make_no_call() -> None:
    sqs = Sqs()
    Queue(sqs, "url").send_all([])
    assert sqs.batches == []


def test_no_call_has_more_bytes_than_it_may() -> None:
    sqs = Sqs()
    Queue(sqs, "url").send_all(a_task(n, "https://x/" + "a" * 60_000) for n in range(10))
    sizes = [sum(len(entry["MessageBody"].encode()) for entry in batch) for batch in sqs.batches]
    assert max(sizes) <= BATCH_BYTES
    assert sum(map(len, sqs.batches)) == 10


def test_bytes_are_counted_and_not_characters() -> None:
    sqs = Sqs()
    Queue(sqs, "url").send_all(a_task(n, "https://x/" + "ä" * 60_000) for n in range(2))
    assert [len(batch) for batch in sqs.batches] == [1, 1]


def test_a_message_over_the_limit_goes_alone() -> None:
    sqs = Sqs()
    urls = ["https://x/1", "https://x/" + "a" * (BATCH_BYTES + 1), "https://x/3"]
    Queue(sqs, "url").send_all(a_task(n, url) for n, url in enumerate(urls))
    assert [len(batch) for batch in sqs.batches] == [1, 1, 1]


def test_only_refused_messages_are_sent_again_after_a_pause() -> None:
    sqs, pauses = Sqs(refuses=3), list[float]()
    Queue(sqs, "url", pauses.append).send_all(a_task(n) for n in range(10))
    assert [len(batch) for batch in sqs.batches] == [10, 3]


def test_refused_messages_are_sent_again_as_they_were() -> None:
    sqs = Sqs(refuses=3)
    Queue(sqs, "url").send_all(a_task(n) for n in range(10))
    assert sqs.bodies[10:] == [a_task(n).to_body() for n in range(3)]


def test_messages_that_stay_refused_are_a_storage_error() -> None:
    sqs = Sqs(refuses=3, times=BATCH_TRIES)
    with pytest.raises(StorageError, match="3 of 10 refused"):
        Queue(sqs, "url").send_all(a_task(n) for n in range(10))


def test_a_hidden_message_is_not_delivered(queue: Queue) -> None:
    queue.send(FinalizeTask(REQUEST_ID))
    (message,) = received(queue)
    queue.hide(message["ReceiptHandle"], 0)
    (again,) = received(queue)
    queue.hide(again["ReceiptHandle"], 600)
    assert received(queue) == []


def test_a_message_that_is_gone_already_need_not_be_hidden(queue: Queue) -> None:
    queue.send(FinalizeTask(REQUEST_ID))
    (message,) = received(queue)
    queue.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    queue.hide(message["ReceiptHandle"], 600)
    assert received(queue) == []


def hiding(code: str) -> Queue:
    class Refusing:
        def change_message_visibility(self, **_call: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": ""}}, "ChangeMessageVisibility")

    return Queue(Refusing(), "url")


def test_a_message_that_cannot_be_hidden_is_a_storage_error() -> None:
    with pytest.raises(StorageError):
        hiding("RequestThrottled").hide("receipt", 600)


@pytest.mark.parametrize(
    "code", ["AWS.SimpleQueueService.MessageNotInflight", "MessageNotInflight", "ReceiptHandleIsInvalid"]
)
def test_every_word_for_a_message_that_is_gone_is_known(code: str) -> None:
    assert hiding(code).hide("receipt", 600) is None  # type: ignore[func-returns-value]


def test_a_new_queue_is_empty(queue: Queue) -> None:
    assert queue.is_empty()


def test_a_queue_with_a_message_is_not_empty(queue: Queue) -> None:
    queue.send(FinalizeTask(REQUEST_ID))
    assert not queue.is_empty()


def test_a_queue_whose_message_is_in_flight_is_not_empty(queue: Queue) -> None:
    queue.send(FinalizeTask(REQUEST_ID))
    assert received(queue)
    assert not queue.is_empty()


def test_a_queue_whose_message_is_delayed_is_not_empty(queue: Queue) -> None:
    queue.send(FinalizeTask(REQUEST_ID), delay=900)
    assert not queue.is_empty()


def test_a_queue_that_was_worked_off_is_empty(queue: Queue) -> None:
    queue.send(FinalizeTask(REQUEST_ID))
    (message,) = received(queue)
    queue.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    assert queue.is_empty()
