"""Where keys are on: a clear way in, and a key that goes with the tab unless it is asked to stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from infra.local.stack import LocalStack, local_stack
from tests.browser.conftest import Tabs
from tests.browser.steps import compressed
from tests.system.owners import owner


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    parameters = {"RequireKeys": "true", "Renditions": "shop: thumb=64x64,pad,webp; zoom=400x | tiny: t=16x"}
    with local_stack(tmp_path_factory.mktemp("locked"), 0, parameters) as running:
        yield running


@pytest.fixture(scope="module")
def key(locked: LocalStack) -> str:
    return owner(locked, "acme").key or ""


def let_in(page: Page, key: str) -> None:
    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_role("button", name="Use this key").click()


def test_whoever_has_no_key_is_asked_for_one_and_led_on(tab: Tabs, locked: LocalStack, key: str) -> None:
    page = tab(base_url=locked.url)
    page.goto("/#/requests")
    expect(page.get_by_role("heading", name="API key")).to_be_visible()
    expect(page.get_by_text("This service needs a key.")).to_be_visible()
    let_in(page, key)
    expect(page.get_by_text("No requests yet")).to_be_visible()


def test_a_key_that_is_not_known_is_refused(tab: Tabs, locked: LocalStack) -> None:
    page = tab(base_url=locked.url)
    page.goto("/#/webhooks")
    let_in(page, "imp_nobody")
    expect(page.get_by_role("alert")).to_contain_text("key")
    expect(page.get_by_role("heading", name="API key")).to_be_visible()


def test_a_file_goes_through_and_is_downloaded_with_the_key(
    tab: Tabs, locked: LocalStack, key: str, catalogue: Path
) -> None:
    page = tab(base_url=locked.url)
    page.goto("/#/key")
    let_in(page, key)
    compressed(page, catalogue)
    for button in ("Download the CSV", "ZIP of all pictures"):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        assert Path(download.value.path()).stat().st_size > 100


def test_a_file_that_was_dropped_without_a_key_is_not_lost(
    tab: Tabs, locked: LocalStack, key: str, catalogue: Path
) -> None:
    page = tab(base_url=locked.url)
    page.goto("/")
    page.set_input_files("#file", catalogue)
    let_in(page, key)
    expect(page.get_by_role("button", name="Compress 3 images")).to_be_visible()


def test_a_key_is_forgotten_with_the_tab(tab: Tabs, locked: LocalStack, key: str) -> None:
    page = tab(base_url=locked.url)
    page.goto("/#/requests")
    let_in(page, key)
    expect(page.get_by_label("Name")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name")).to_be_visible()
    other = page.context.new_page()
    other.goto("/#/requests")
    expect(other.get_by_role("heading", name="API key")).to_be_visible()


def test_a_key_is_remembered_where_that_is_asked_for_and_forgotten_again(
    tab: Tabs, locked: LocalStack, key: str
) -> None:
    page = tab(base_url=locked.url)
    page.goto("/#/requests")
    page.get_by_label("Remember it on this device").check()
    let_in(page, key)
    expect(page.get_by_label("Name")).to_be_visible()
    other = page.context.new_page()
    other.goto("/#/requests")
    expect(other.get_by_label("Name")).to_be_visible()
    other.goto("/#/key")
    other.get_by_role("button", name="Forget the key").click()
    other.goto("/#/requests")
    expect(other.get_by_role("heading", name="API key")).to_be_visible()


# --- sets of renditions, which whoever has a key may see -------------------------------------------------------------


def test_options_can_be_looked_at_without_a_key(tab: Tabs, locked: LocalStack) -> None:
    page = tab(base_url=locked.url)
    page.goto("/")
    with page.expect_response("**/renditions") as answered:
        page.locator(".options summary").click()
    assert answered.value.status == 401
    expect(page.get_by_role("button", name="Add thumb")).to_be_visible()
    expect(page.locator("#rendition-set")).to_have_count(0)


def test_a_set_of_the_deployment_is_chosen_by_its_name(
    tab: Tabs, locked: LocalStack, key: str, catalogue: Path
) -> None:
    page = tab(base_url=locked.url)
    page.goto("/#/key")
    let_in(page, key)
    page.goto("/#/")
    page.locator(".options summary").click()
    page.get_by_role("button", name="Add zoom").click()
    page.get_by_label("Set", exact=True).select_option("shop")
    expect(page.get_by_text("thumb=64x64,pad,webp; zoom=400x")).to_be_visible()
    expect(page.locator(".rendition")).to_have_count(0)
    expect(page.locator(".chosen")).to_have_text("quality 50 · keep format · sizes of shop")
    compressed(page, catalogue)
    page.locator("button.tile").first.click()
    expect(page.get_by_role("list", name="Sizes").get_by_role("link")).to_have_text(["thumb", "zoom"])
