"""The web page, used as people use it: a file in, what was understood of it, and what came out."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import compressed, dropped, ended


def test_a_csv_is_compressed_and_its_output_downloaded(page: Page, catalogue: Path) -> None:
    page.goto("/")
    page.locator("summary", has_text="Options").click()
    page.get_by_label("Quality").fill("40")
    compressed(page, catalogue)
    expect(page.locator("#numbers")).to_have_text("2 of 3 images done · 1 failed.")
    expect(page.locator(".gallery .tiles > li")).to_have_count(3)
    expect(page.locator(".gallery .tiles > li").nth(2)).to_contain_text("The shop has no such picture")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the CSV").click()
    assert download.value.suggested_filename == "catalogue_compressed.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "Output Image Urls" in next(csv.reader(io.StringIO(text)))


def test_the_compressed_picture_is_shown(page: Page, catalogue: Path) -> None:
    page.goto("/")
    compressed(page, catalogue)
    picture = page.locator(".tile img").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())


def test_what_is_wrong_with_a_csv_is_shown_line_by_line(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("Name,Images\nLamp,nothing\nVase,https://example.com/a.jpg\nSofa,neither\n")
    page.goto("/")
    dropped(page, file)
    rows = page.locator("#errors tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("td")).to_contain_text(["2", "Images", "Write the whole address", "nothing"])
    expect(page.locator(".start .says")).to_contain_text("The bad rows stay as they are, and the new CSV says why.")
    expect(page.get_by_role("button", name="Compress the 1 image of the good rows")).to_be_visible()


def test_a_csv_is_checked_before_anything_starts(page: Page, catalogue: Path) -> None:
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.goto("/")
    with page.expect_response("**/upload") as answer:
        dropped(page, catalogue)
    assert answer.value.json()["dry_run"] is True
    expect(page.get_by_role("button", name="Compress 3 images")).to_be_visible()
    assert len(posts) == 1


def test_a_large_csv_goes_straight_to_s3(page: Page, tmp_path: Path, photos: list[Path], photo_origin: str) -> None:
    file = tmp_path / "large.csv"
    url = f"{photo_origin}/{photos[0].name}"
    file.write_text("Name,Images\n" + f"{'a' * 400},{url}\n" * 10_500)
    assert file.stat().st_size > 4_000_000
    page.goto("/")
    dropped(page, file)
    expect(page.get_by_role("heading", name="Read so far")).to_be_visible()
    with page.expect_request(lambda request: request.url.endswith("/uploads")):
        page.get_by_role("button", name="Start with the whole file").click()
    ended(page, "completed")
    expect(page.get_by_role("heading", name="large.csv")).to_be_visible()


def test_a_request_that_failed_can_be_run_again(page: Page, catalogue: Path) -> None:
    page.goto("/")
    compressed(page, catalogue)
    first = page.locator("#request-id").text_content()
    page.get_by_role("button", name="Retry the failed image").click()
    expect(page.locator("#request-id")).not_to_have_text(first or "")
    ended(page, "completed")


def test_the_list_of_requests_leads_back_to_them(page: Page, catalogue: Path) -> None:
    page.goto("/")
    compressed(page, catalogue)
    page.get_by_role("link", name="Requests").first.click()
    page.get_by_role("link", name="catalogue.csv").first.click()
    ended(page, "completed")


@pytest.mark.parametrize(("path", "text"), [("/docs", "/upload"), ("/redoc", "Take a CSV and start its request")])
def test_the_documentation_is_shown_without_anything_from_elsewhere(page: Page, path: str, text: str) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(path)
    expect(page.get_by_text(text).locator("visible=true").first).to_be_visible()
    assert len({host for host in hosts if host}) == 1, hosts
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    page.get_by_role("link", name="Imagepress", exact=False).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Smaller images for a whole catalogue.")
