"""What an operator does to a stack: pause, usage, diagnosis, deletion of an owner's data and of the stack."""

import csv
import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from functions.compress import codec
from infra.local.stack import LocalStack
from infra.operate import restoring
from infra.operate.__main__ import main
from infra.operate.deployment import Deployment, StackError
from infra.operate.destroying import destroy
from infra.operate.diagnosing import diagnosis
from infra.operate.forgetting import forget
from infra.operate.pausing import set_running
from infra.operate.usage import usage
from tests.system.client import eventually, products_csv
from tests.system.owners import Owner
from tests.system.receiver import Receiver
from tests.system.targets import ONLY_RESTORED, ONLY_RETAINED, stack_of_its_own

MONTH = time.strftime("%Y-%m", time.gmtime())
SETTLING = 3.0  # seconds in which a stack that is not paused ends a request of one image
SECRETS = ("whsec_", "imgp_", "X-Amz-Signature")


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack of its own, with keys on: it is paused, emptied and deleted."""
    with stack_of_its_own(tmp_path_factory.mktemp("operated"), 0, {"RequireKeys": "true", "Patience": "1"}) as running:
        yield running


@pytest.fixture(scope="module")
def deployment(locked: LocalStack) -> Deployment:
    return Deployment.connect("imagepress", locked.stack.client)


@pytest.fixture(scope="module")
def image(photos: list[Path], photo_origin: str) -> str:
    return products_csv([[f"{photo_origin}/{photos[0].name}"]])


def as_operator(monkeypatch: pytest.MonkeyPatch, stack: LocalStack) -> None:
    """The environment of somebody who runs `make` against the stack."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.stack.endpoint)
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)


def test_nothing_is_worked_on_during_a_pause_and_nothing_is_lost(
    deployment: Deployment, acme: Owner, image: str
) -> None:
    assert "is paused" in set_running(deployment, False)
    try:
        request_id = acme.started(image)
        time.sleep(SETTLING)
        assert acme.get(f"/status/{request_id}")["status"] == "pending"
    finally:
        assert "takes work again" in set_running(deployment, True)
    assert acme.ended(request_id)["status"] == "completed"


def test_usage_is_told_by_owner(deployment: Deployment, acme: Owner, other: Owner, image: str) -> None:
    acme.finished(image)
    status = other.finished(image)
    used = usage(deployment, MONTH)
    assert set(used) == {"acme", "other"}
    assert (used["other"].requests, used["other"].images, used["other"].failed) == (1, 1, 0)
    assert (used["other"].bytes_in, used["other"].bytes_out) == (status["bytes_in"], status["bytes_out"])
    assert 0 < used["other"].dollars < 0.001
    assert usage(deployment, MONTH, "other") == {"other": used["other"]}
    assert usage(deployment, "2020-01") == {}


def test_usage_is_a_csv_on_the_command_line(
    locked: LocalStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_operator(monkeypatch, locked)
    assert main(["usage", "--owner", "other"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["owner"], row["images"]) == ("other", "1")


def test_a_month_that_is_none_is_refused_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["usage", "--month", "November"])
    assert "'November' is no month: write it as 2026-11" in capsys.readouterr().err


def test_a_request_s_story_is_told_without_secrets(
    locked: LocalStack, deployment: Deployment, acme: Owner, image: str, receiver: Receiver
) -> None:
    request_id = acme.started(image, webhook_url=f"{receiver.url}?token=hunter2")
    acme.ended(request_id)
    receiver.next()

    def told() -> dict[str, Any] | None:
        story = diagnosis(deployment, request_id)
        return (
            story if {"request accepted", "webhook attempted"} <= {line["message"] for line in story["log"]} else None
        )

    story = eventually(told, "the logs to be there")
    assert story["request"]["status"] == "completed"
    assert story["chunks"] == {"found": 1, "open": 0, "first_open": []}
    assert story["objects"] == {"plans/…/": 2, "results/…": 1, "images/…/": 1}
    assert [each["state"] for each in story["deliveries"]] == ["delivered"]
    assert len(story["queues"]) == 10
    text = json.dumps(story)
    assert [secret for secret in (*SECRETS, "hunter2") if secret in text] == []


def test_a_request_that_is_not_there_has_no_story(deployment: Deployment) -> None:
    with pytest.raises(StackError, match="there is no request 1"):
        diagnosis(deployment, "1")


def kept(deployment: Deployment, *needles: str) -> list[str]:
    """All keys of records and objects that hold one of these texts."""
    records = deployment.client("dynamodb").get_paginator("scan").paginate(TableName=deployment.outputs["TableName"])
    found = [json.dumps(item) for page in records for item in page["Items"]]
    for bucket in ("UploadsBucket", "ResultsBucket"):
        pages = deployment.client("s3").get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=deployment.outputs[bucket]):
            found += [each["Key"] for each in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    return [text for text in found if any(needle in text for needle in needles)]


@ONLY_RESTORED
def test_records_of_an_earlier_time_come_back(
    locked: LocalStack, deployment: Deployment, other: Owner, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine restores a table as it is now; so the damage is done right after that."""
    request_id = other.finished(image)["request_id"]

    def damage(*_arguments: object) -> None:
        deployment.delete_records([(f"REQUEST#{request_id}", "REQUEST")])
        assert other.call("GET", f"/status/{request_id}").status_code == 404

    monkeypatch.setattr(restoring, "_wait", damage)
    assert "records are as they were at" in restoring.restore(deployment, datetime.now(UTC))
    assert other.get(f"/status/{request_id}")["status"] == "completed"
    tables = locked.stack.client("dynamodb").list_tables()["TableNames"]
    assert not [name for name in tables if "restored" in name]


def test_the_sample_proves_the_stack_and_nothing_of_it_is_left(
    locked: LocalStack, deployment: Deployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_operator(monkeypatch, locked)
    assert main(["smoke"]) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert "every picture is what the codec makes of it" in said
    assert "the webhook arrives, and its signature is right" in said
    assert said.rstrip().endswith("imagepress works")
    assert kept(deployment, "smoke") == []


def test_a_stack_that_makes_other_pictures_is_not_proven(
    locked: LocalStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_operator(monkeypatch, locked)
    made = codec.compress
    monkeypatch.setattr(codec, "compress", lambda source, options: made(source, replace(options, quality=95)))
    assert main(["smoke"]) == 1
    assert "the codec here makes" in capsys.readouterr().err


def test_all_that_is_kept_of_an_owner_is_deleted_and_nothing_of_others(
    locked: LocalStack, deployment: Deployment, acme: Owner, other: Owner, image: str
) -> None:
    request_id = acme.finished(image)["request_id"]
    theirs = other.finished(image)
    acme.call(
        "POST", "/webhook/configure", json={"webhook_url": "https://hook.example/x", "events": ["processing.failed"]}
    )
    s3, uploads = locked.stack.client("s3"), deployment.outputs["UploadsBucket"]
    s3.put_object(Bucket=uploads, Key="incoming/acme/shop/products.csv", Body=image.encode())
    results = deployment.outputs["ResultsBucket"]

    def summarized() -> bool | None:
        found = s3.list_objects_v2(Bucket=results, Prefix="outgoing/acme/shop/products.csv.summary")
        return found["KeyCount"] > 0 or None

    eventually(summarized, "the drop to end")
    requests_of_acme = [each["request_id"] for each in acme.get("/requests")["requests"]]
    assert request_id in requests_of_acme
    forgotten = forget(deployment, "acme")
    assert forgotten.requests == len(requests_of_acme)
    assert forgotten.objects > len(requests_of_acme) * 3
    assert kept(deployment, "acme", *requests_of_acme) == []
    assert acme.call("GET", "/requests").status_code == 401 or eventually_refused(acme)
    assert other.get(f"/status/{theirs['request_id']}")["status"] == "completed"
    assert requests.get(theirs["images"][0]["output_url"], timeout=30).ok
    assert forget(deployment, "acme").requests == 0


def eventually_refused(caller: Owner) -> bool:
    """The api remembers a key for a minute at the most."""
    return eventually(lambda: caller.call("GET", "/requests").status_code == 401 or None, "the key to be refused", 75)


def test_a_stack_is_deleted_only_by_its_name(deployment: Deployment) -> None:
    with pytest.raises(StackError, match="say CONFIRM=imagepress"):
        destroy(deployment, "", with_data=False)


@ONLY_RETAINED
def test_a_stack_is_deleted_with_its_data_if_that_is_said(locked: LocalStack, deployment: Deployment) -> None:
    assert destroy(deployment, "imagepress", with_data=True) == "imagepress and its data are deleted"
    names = [bucket["Name"] for bucket in locked.stack.client("s3").list_buckets()["Buckets"]]
    assert not {deployment.outputs["UploadsBucket"], deployment.outputs["ResultsBucket"]} & set(names)
    assert deployment.outputs["TableName"] not in locked.stack.client("dynamodb").list_tables()["TableNames"]
    with pytest.raises(StackError, match="there is no stack imagepress"):
        Deployment.connect("imagepress", locked.stack.client)
