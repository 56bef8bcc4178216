"""The list of requests: found by name and state, a page at a time."""

from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from infra.local.stack import LocalStack
from tests.browser.conftest import Tabs
from tests.browser.steps import ended
from tests.system.client import TIMEOUT
from tests.system.client import ended as told


@pytest.fixture(scope="module")
def many(stack: LocalStack, photos: list[Path], photo_origin: str) -> int:
    """How many requests of a name that only they have; one of them failed."""
    content = f"Name,Images\nLamp,{photo_origin}/{photos[0].name}\n"
    files = [(f"autumn {number}.csv", content) for number in range(24)]
    files.append(("autumn gone.csv", content.replace(photos[0].name, "gone.jpg")))
    for file in files:
        answer = requests.post(f"{stack.url}/upload", files={"file": file}, timeout=TIMEOUT)
        told(stack.url, answer.json()["request_id"])
    return len(files)


def test_they_are_found_by_name(page: Page, many: int) -> None:
    page.goto("/#/requests")
    page.get_by_label("Name").fill("AUTUMN 23")
    row = page.locator("#requests tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("completed")
    expect(row.locator("td")).to_have_count(4)
    row.get_by_role("link").click()
    ended(page, "completed")


def test_they_are_found_by_state(page: Page, many: int) -> None:
    page.goto("/#/requests")
    page.get_by_label("Name").fill("autumn")
    page.get_by_label("State").select_option("failed")
    expect(page.locator("#requests tbody tr")).to_have_count(1)
    expect(page.locator("#requests")).to_contain_text("autumn gone.csv")


def test_they_come_in_pages(page: Page, many: int) -> None:
    page.goto("/#/requests")
    page.get_by_label("Name").fill("autumn")
    expect(page.locator("#requests tbody tr")).to_have_count(20)
    page.get_by_role("button", name="Older").click()
    expect(page.locator("#requests tbody tr")).to_have_count(many - 20)
    expect(page.get_by_role("button", name="Older")).to_be_disabled()
    page.get_by_role("button", name="Newer").click()
    expect(page.locator("#requests tbody tr")).to_have_count(20)


def test_nothing_of_a_name_is_said_to_be_nothing(page: Page, many: int) -> None:
    page.goto("/#/requests")
    page.get_by_label("Name").fill("no such name")
    expect(page.get_by_text("Nothing of this name and state")).to_be_visible()


def test_a_heading_stands_over_its_numbers(page: Page, many: int) -> None:
    page.goto("/#/requests")
    expect(page.locator("#requests")).to_be_visible()
    edges = page.locator("#requests tr").evaluate_all(
        """rows => rows.map(row => {
          const range = document.createRange();
          range.selectNodeContents(row.lastElementChild);
          return Math.round(range.getBoundingClientRect().right); })"""
    )
    assert len(set(edges)) == 1


def test_on_a_phone_what_was_saved_stands_beside_the_state_whatever_failed(tab: Tabs) -> None:
    page = tab(viewport={"width": 390, "height": 844})
    rows = [made("good.csv"), made("bad.csv") | {"failed_images": 3, "total_images": 13}]
    page.route("**/requests?*", lambda route: route.fulfill(json={"requests": rows, "next_token": None}))
    page.goto("/#/requests")
    for row in page.locator("#requests tbody tr").all():
        state, saved = row.locator(".of").bounding_box(), row.locator(".saved").bounding_box()
        assert state is not None
        assert saved is not None
        assert abs(state["y"] - saved["y"]) < state["height"]
    widths = {box["width"] for box in [page.get_by_label(name).bounding_box() for name in ("Name", "State")] if box}
    assert len(widths) == 1


def test_an_empty_list_says_how_to_begin(page: Page) -> None:
    page.route("**/requests?*", lambda route: route.fulfill(json={"requests": [], "next_token": None}))
    page.goto("/#/requests")
    expect(page.get_by_text("No requests yet")).to_be_visible()
    page.get_by_role("link", name="Compress a CSV").click()
    expect(page.locator("#file")).to_be_attached()


def test_a_search_goes_on_into_older_requests(page: Page) -> None:
    """A list of three pages of 100, in the last of which is what is looked for."""
    calls: list[str] = []

    def paged(route: Route) -> None:
        calls.append(route.request.url)
        number = len(calls)
        rows = [made(f"{number}-{place}.csv") for place in range(100)]
        if number == 3:
            rows[50] = made("needle.csv")
        route.fulfill(json={"requests": rows, "next_token": str(number) if number < 3 else None})

    page.route("**/requests?*", paged)
    page.goto("/#/requests")
    expect(page.locator("#requests tbody tr")).to_have_count(20)
    assert len(calls) == 1
    page.get_by_label("Name").fill("needle")
    expect(page.locator("#requests tbody tr")).to_have_count(1)
    assert len(calls) == 3


def made(name: str) -> dict[str, object]:
    return {
        "request_id": name, "file_name": name, "status": "completed", "created_at": "2026-11-29T10:00:00Z",
        "total_images": 1, "failed_images": 0, "bytes_in": 10, "bytes_out": 5, "bytes_saved": 5,
    }  # fmt: skip
