"""Everybody can use it: axe-core on every screen, keys alone, narrow and wide, light and dark, less motion."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from infra.local.stack import LocalStack
from tests.browser.axe import violations
from tests.browser.conftest import Tabs
from tests.browser.steps import catalogue_csv, ended, opened
from tests.system.client import ended as told
from tests.system.client import started

SIZES = {"320 px, dark": (320, 640, "dark"), "1280 px, light": (1280, 900, "light"), "4K, dark": (3840, 2160, "dark")}


@pytest.fixture(scope="module")
def finished(stack: LocalStack, photos: list[Path], photo_origin: str) -> str:
    request_id = started(stack.url, catalogue_csv(photos, photo_origin), webhook_url=f"{stack.url}/webhook")
    told(stack.url, request_id)
    return request_id


@pytest.fixture(params=list(SIZES.values()), ids=list(SIZES))
def screen(tab: Tabs, request: pytest.FixtureRequest) -> Page:
    width, height, scheme = request.param
    return tab(viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")


def drop(page: Page, content: bytes) -> None:
    page.goto("/")
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": content})


def first(page: Page, _finished: str) -> None:
    page.goto("/")
    page.locator(".options summary").click()
    page.get_by_role("button", name="Add thumb").click()
    expect(page.locator(".rendition")).to_be_visible()


def checked(page: Page, _finished: str) -> None:
    drop(page, b"Name,Images\nLamp,nothing\nVase,https://shop.example/a.jpg\n")
    expect(page.locator("#errors")).to_be_visible()


def incomplete(page: Page, _finished: str) -> None:
    page.goto("/")
    page.locator(".options summary").click()
    page.get_by_role("button", name="Another size").click()
    page.get_by_role("button", name="Try it with the sample").click()
    expect(page.get_by_role("alert")).to_be_visible()


def unnamed(page: Page, _finished: str) -> None:
    drop(page, b"Name,Hier\nVase,https://shop.example/a.jpg\n")
    expect(page.get_by_role("button", name="Hier")).to_be_visible()


def running(page: Page, finished: str) -> None:
    def half(route: Route) -> None:
        body = route.fetch().json()
        images = [image | {"status": "processing", "output_url": None, "error": None} for image in body["images"]]
        route.fulfill(json=body | {"status": "processing", "processed_images": 1, "images": images})

    page.route("**/status/**", half)
    page.goto(f"/#/requests/{finished}")
    expect(page.locator("progress")).to_be_visible()


def over(page: Page, finished: str) -> None:
    opened(page, finished)
    expect(page.locator(".failure")).to_be_visible()
    expect(page.locator(".delivery")).to_be_visible()


def compared(page: Page, finished: str) -> None:
    opened(page, finished)
    page.locator("button.tile").first.click()
    expect(page.locator(".pair .before")).to_be_visible()


def listed(page: Page, _finished: str) -> None:
    page.goto("/#/requests")
    expect(page.locator("#requests")).to_be_visible()


def webhooks(page: Page, _finished: str) -> None:
    page.goto("/#/webhooks")
    expect(page.get_by_label("Address")).to_be_visible()


def keyed(page: Page, _finished: str) -> None:
    page.goto("/#/key")
    expect(page.get_by_label("Key", exact=True)).to_be_visible()


def lost(page: Page, _finished: str) -> None:
    page.goto("/#/requests/00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("alert")).to_be_visible()


SCREENS = [first, checked, incomplete, unnamed, running, over, compared, listed, webhooks, keyed, lost]


@pytest.mark.parametrize("show", SCREENS, ids=lambda show: show.__name__)
def test_no_screen_violates_what_axe_knows(screen: Page, show: Callable[[Page, str], None], finished: str) -> None:
    show(screen, finished)
    assert violations(screen) == []


@pytest.mark.parametrize("show", SCREENS, ids=lambda show: show.__name__)
def test_no_screen_is_wider_than_a_small_phone(tab: Tabs, show: Callable[[Page, str], None], finished: str) -> None:
    page = tab(viewport={"width": 320, "height": 640})
    show(page, finished)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_table_that_goes_on_beyond_the_screen_shows_that_it_does(tab: Tabs) -> None:
    page = tab(viewport={"width": 390, "height": 844})
    drop(page, f"Name,Images\nVase,https://shop.example/{'a' * 80}.jpg\n".encode())
    edges = page.locator(".edges", has=page.get_by_role("region", name="First rows"))
    expect(edges).to_have_attribute("data-more", "right")
    page.get_by_role("region", name="First rows").evaluate("region => { region.scrollLeft = region.scrollWidth; }")
    expect(edges).to_have_attribute("data-more", "left")


def test_the_arrow_of_the_options_stays_beside_them(tab: Tabs) -> None:
    page = tab(viewport={"width": 390, "height": 844})
    page.goto("/")
    page.locator(".options summary").click()
    page.get_by_label("Format", exact=True).select_option("auto")
    page.get_by_label("Max width").fill("1200")
    place = "summary => [getComputedStyle(summary, '::after').position, getComputedStyle(summary).paddingRight]"
    assert page.locator(".options summary").evaluate(place) == ["absolute", "32px"]


def test_the_sample_can_be_run_and_looked_at_by_keys_alone(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("button", name="Try it with the sample")).to_be_visible()
    reach(page, "Try it with the sample")
    page.keyboard.press("Enter")
    ended(page, "completed")
    reach(page, "Compare")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def reach(page: Page, name: str) -> None:
    """Press Tab until what is focused has the name."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.innerText")
        if name in (focused or ""):
            return
    raise AssertionError(f"Tab never leads to {name!r}")


def test_a_screen_that_is_come_to_has_the_focus_and_a_title(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Webhooks").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title("Webhooks – Imagepress")  # noqa: RUF001 - a dash


def test_the_first_link_leads_past_the_menu(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_nothing_moves_for_whoever_wants_less_motion(tab: Tabs) -> None:
    page = tab(reduced_motion="reduce")
    page.goto("/")
    moving = "[...document.querySelectorAll('*')].filter(e => parseFloat(getComputedStyle(e).transitionDuration) > 0)"
    assert page.evaluate(f"{moving}.length") == 0
