"""CSVs that were dropped into S3."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.model import Source, WebhookStatus
from functions.core.options import Options
from functions.core.uploads.drop import (
    Drop,
    arrivals,
    dropped_request,
    has_room_for_summary,
    options_of,
    outgoing_key,
    summary_key,
)
from functions.core.uploads.presigned import PresignedUpload
from functions.core.uploads.wishes import Wishes
from tests.fakes import NOW, REQUEST_ID, a_request

DROP = Drop("uploads", "incoming/acme/a.csv", "v1", "acme")


def event_of(key: str, **described: str) -> dict[str, Any]:
    return {"Records": [{"s3": {"bucket": {"name": "uploads"}, "object": {"key": key, "versionId": "v1"} | described}}]}


def keys(key: str) -> list[str]:
    return [arrival.key for arrival in arrivals(event_of(key))]


def recorded(name: str) -> dict[str, Any]:
    event = json.loads((Path(__file__).parents[3] / "events" / f"{name}.json").read_text())
    return dict(json.loads(event["Records"][0]["body"]))


NO_WISHES = Wishes(Options(), None)


def test_a_notification_is_a_drop() -> None:
    key = "incoming/acme/Frühling 2024/products.csv"
    version = "096fKKXTRTtl3on89fVO.nfljtsv6qko"
    assert list(arrivals(recorded("s3_drop"))) == [Drop("imagepress-uploads", key, version, "acme", NOW)]


def test_an_upload_under_the_key_of_a_request_is_told_apart_from_a_drop() -> None:
    key = f"presigned/acme/{REQUEST_ID}/a.csv"
    both = event_of(key)["Records"] + event_of("incoming/acme/a.csv")["Records"]
    assert list(arrivals({"Records": both})) == [PresignedUpload(key, "v1", REQUEST_ID), DROP]


def test_s3s_test_event_is_no_drop() -> None:
    assert list(arrivals(recorded("s3_test"))) == []


@pytest.mark.parametrize(
    "key",
    [
        "incoming/acme/a.csv",
        "incoming/acme/2024/spring/a.csv",
        "incoming/acme/A.CSV",
        "incoming/acme/a.csv.gz",
        "Incoming/acme/a.csv",
        "incoming/a.c-m_e1/a.csv",
    ],
)
def test_a_csv_at_any_depth_and_case_is_a_drop(key: str) -> None:
    assert keys(key) == [key]


@pytest.mark.parametrize(
    "key",
    [
        "incoming/a.csv",
        "incoming/acme/",
        "incoming/acme/.csv",
        "incoming/acme/a.docx",
        "incoming/acme/a.csv.zip",
        "incoming//a.csv",
        "incoming/.hidden/a.csv",
        "incoming/a%23b/a.csv",
        "uploads/acme/a.csv",
        "x/incoming/acme/a.csv",
    ],
)
def test_what_is_no_csv_of_an_owner_is_no_drop(key: str) -> None:
    assert keys(key) == []


def test_the_key_is_decoded() -> None:
    assert keys("incoming/acme/a+b%2Bc%C3%A4.csv") == ["incoming/acme/a b+cä.csv"]


def test_a_bucket_without_versions_gives_none() -> None:
    event = event_of("incoming/acme/a.csv")
    del event["Records"][0]["s3"]["object"]["versionId"]
    assert [arrival.version_id for arrival in arrivals(event)] == [""]


def test_the_same_version_is_the_same_request() -> None:
    assert DROP.request_id == Drop("uploads", "incoming/acme/a.csv", "v1", "acme").request_id


@pytest.mark.parametrize(
    "other",
    [
        Drop("other", "incoming/acme/a.csv", "v1", "acme"),
        Drop("uploads", "incoming/acme/b.csv", "v1", "acme"),
        Drop("uploads", "incoming/acme/a.csv", "v2", "acme"),
    ],
)
def test_another_bucket_key_or_version_is_another_request(other: Drop) -> None:
    assert other.request_id != DROP.request_id


def test_metadata_gives_options_and_the_webhook_url() -> None:
    metadata = {
        "imagepress-max-width": "800",
        "Imagepress-Quality": "60",
        "imagepress-webhook-url": " https://h/x ",
        "uploaded-by": "me",
    }
    assert options_of(metadata) == {"max_width": "800", "quality": "60", "webhook_url": "https://h/x"}


def test_no_metadata_gives_neither() -> None:
    assert options_of({}) == {}


def test_a_dropped_request_expires_after_its_lifetime() -> None:
    request = dropped_request(DROP, NO_WISHES, NOW, 100)
    assert (request.source, request.expires_at) == (Source.S3, int(NOW) + 100)


@pytest.mark.parametrize(("told", "came"), [(None, NOW), (NOW - 9, NOW - 9)])
def test_the_versions_of_a_drop_are_in_the_order_in_which_s3_got_them(told: float | None, came: float) -> None:
    request = dropped_request(replace(DROP, dropped_at=told), NO_WISHES, NOW, 100)
    assert (request.came_at, request.created_at) == (came, NOW)


def test_a_request_from_before_versions_were_in_order_came_when_it_was_made() -> None:
    assert a_request(dropped_at=None).came_at == NOW


@pytest.mark.parametrize(("url", "status"), [(None, None), ("https://h/x", WebhookStatus.NOT_SENT)])
def test_a_dropped_request_owes_a_webhook_where_it_names_one(url: str | None, status: WebhookStatus | None) -> None:
    request = dropped_request(DROP, Wishes(Options(), url), NOW, 100)
    assert (request.webhook_url, request.webhook_status) == (url, status)


@pytest.mark.parametrize(
    ("key", "outgoing"),
    [
        ("incoming/acme/a/B.CSV", "outgoing/acme/a/B.CSV"),
        ("incoming/acme/a b/ü.csv.gz", "outgoing/acme/a b/ü.csv.gz"),
        ("Incoming/acme/incoming/a.csv", "outgoing/acme/incoming/a.csv"),
    ],
)
def test_what_comes_out_of_a_drop_is_on_the_same_path(key: str, outgoing: str) -> None:
    assert outgoing_key(key) == outgoing


def test_the_summary_of_a_drop_is_beside_what_came_out() -> None:
    assert summary_key("incoming/acme/a.csv") == "outgoing/acme/a.csv.summary.json"


@pytest.mark.parametrize("ending", ["x", "ü"])
def test_a_drop_has_room_for_a_summary_whose_key_s3_takes(ending: str) -> None:
    keys_ = [f"incoming/acme/{'x' * length}{ending}.csv" for length in range(970, 1_010)]
    assert [has_room_for_summary(key) for key in keys_] == [len(summary_key(key).encode()) <= 1_024 for key in keys_]


@pytest.mark.parametrize("key", ["outgoing/acme/a.csv", "outgoing/acme/a.csv.summary.json"])
def test_what_comes_out_of_a_drop_is_no_drop(key: str) -> None:
    assert keys(key) == []
