"""What one function sends another."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import RequestCode
from functions.core.messages import (
    CompressTask,
    DeliveryTask,
    EventTask,
    FinalizeTask,
    IngestTask,
    PingTask,
    Task,
    UnknownMessageError,
    notify_task,
)
from functions.core.model import EventType
from functions.core.options import Format, ImageOptions, Options
from tests.unit.core.test_options import image_options, options

ids = st.uuids().map(str)
numbers = st.integers(0, 1_000_000)
tasks = st.one_of(
    st.builds(IngestTask, ids),
    st.builds(CompressTask, ids, numbers, numbers, st.text(max_size=200), st.builds(Options, image_options)),
    st.builds(FinalizeTask, ids, st.none() | st.sampled_from(RequestCode)),
    st.builds(EventTask, ids, st.sampled_from(EventType)),
    st.builds(DeliveryTask, ids, st.sampled_from(EventType), st.text(max_size=40), st.integers(0, 10)),
    st.builds(PingTask, st.text(max_size=40), st.text(max_size=40), st.text(max_size=40)),
)
READERS: dict[type[Task], Any] = {
    IngestTask: IngestTask.from_body,
    CompressTask: CompressTask.from_body,
    FinalizeTask: FinalizeTask.from_body,
    EventTask: notify_task,
    DeliveryTask: notify_task,
    PingTask: notify_task,
}
EXAMPLES: list[Task] = [
    IngestTask("r"),
    FinalizeTask("r", RequestCode.NO_IMAGES),
    EventTask("r", EventType.FAILED),
    DeliveryTask("r", EventType.COMPLETED, "e", 3),
    PingTask("o", "e", "m"),
]


@given(tasks)
def test_a_message_survives_being_sent(task: Task) -> None:
    assert READERS[type(task)](task.to_body()) == task


@pytest.mark.parametrize("task", EXAMPLES, ids=lambda task: type(task).__name__)
def test_a_message_of_another_version_is_refused(task: Task) -> None:
    other = json.dumps(json.loads(task.to_body()) | {"v": 2})
    with pytest.raises(UnknownMessageError):
        READERS[type(task)](other)


@pytest.mark.parametrize("task", EXAMPLES, ids=lambda task: type(task).__name__)
def test_a_message_of_another_kind_is_refused(task: Task) -> None:
    with pytest.raises(UnknownMessageError):
        CompressTask.from_body(task.to_body())


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "{}", "7"])
def test_what_is_no_message_is_refused(body: str) -> None:
    with pytest.raises(UnknownMessageError):
        IngestTask.from_body(body)


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "{}", "7"])
def test_what_is_no_message_to_notify_is_refused(body: str) -> None:
    with pytest.raises(UnknownMessageError):
        notify_task(body)


def test_a_refusal_does_not_repeat_all_of_a_long_message() -> None:
    with pytest.raises(UnknownMessageError) as caught:
        IngestTask.from_body(json.dumps({"kind": "x" * 10_000}))
    assert len(str(caught.value)) < 300


def test_a_message_is_compact() -> None:
    assert IngestTask("r").to_body() == '{"v":1,"kind":"ingest","request_id":"r"}'


def test_a_message_has_no_character_that_sqs_refuses() -> None:
    assert CompressTask("r", 0, 0, "https://x/\ufffe\u00fc.jpg", Options()).to_body().isascii()


@given(options)
def test_of_the_options_of_a_request_those_of_images_are_sent(asked: Options) -> None:
    sent = CompressTask.from_body(CompressTask("r", 0, 0, "https://x/1.jpg", asked).to_body())
    assert sent.options == Options(image=asked.image)


def test_a_message_that_an_earlier_version_sent_with_all_options_is_read() -> None:
    options = '{"quality":70,"format":"webp","mode":"lenient","name_column":"Title","dry_run":true}'
    body = f'{{"v":1,"kind":"compress","request_id":"r","chunk":0,"n":1,"url":"https://x/1.jpg","options":{options}}}'
    assert CompressTask.from_body(body).options.image == ImageOptions(70, Format.WEBP)


def test_an_image_that_waited_for_its_host_keeps_how_often_it_was_tried() -> None:
    task = CompressTask("r", 0, 0, "https://x/1.jpg", Options(), tried=1, pauses=2)
    assert CompressTask.from_body(task.to_body()) == task
