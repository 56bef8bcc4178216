"""Keys are on: whose key it is decides what is there. Nobody sees, stops, repeats or adopts what others have."""

import base64
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.__main__ import welcome
from infra.local.deploy import ROOT
from infra.local.stack import LocalStack
from infra.operate.api_keys import ID_DIGITS, disable_key
from tests.system.client import TIMEOUT, products_csv
from tests.system.owners import Owner, owner, table_of
from tests.system.targets import stack_of_its_own

DAILY_IMAGES = 3
HOOK = "https://hook.example/acme"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack of its own, with keys on."""
    parameters = {"RequireKeys": "true", "DailyImages": str(DAILY_IMAGES), "Patience": "1"}
    with stack_of_its_own(tmp_path_factory.mktemp("locked"), 0, parameters) as running:
        yield running


@pytest.fixture(scope="module")
def request_of_acme(acme: Owner, photos: list[Path], photo_origin: str) -> dict[str, Any]:
    """Its status: one image is completed, one failed."""
    return acme.finished(products_csv([[f"{photo_origin}/{photos[0].name}", f"{photo_origin}/none.jpg"]]))


@pytest.fixture(scope="module")
def endpoint_of_acme(acme: Owner) -> dict[str, Any]:
    answer = acme.call("POST", "/webhook/configure", json={"webhook_url": HOOK, "events": ["processing.failed"]})
    return dict(answer.json())


# --- keys ------------------------------------------------------------------------------------------------------------


def test_a_call_without_a_key_is_refused(locked: LocalStack) -> None:
    answer = Owner(locked.url).call("GET", "/requests")
    assert (answer.status_code, answer.json()["code"]) == (401, "missing_key")


def test_a_key_that_nobody_has_is_refused(locked: LocalStack) -> None:
    answer = Owner(locked.url, "imgp_made-up").call("GET", "/requests")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_key")


def test_a_key_that_was_disabled_is_refused(locked: LocalStack) -> None:
    retired = owner(locked, "retired")
    disable_key(table_of(locked), "retired", sha256(str(retired.key).encode()).hexdigest()[:ID_DIGITS])
    answer = retired.call("GET", "/requests")
    assert (answer.status_code, answer.json()["code"]) == (401, "disabled_key")


def test_a_picture_needs_no_key(locked: LocalStack, request_of_acme: dict[str, Any]) -> None:
    picture = requests.get(request_of_acme["images"][0]["output_url"], timeout=TIMEOUT)
    assert (picture.status_code, picture.headers["Content-Type"].partition("/")[0]) == (200, "image")


def test_who_is_told_how_to_upload_is_told_of_the_key(locked: LocalStack) -> None:
    (upload,) = [line for line in welcome(locked) if line.startswith("Upload")]
    assert 'curl -H "X-API-Key: $API_KEY" -F file=@products.csv' in upload


def test_a_stack_that_is_not_there_is_told_in_a_line(locked: LocalStack) -> None:
    environment = {**os.environ, "AWS_ENDPOINT_URL": locked.stack.endpoint, "AWS_DEFAULT_REGION": "us-east-1"}
    environment |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    command = [sys.executable, "-m", "infra.operate", "--stack", "nostack", "api-keys", "--owner", "acme"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "nostack does not exist" in line


# --- requests of others ----------------------------------------------------------------------------------------------

FOREIGN = [
    ("GET", "/status/{}"),
    ("GET", "/download/{}"),
    ("POST", "/requests/{}/cancel"),
    ("POST", "/requests/{}/retry"),
    ("GET", "/requests/{}/deliveries"),
    ("POST", "/requests/{}/deliveries/redeliver"),
    ("GET", "/export?request_id={}"),
]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(("method", "path"), FOREIGN)
def test_a_request_of_somebody_else_cannot_be_told_from_none(
    other: Owner, request_of_acme: dict[str, Any], method: str, path: str
) -> None:
    foreign, unknown = (other.call(method, path.format(id_)) for id_ in (request_of_acme["request_id"], UNKNOWN))
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    assert foreign.json() == unknown.json()


@pytest.mark.parametrize("path", ["/requests", "/requests?owner=acme", "/requests?key={source_key}"])
def test_the_list_has_no_requests_of_others(other: Owner, request_of_acme: dict[str, Any], path: str) -> None:
    listed = other.get(path.format(**request_of_acme))["requests"]
    assert request_of_acme["request_id"] not in [request["request_id"] for request in listed]


def test_a_page_says_nothing_of_the_requests_of_others(other: Owner, request_of_acme: dict[str, Any]) -> None:
    """Neither where the next page would begin, which names a request, nor that there is one."""
    page = other.get(f"/requests?limit=1&key={request_of_acme['source_key']}")
    assert page == {"requests": [], "next_token": None}


def test_the_owner_finds_its_request_by_its_key(acme: Owner, request_of_acme: dict[str, Any]) -> None:
    listed = acme.get(f"/requests?key={request_of_acme['source_key']}")["requests"]
    assert [request["request_id"] for request in listed] == [request_of_acme["request_id"]]


def test_the_export_has_no_images_of_others(acme: Owner, other: Owner, request_of_acme: dict[str, Any]) -> None:
    exports = [owner.call("GET", "/export").text for owner in (acme, other)]
    assert [request_of_acme["request_id"] in export for export in exports] == [True, False]


def test_a_request_of_somebody_else_cannot_be_reused(other: Owner, request_of_acme: dict[str, Any]) -> None:
    content = products_csv([["https://example.com/a.jpg"]])
    foreign, unknown = (
        other.upload(content, reuse=reuse, dry_run="true") for reuse in (request_of_acme["request_id"], UNKNOWN)
    )
    assert (foreign.status_code, foreign.json()["code"]) == (400, "invalid_options")
    assert foreign.json() == unknown.json()


# --- endpoints of others ---------------------------------------------------------------------------------------------


def test_an_endpoint_is_listed_for_its_owner_only(acme: Owner, other: Owner, endpoint_of_acme: dict[str, Any]) -> None:
    listed = [owner.get("/webhook/endpoints")["endpoints"] for owner in (acme, other)]
    assert [[each["endpoint_id"] for each in of_owner] for of_owner in listed] == [
        [endpoint_of_acme["endpoint_id"]],
        [],
    ]


@pytest.mark.parametrize(
    ("method", "suffix"), [("DELETE", ""), ("POST", "/test"), ("POST", "/rotate"), ("GET", "/deliveries")]
)
def test_an_endpoint_of_somebody_else_is_not_there(
    acme: Owner, other: Owner, endpoint_of_acme: dict[str, Any], method: str, suffix: str
) -> None:
    answer = other.call(method, f"/webhook/endpoints/{endpoint_of_acme['endpoint_id']}{suffix}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert acme.get("/webhook/endpoints")["endpoints"], "it is still there"


def test_the_same_url_is_another_endpoint_for_another_owner(other: Owner, endpoint_of_acme: dict[str, Any]) -> None:
    own = other.call("POST", "/webhook/configure", json={"webhook_url": HOOK}).json()
    other.call("DELETE", f"/webhook/endpoints/{own['endpoint_id']}")
    assert own["endpoint_id"] != endpoint_of_acme["endpoint_id"]
    assert own["secret"] != endpoint_of_acme["secret"]


# --- the trial receiver ----------------------------------------------------------------------------------------------


def signed_post(stack: LocalStack, body: dict[str, Any], secret: str) -> requests.Response:
    """A webhook without a key, signed as the documentation says."""
    content, timestamp = json.dumps(body).encode(), str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, f"msg_1.{timestamp}.".encode() + content, sha256).digest()).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}
    return requests.post(f"{stack.url}/webhook", content, headers=headers, timeout=TIMEOUT)


def test_a_signed_webhook_needs_no_key_and_is_listed_for_its_owner_only(
    locked: LocalStack, acme: Owner, other: Owner, request_of_acme: dict[str, Any], endpoint_of_acme: dict[str, Any]
) -> None:
    body = {"request_id": request_of_acme["request_id"], "status": "completed"}
    assert signed_post(locked, body, endpoint_of_acme["secret"]).json()["success"] is True
    of_acme, of_other = (owner.get("/webhook/received")["received"] for owner in (acme, other))
    assert [(webhook["verified"], webhook["body"]) for webhook in of_acme] == [(True, body)]
    assert of_other == []


def test_a_webhook_that_is_signed_with_another_secret_is_refused(
    locked: LocalStack, request_of_acme: dict[str, Any]
) -> None:
    secret = "whsec_" + base64.b64encode(bytes(24)).decode()
    answer = signed_post(locked, {"request_id": request_of_acme["request_id"]}, secret)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_signature")


# --- the quota of the day --------------------------------------------------------------------------------------------


def test_who_used_up_the_day_is_refused_until_midnight_and_nobody_else(
    locked: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    spender, saver = owner(locked, "spender"), owner(locked, "saver")
    content = products_csv([[f"{photo_origin}/{photo.name}" for photo in photos[:DAILY_IMAGES]]])
    assert spender.finished(content)["status"] == "completed"
    refused = spender.upload(products_csv([[f"{photo_origin}/{photos[0].name}"]]))
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded")
    assert 0 < int(refused.headers["Retry-After"]) <= 86_401
    assert saver.upload(content).status_code == 202


def test_a_form_for_s3_is_not_given_out_once_the_day_is_used_up(
    locked: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    spender = owner(locked, "another-spender")
    spender.finished(products_csv([[f"{photo_origin}/{photo.name}" for photo in photos[:DAILY_IMAGES]]]))
    refused = spender.call("POST", "/uploads", json={})
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded")
