"""Images in one's own S3: a CSV names them, and only whom the deployment lists may."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.stack import LocalStack
from tests.system.client import ended, products_csv, started
from tests.system.owners import owner
from tests.system.targets import needs_loopback, stack_of_its_own

PARAMETERS = {
    "RequireKeys": "true",
    "SourceBuckets": "photos-of-acme,photos-of-other",
    "SourceOwners": "acme=photos-of-acme,other=photos-of-other",
}


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory, photos: list[Path]) -> Iterator[LocalStack]:
    """A stack that lists two buckets, each with a photograph."""
    needs_loopback()
    with stack_of_its_own(tmp_path_factory.mktemp("sources"), 0, PARAMETERS) as running:
        s3 = running.stack.client("s3")
        for bucket in ("photos-of-acme", "photos-of-other", "not-listed"):
            s3.create_bucket(Bucket=bucket)
            s3.put_object(Bucket=bucket, Key="2026/shoe 1.jpg", Body=photos[0].read_bytes())
        yield running


def test_an_owner_s_own_images_are_worked_on_and_no_others(listed: LocalStack) -> None:
    urls = [f"s3://{bucket}/2026/shoe%201.jpg" for bucket in ("photos-of-acme", "photos-of-other", "not-listed")]
    acme = owner(listed, "acme")
    status = acme.ended(acme.started(products_csv([[urls[0]], [urls[1]], [urls[2]], ["s3://photos-of-acme/none.jpg"]])))
    found = [(image["input_url"], image["error"] and image["error"]["code"]) for image in status["images"]]
    assert found == [
        (urls[0], None),
        (urls[1], "forbidden_source"),
        (urls[2], "forbidden_source"),
        ("s3://photos-of-acme/none.jpg", "not_found"),
    ]
    assert status["images"][0]["bytes_out"] < status["images"][0]["bytes_in"]


def test_a_picture_that_has_not_changed_is_adopted(listed: LocalStack) -> None:
    acme = owner(listed, "acme")
    csv = products_csv([["s3://photos-of-acme/2026/shoe%201.jpg"]])
    first = acme.ended(acme.started(csv))
    again = acme.ended(acme.started(csv, reuse="latest"))
    assert again["images"][0]["output_url"] == first["images"][0]["output_url"]


def test_a_deployment_that_lists_none_reads_none(stack: LocalStack) -> None:
    status = ended(stack.url, started(stack.url, products_csv([["s3://photos-of-acme/2026/shoe%201.jpg"]])))
    error = status["images"][0]["error"]
    assert error["code"] == "forbidden_source"
    assert error["message"] == "the bucket is not among those that this service may read for you"


def test_compress_may_read_those_buckets_and_no_others(listed: LocalStack) -> None:
    iam, functions = listed.stack.client("iam"), listed.stack.client("lambda")
    role = functions.get_function_configuration(FunctionName="imagepress-compress")["Role"].rpartition("/")[2]
    document = iam.get_role_policy(RoleName=role, PolicyName="sources")["PolicyDocument"]
    (statement,) = document["Statement"]
    assert statement["Action"] == ["s3:GetObject"]
    assert statement["Resource"] == ["arn:aws:s3:::photos-of-acme/*", "arn:aws:s3:::photos-of-other/*"]


def test_without_the_parameter_there_is_no_such_permission(stack: LocalStack) -> None:
    iam, functions = stack.stack.client("iam"), stack.stack.client("lambda")
    role = functions.get_function_configuration(FunctionName="imagepress-compress")["Role"].rpartition("/")[2]
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["compress"]
