"""What people do on the page, in one word each."""

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.system.client import products_csv


def catalogue_csv(photos: Sequence[Path], origin: str) -> str:
    """Two images that are there, and one that is not."""
    return products_csv([[f"{origin}/{photo.name}" for photo in photos[:2]], [f"{origin}/gone.jpg"]])


def dropped(page: Page, file: Path) -> None:
    """The file is chosen, and the page has said what it understood of it."""
    page.set_input_files("#file", file)
    expect(page.locator(".check")).to_be_visible()


def compressed(page: Page, file: Path, status: str = "completed") -> None:
    """The file went through."""
    dropped(page, file)
    page.locator(".start button").click()
    ended(page, status)


def ended(page: Page, status: str) -> None:
    """The request that is shown has come to its end."""
    expect(page.locator("#numbers")).to_be_visible()
    expect(page.locator(".sub .state").first).to_have_text(status)


def opened(page: Page, request_id: str) -> None:
    """The request is shown by its link, and has ended."""
    page.goto(f"/#/requests/{request_id}")
    expect(page.locator("#numbers")).to_be_visible()
