"""What is wrong gives a clear error, and loses nothing of the rest."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from infra.local.origin import serving
from infra.local.stack import LocalStack
from tests.system.client import ended, products_csv, started, upload
from tests.system.targets import needs_loopback

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def bad_origin(tmp_path_factory: pytest.TempPathFactory, photos: list[Path]) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("bad")
    photo = photos[0].read_bytes()
    (folder / "cut.jpg").write_bytes(photo[: len(photo) // 2])
    (folder / "page.jpg").write_text("<!doctype html><title>Not here</title>")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "good.jpg").write_bytes(photo)
    needs_loopback()
    with serving(folder) as url:
        yield url


def test_each_image_that_fails_has_its_code_and_the_request_completes(stack: LocalStack, bad_origin: str) -> None:
    names = ["good.jpg", "cut.jpg", "page.jpg", "empty.jpg", "none.jpg"]
    request_id = started(stack.url, products_csv([[f"{bad_origin}/{name}" for name in names]]))
    status = ended(stack.url, request_id)
    codes = [image["error"] and image["error"]["code"] for image in status["images"]]
    assert codes == [None, "corrupt", "not_an_image", "not_an_image", "not_found"]
    assert (status["status"], status["failed_images"]) == ("completed", 4)


def test_an_origin_that_cannot_be_reached_ends_with_its_code_through_the_alone_queue(
    stack: LocalStack, bad_origin: str
) -> None:
    with socket.socket() as taken:  # bound and not listening: every connection is refused
        taken.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{taken.getsockname()[1]}/a.jpg"
        request_id = started(stack.url, products_csv([[f"{bad_origin}/good.jpg", dead]]))
        status = ended(stack.url, request_id)
    assert [image["error"] and image["error"]["code"] for image in status["images"]] == [None, "connection_failed"]
    assert status["status"] == "completed"


def test_a_private_address_is_refused(stack: LocalStack, bad_origin: str) -> None:
    csv = products_csv(
        [[f"{bad_origin}/good.jpg", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/a.jpg"]]
    )
    status = ended(stack.url, started(stack.url, csv))
    codes = [image["error"] and image["error"]["code"] for image in status["images"]]
    assert codes == [None, "address_not_public", "address_not_public"]


def test_a_request_without_any_image_that_worked_has_failed_and_still_has_its_csv(
    stack: LocalStack, bad_origin: str
) -> None:
    request_id = started(stack.url, products_csv([[f"{bad_origin}/none.jpg"]]))
    status = ended(stack.url, request_id)
    assert (status["status"], status["error"]["code"]) == ("failed", "all_images_failed")
    assert requests.get(status["results_csv_url"], timeout=30).status_code == 200


def test_products_without_images_are_told(stack: LocalStack) -> None:
    status = ended(stack.url, started(stack.url, products_csv([[], []])))
    assert (status["status"], status["error"]["code"]) == ("failed", "no_images")


@pytest.mark.parametrize(
    ("content", "fields", "said"),
    [
        (b"", {}, "empty"),
        (b"S. No.,Product Name,Input Image Urls\n", {}, "no rows"),
        (b"a,b\n1,2\n", {}, "a, b"),
        (b"Product Name,Image URL\nx,ftp://example.com/a.jpg\n", {}, "line 2"),
        (b"PK\x03\x04" + b"\0" * 100, {}, "no workbook"),
        (b"name,image_url\nx,https://example.com/a.jpg\n", {"quality": "101"}, "quality"),
        (b"name,image_url\nx,https://example.com/a.jpg\n", {"colour": "red"}, "colour"),
        (b"name,image_url\nx,https://example.com/a.jpg\n", {"webhook_url": "ftp://example.com"}, "webhook_url"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(
    stack: LocalStack, content: bytes, fields: dict[str, str], said: str
) -> None:
    answer = upload(stack.url, content, **fields)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert said in body["detail"]
    assert body["error"] == body["detail"]


def test_every_bad_row_is_told_at_once(stack: LocalStack) -> None:
    answer = upload(stack.url, "name,image_url\na,nope\nb,https://example.com/b.jpg\nc,nope\n")
    assert [error["line"] for error in answer.json()["errors"]] == [2, 4]


def test_an_upload_without_a_file_is_refused(stack: LocalStack) -> None:
    answer = requests.post(f"{stack.url}/upload", files={"other": ("a.csv", "x")}, timeout=30)
    assert answer.status_code == 400
    assert "`file`" in answer.json()["detail"]


def test_too_large_an_upload_names_the_way_for_large_ones(stack: LocalStack) -> None:
    answer = upload(stack.url, b"name,image_url\n" + b"a,https://example.com/a.jpg\n" * 160_000)
    assert answer.status_code == 413
    assert "POST /uploads" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", [f"/status/{UNKNOWN}", "/status/17", f"/download/{UNKNOWN}", f"/api/v1/status/{UNKNOWN}/"]
)
def test_unknown_and_malformed_ids_are_the_same_404(stack: LocalStack, path: str) -> None:
    answer = requests.get(f"{stack.url}{path}", timeout=30)
    assert (answer.status_code, answer.json()["detail"]) == (404, "Request ID not found")


@pytest.mark.parametrize("path", [f"/images/{UNKNOWN}/0-000000000000/a.jpg", "/images/a/b/c", "/nowhere"])
def test_what_is_not_there_is_404(stack: LocalStack, path: str) -> None:
    assert requests.get(f"{stack.url}{path}", timeout=30).status_code == 404
