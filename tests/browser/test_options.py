"""Options and sizes: what is typed is taken as the service takes it, and what is wrong is said before a start."""

from http import HTTPStatus
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from infra.local.stack import LocalStack
from tests.browser.steps import dropped, ended
from tests.system.client import TIMEOUT


@pytest.fixture
def uploads(page: Page) -> list[str]:
    """What was accepted to be run; a dry run is answered by a 200."""
    found: list[str] = []
    page.on("response", lambda answer: found.append(answer.url) if answer.status == HTTPStatus.ACCEPTED else None)
    return found


@pytest.fixture
def own(page: Page) -> Locator:
    """A row that is added for a size of one's own."""
    page.goto("/")
    page.locator(".options summary").click()
    page.get_by_role("button", name="Another size").click()
    return page.locator(".rendition").last


def start_sample(page: Page) -> Locator:
    """The button beside which it is said why nothing was started."""
    page.get_by_role("button", name="Try it with the sample").click()
    return page.get_by_role("alert")


def sizes_of(page: Page, stack: LocalStack) -> list[str]:
    ended(page, "completed")
    request_id = page.locator("#request-id").inner_text()
    found: list[str] = requests.get(f"{stack.url}/status/{request_id}", timeout=TIMEOUT).json()["options"]["renditions"]
    return found


def test_a_name_in_upper_case_is_taken_as_the_service_takes_it(page: Page, own: Locator, stack: LocalStack) -> None:
    own.get_by_label("Name").press_sequentially("Klein")
    page.keyboard.press("Tab")
    page.keyboard.type("500")
    expect(own.get_by_label("Width")).to_be_focused()
    expect(own.get_by_label("Width")).to_have_value("500")
    start_sample(page)
    assert sizes_of(page, stack) == ["klein=500x"]


@pytest.mark.parametrize(
    ("typed", "at", "says"),
    [
        (("", "500", ""), "Name", "Give this size a name of letters, digits, - and _."),
        (("größe", "500", ""), "Name", "letters (a to z), digits, - and _ alone"),
        (("a b", "500", ""), "Name", "letters (a to z), digits, - and _ alone"),
        (("-a", "500", ""), "Name", "Begin the name with a letter or a digit."),
        (("a" * 32, "500", ""), "Name", "up to 31 characters"),
        (("THUMB", "500", ""), "Name", "Another size has this name"),
        (("small", "", ""), "Width", "Say a width, a height or both."),
        (("small", "500px", ""), "Width", "Write whole pixels from 1 to 16,383"),
        (("small", "500", "0"), "Height", "Write whole pixels from 1 to 16,383"),
    ],
)
def test_a_size_that_is_not_complete_is_said_to_be_and_nothing_starts(
    page: Page, uploads: list[str], typed: tuple[str, str, str], at: str, says: str
) -> None:
    page.goto("/")
    page.locator(".options summary").click()
    page.get_by_role("button", name="Another size").click()
    page.get_by_role("button", name="Add thumb").click()
    own = page.locator(".rendition").first
    for label, value in zip(("Name", "Width", "Height"), typed, strict=True):
        own.get_by_label(label).press_sequentially(value)
    expect(own.locator("p")).to_contain_text(says)
    expect(start_sample(page)).to_contain_text("Not started.")
    field = own.get_by_label(at)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_attribute("aria-describedby", own.locator("p").get_attribute("id") or "")
    assert uploads == []


def test_a_size_that_was_completed_starts(page: Page, own: Locator, stack: LocalStack) -> None:
    expect(start_sample(page)).to_contain_text("A size without a name is not complete.")
    own.get_by_label("Name").press_sequentially("card")
    own.get_by_label("Height").press_sequentially("300")
    expect(page.get_by_role("alert")).to_have_count(0)
    start_sample(page)
    assert sizes_of(page, stack) == ["card=x300"]


def test_a_file_is_not_started_either_and_a_size_is_not_lost_by_going_away(
    page: Page, own: Locator, uploads: list[str], catalogue: Path
) -> None:
    own.get_by_label("Width").press_sequentially("500")
    dropped(page, catalogue)
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("link", name="Compress").click()
    page.get_by_role("button", name="Compress 3 images").click()
    expect(page.get_by_role("alert")).to_contain_text("A size without a name is not complete.")
    expect(page.locator(".rendition").get_by_label("Width")).to_have_value("500")
    expect(page.locator(".rendition").get_by_label("Name")).to_be_focused()
    assert uploads == []


@pytest.mark.parametrize(
    ("label", "value", "says"),
    [
        ("Quality", "400", "Write a whole number from 1 to 100."),
        ("Max width", "wide", "Write a whole number from 1 to 16,383."),
        ("Formats that auto may choose", "webp,bmp", "Write some of jpeg, png, webp and avif"),
        ("Webhook", "shop.example/hook", "Write the whole address, from https:// on."),
    ],
)
def test_an_option_that_cannot_be_used_is_said_to_be_and_nothing_starts(
    page: Page, uploads: list[str], label: str, value: str, says: str
) -> None:
    page.goto("/")
    page.locator(".options summary").click()
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
    expect(field).to_have_value(value)
    expect(page.locator(".options .wrong")).to_contain_text(says)
    expect(page.locator(".chosen")).to_have_text("quality 50 · keep format · any size · not complete yet")
    expect(start_sample(page)).to_contain_text(says)
    expect(field).to_be_focused()
    assert uploads == []
    field.fill("")
    expect(page.locator(".options .wrong")).to_have_count(0)


def test_sizes_are_rows_with_a_picture_of_how_they_fit(page: Page, stack: LocalStack) -> None:
    page.goto("/")
    page.locator(".options summary").click()
    for name in ("thumb", "zoom"):
        page.get_by_role("button", name=f"Add {name}").click()
    page.get_by_role("button", name="Another size").click()
    own = page.locator(".rendition").nth(2)
    own.get_by_label("Name").fill("card")
    own.get_by_label("Width").fill("300")
    own.get_by_label("Height").fill("400")
    own.get_by_label("Height").blur()
    own.get_by_label("Fit").select_option("cover")
    expect(page.locator(".chosen")).to_have_text("quality 50 · keep format · 3 sizes")
    expect(page.locator(".rendition svg")).to_have_count(3)
    expect(page.get_by_label("Max width")).to_be_disabled()
    page.get_by_role("button", name="Remove zoom").click()
    page.get_by_role("button", name="Try it with the sample").click()
    ended(page, "completed")
    request_id = page.locator("#request-id").inner_text()
    status = requests.get(f"{stack.url}/status/{request_id}", timeout=TIMEOUT).json()
    assert status["options"]["renditions"] == ["thumb=320x320,pad,#ffffff", "card=300x400,cover"]
    smallest = "image => image.complete && image.naturalWidth"
    tile = page.locator(".tile img").first.element_handle()
    assert page.wait_for_function(smallest, arg=tile).json_value() == 320  # of two that do not fill a tile the first
    page.locator("button.tile").first.click()
    sizes = page.get_by_role("list", name="Sizes")
    expect(sizes.get_by_role("link")).to_have_text(["thumb", "card"])
    for number, width in enumerate((320, 300)):
        expect(sizes.locator("img").nth(number)).to_have_js_property("naturalWidth", width)
    boxes = [box for picture in sizes.locator("img").all() if (box := picture.bounding_box())]
    assert boxes[0]["y"] == boxes[1]["y"]  # side by side
    assert boxes[0]["x"] < boxes[1]["x"]
