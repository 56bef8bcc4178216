"""What was lost on the way is found: by recover, and over a restart."""

import json
from pathlib import Path
from typing import Any

from functions.core.messages import CompressTask
from functions.core.options import Options
from infra.local.stack import LocalStack
from tests.system.client import ended, eventually, products_csv, rows_of, started, status_of
from tests.system.messages import paused
from tests.system.targets import ONLY_RESTARTS, stack_of_its_own


def recover(stack: LocalStack, event: dict[str, Any]) -> None:
    answer = stack.stack.client("lambda").invoke(
        FunctionName=stack.stack.outputs["RecoverFunction"], Payload=json.dumps(event).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_recover_completes_a_request_whose_stream_records_were_lost(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    with paused(stack, "tally"):
        request_id = started(stack.url, products_csv([[f"{photo_origin}/{photos[0].name}"]]))
        eventually(lambda: has_output(stack, request_id), "the image to have its result")
        assert status_of(stack.url, request_id)["status"] == "processing"

        def swept() -> bool | None:
            recover(stack, {"source": "aws.events"})
            return status_of(stack.url, request_id)["status"] == "completed" or None

        eventually(swept, "recover to settle the chunk")


def has_output(stack: LocalStack, request_id: str) -> bool | None:
    images = status_of(stack.url, request_id)["images"]
    return bool(images and images[0]["output_url"]) or None


def test_a_message_that_died_without_a_word_becomes_a_result(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    url = f"{photo_origin}/{photos[0].name}"
    with paused(stack, "compress"):
        request_id = started(stack.url, products_csv([[url]]))
        eventually(lambda: status_of(stack.url, request_id)["status"] == "processing" or None, "the CSV to be planned")
        dead = CompressTask(request_id, 0, 0, url, Options()).to_body()
        recover(stack, {"Records": [{"body": dead, "eventSourceARN": "arn:aws:sqs:us-east-1:0:AloneDLQ"}]})
        status = ended(stack.url, request_id)
    assert status["images"][0]["error"]["code"] == "gave_up"
    assert (status["status"], status["error"]["code"]) == ("failed", "all_images_failed")


RESTARTED = {"Patience": "1", "CompressVisibility": "5"}  # so that what a worker held comes back soon


@ONLY_RESTARTS
def test_a_request_survives_a_restart(tmp_path: Path, photos: list[Path], photo_origin: str) -> None:
    urls = [f"{photo_origin}/{photo.name}" for photo in photos]
    with stack_of_its_own(tmp_path, 0, RESTARTED) as first:
        request_id = started(first.url, products_csv([urls]))
        eventually(lambda: status_of(first.url, request_id)["status"] == "processing" or None, "the CSV to be planned")
    with stack_of_its_own(tmp_path, 0, RESTARTED) as second:

        def swept() -> dict[str, Any] | None:
            recover(second, {"source": "aws.events"})
            status = status_of(second.url, request_id)
            return status if status["status"] == "completed" else None

        status = eventually(swept, "the request to complete after the restart")
        assert (status["total_images"], status["failed_images"]) == (len(urls), 0)
        assert rows_of(second.url, request_id)[0]["Output Image Urls"].count("http") == len(urls)
