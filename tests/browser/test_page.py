"""The web page, used as people use it."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.system.client import products_csv


@pytest.fixture
def catalogue(tmp_path: Path, photos: list[Path], photo_origin: str) -> Path:
    """Two images that are there, and one that is not."""
    file = tmp_path / "catalogue.csv"
    urls = [f"{photo_origin}/{photo.name}" for photo in photos[:2]]
    file.write_text(products_csv([urls, [f"{photo_origin}/gone.jpg"]]))
    return file


def test_a_csv_is_compressed_and_its_output_downloaded(page: Page, catalogue: Path) -> None:
    page.goto("/")
    page.set_input_files("#file", catalogue)
    page.get_by_label("Quality").fill("40")
    page.get_by_role("button", name="Compress").click()
    expect(page.locator("#state")).to_have_text("completed")
    expect(page.locator("#numbers")).to_contain_text("3 of 3 images · 1 failed")
    rows = page.locator("#images tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_contain_text("the origin has no such image")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the CSV").click()
    assert download.value.suggested_filename.startswith("results_")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "Output Image Urls" in next(csv.reader(io.StringIO(text)))


def test_the_compressed_picture_is_shown(page: Page, catalogue: Path) -> None:
    page.goto("/")
    page.set_input_files("#file", catalogue)
    page.get_by_role("button", name="Compress").click()
    expect(page.locator("#state")).to_have_text("completed")
    picture = page.locator("#images tbody tr").first.locator("td:nth-child(2) img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())


def test_what_is_wrong_with_a_csv_is_shown_line_by_line(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("Name,Images\nLamp,nothing\nVase,https://example.com/a.jpg\nSofa,neither\n")
    page.goto("/")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Compress").click()
    expect(page.locator("#message")).to_contain_text("line 2")
    expect(page.locator("#errors tbody tr")).to_have_count(2)


def test_a_csv_can_be_checked_without_starting_anything(page: Page, catalogue: Path) -> None:
    page.goto("/")
    page.set_input_files("#file", catalogue)
    page.get_by_role("button", name="Only check").click()
    expect(page.locator("#message")).to_contain_text("3 images")
    expect(page.locator("#request")).to_be_hidden()


def test_a_large_csv_goes_straight_to_s3(page: Page, tmp_path: Path, photos: list[Path], photo_origin: str) -> None:
    file = tmp_path / "large.csv"
    url = f"{photo_origin}/{photos[0].name}"
    file.write_text("Name,Images\n" + f"{'a' * 400},{url}\n" * 10_500)
    assert file.stat().st_size > 4_000_000
    page.goto("/")
    page.set_input_files("#file", file)
    page.get_by_label("Quality").fill("40")
    page.get_by_role("button", name="Compress").click()
    expect(page.locator("#message")).to_contain_text("Uploaded")
    expect(page.locator("#state")).to_have_text("completed")


def test_a_request_that_failed_can_be_run_again(page: Page, catalogue: Path) -> None:
    page.goto("/")
    page.set_input_files("#file", catalogue)
    page.get_by_role("button", name="Compress").click()
    expect(page.locator("#state")).to_have_text("completed")
    first = page.locator("#request-id").text_content()
    page.get_by_role("button", name="Run failed images again").click()
    expect(page.locator("#request-id")).not_to_have_text(first or "")
    expect(page.locator("#state")).to_have_text("completed")


def test_recent_requests_lead_back_to_them(page: Page, catalogue: Path) -> None:
    page.goto("/")
    page.set_input_files("#file", catalogue)
    page.get_by_role("button", name="Compress").click()
    expect(page.locator("#state")).to_have_text("completed")
    page.goto("/")
    page.locator("#requests tbody tr", has_text="catalogue.csv").first.click()
    expect(page.locator("#state")).to_have_text("completed")


@pytest.mark.parametrize(("path", "text"), [("/docs", "/upload"), ("/redoc", "Take a CSV and start its request")])
def test_the_documentation_is_shown_without_anything_from_elsewhere(page: Page, path: str, text: str) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(path)
    expect(page.get_by_text(text).locator("visible=true").first).to_be_visible()
    assert len({host for host in hosts if host}) == 1, hosts
