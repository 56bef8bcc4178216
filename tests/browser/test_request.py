"""A request: while it runs, its pictures, what failed, what to take away, who was told."""

import io
import zipfile
from pathlib import Path

import pytest
import requests
from PIL import Image
from playwright.sync_api import Download, Page, Route, expect

from infra.local.origin import serving
from infra.local.stack import LocalStack
from tests.browser.conftest import Tabs
from tests.browser.steps import catalogue_csv, compressed, ended, opened
from tests.system.client import TIMEOUT, csv_rows, eventually, started
from tests.system.client import ended as told
from tests.system.receiver import Receiver


@pytest.fixture(scope="module")
def finished(stack: LocalStack, photos: list[Path], photo_origin: str) -> str:
    """A request of two good images and two of the same failure."""
    content = catalogue_csv(photos, photo_origin) + f"3,Gone too,{photo_origin}/gone-too.jpg\n"
    request_id = started(stack.url, content)
    told(stack.url, request_id)
    return request_id


def content_of(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


# --- while it runs ---------------------------------------------------------------------------------------------------


def test_progress_is_told_in_figures_and_the_gallery_fills_in(
    page: Page, tmp_path: Path, photos: list[Path], photo_origin: str
) -> None:
    file = tmp_path / "many.csv"
    urls = [f"{photo_origin}/{photos[number % 2].name}?{number}" for number in range(120)]
    file.write_text("Name,Images\n" + "".join(f"Lamp,{url}\n" for url in urls))
    page.goto("/")
    page.set_input_files("#file", file)
    page.locator(".start button").click()
    figures = page.locator(".running .facts")
    expect(figures).to_contain_text("of 120")
    expect(page.locator("progress")).to_have_attribute("max", "120")
    expect(page.locator("button.tile").first).to_be_visible()
    for name in ("done", "failed", "saved", "pictures a second", "left"):
        expect(figures).to_contain_text(name)
    ended(page, "completed")
    expect(page.locator("progress")).to_have_count(0)


@pytest.mark.parametrize("share", ["while it runs", "at the end"])
def test_done_is_what_has_an_output_at_any_time(page: Page, finished: str, share: str) -> None:
    def running(route: Route) -> None:
        route.fulfill(json=route.fetch().json() | {"status": "processing"})

    if share == "while it runs":
        page.route("**/status/**", running)
    page.goto(f"/#/requests/{finished}")
    said = page.locator(".running .facts, #numbers")
    expect(said).to_contain_text("2 of 4")
    expect(said).to_contain_text("2 failed" if share == "at the end" else "failed")


def test_a_request_can_be_stopped(page: Page, tmp_path: Path, photo_origin: str) -> None:
    file = tmp_path / "slow.csv"
    file.write_text("Name,Images\n" + "".join(f"Lamp,{photo_origin}/none.jpg?{n}\n" for n in range(2_000)))
    page.goto("/")
    page.set_input_files("#file", file)
    page.locator(".start button").click()
    page.get_by_role("button", name="Stop").click()
    ended(page, "cancelled")
    expect(page.get_by_role("button", name="Go on with the rest")).to_be_visible()


def test_a_passing_error_is_told_and_gone_again(page: Page, finished: str) -> None:
    page.route("**/status/**", lambda route: route.fulfill(status=504, json={"message": "Endpoint request timed out"}))
    page.goto(f"/#/requests/{finished}")
    expect(page.get_by_role("alert")).to_contain_text("The service took too long to answer.")
    page.unroute("**/status/**")
    expect(page.locator("#numbers")).to_be_visible()


# --- a picture -------------------------------------------------------------------------------------------------------


def test_a_picture_is_compared_with_its_original_at_full_size(page: Page, finished: str, stack: LocalStack) -> None:
    image = told(stack.url, finished)["images"][0]
    opened(page, finished)
    page.locator("button.tile").first.click()
    for side in ("before", "after"):
        shown = page.locator(f".pair .{side}")
        page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=shown.element_handle())
        assert shown.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [image["width"], image["height"]]
    figures = page.locator(".viewer .facts").inner_text()
    assert f"{round(100 * (1 - image['bytes_out'] / image['bytes_in']))} %" in figures
    assert f"{image['width']} × {image['height']}" in figures  # noqa: RUF001 - as people write it
    assert "JPEG" in figures


def test_the_slider_uncovers_the_original(page: Page, finished: str) -> None:
    opened(page, finished)
    page.locator("button.tile").first.click()
    slider = page.get_by_role("slider")
    cut = "pair => getComputedStyle(pair.querySelector('.before')).clipPath"
    slider.focus()
    before = page.locator(".pair").evaluate(cut)
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("51")
    assert page.locator(".pair").evaluate(cut) != before


def test_keys_lead_on_back_and_out(page: Page, finished: str, photos: list[Path]) -> None:
    opened(page, finished)
    page.locator("button.tile").first.focus()
    page.keyboard.press("Enter")
    title = page.locator("#viewer-title")
    expect(title).to_have_text(photos[0].name)
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text(photos[1].name)
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text(photos[1].name)
    page.keyboard.press("ArrowLeft")
    expect(title).to_have_text(photos[0].name)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("button.tile").first).to_be_focused()


def test_a_picture_has_the_keyboard_as_soon_as_it_is_there(page: Page, finished: str) -> None:
    opened(page, finished)
    has_it = page.locator("button.tile").first.evaluate(
        """tile => new Promise(told => {
          const watcher = new MutationObserver(() => {
            const dialog = document.querySelector("dialog");
            if (dialog) { watcher.disconnect(); told(dialog.contains(document.activeElement)); }
          });
          watcher.observe(document.body, { childList: true, subtree: true });
          tile.click();
        })"""
    )
    assert has_it


def test_one_to_one_shows_each_pixel(page: Page, finished: str, stack: LocalStack) -> None:
    image = told(stack.url, finished)["images"][0]
    opened(page, finished)
    page.locator("button.tile").first.click()
    page.get_by_role("button", name="1:1").click()
    box = page.locator(".pair").bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (image["width"], image["height"])


def test_an_original_that_the_shop_does_not_show_is_told(page: Page, finished: str, photo_origin: str) -> None:
    page.route(f"{photo_origin}/**", lambda route: route.fulfill(status=403))
    opened(page, finished)
    page.locator("button.tile").first.click()
    expect(page.get_by_text("The shop does not show the original here")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_count(0)


@pytest.fixture(scope="module")
def sized(stack: LocalStack, photos: list[Path], photo_origin: str) -> str:
    """A request of two sizes of each picture, of which the first is on a canvas that is wider than any of them."""
    request_id = started(stack.url, catalogue_csv(photos, photo_origin), renditions="thumb=300x100,pad zoom=800x")
    told(stack.url, request_id)
    return request_id


def test_figures_of_one_size_say_of_which_and_all_sizes_are_counted(page: Page, sized: str, stack: LocalStack) -> None:
    images = [image for image in told(stack.url, sized)["images"] if image["bytes_in"]]
    made = sum(rendition["bytes"] for image in images for rendition in image["renditions"].values())
    before = sum(image["bytes_in"] for image in images)
    opened(page, sized)
    expect(page.locator("#saved")).to_contain_text("smaller: the size thumb alone")
    expect(page.locator("#all-sizes")).to_contain_text(f"{round(100 * (1 - made / before))} % less than the originals")
    expect(page.locator(".tile .saved").first).to_contain_text("thumb −")  # noqa: RUF001 - as people write it
    page.locator("button.tile").first.click()
    for words in ("after: thumb alone", "saved by thumb alone", "all sizes together"):
        expect(page.locator(".viewer .facts")).to_contain_text(words)


def test_a_picture_of_another_shape_is_shown_alone(page: Page, sized: str) -> None:
    opened(page, sized)
    page.locator("button.tile").first.click()
    expect(page.get_by_text("The new picture has another shape than the original")).to_be_visible()
    expect(page.get_by_role("link", name="Open the original")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_count(0)
    expect(page.locator(".pair .before")).to_have_count(0)


def test_a_tall_picture_is_whole_in_its_tile(page: Page, stack: LocalStack, tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((300, 900)).save(tmp_path / "tall.jpg", quality=95)
    with serving(tmp_path) as origin:
        request_id = started(stack.url, f"Name,Images\nLamp,{origin}/tall.jpg\n")
        told(stack.url, request_id)
        opened(page, request_id)
        frame, picture = page.locator(".tile .frame").bounding_box(), page.locator(".tile img").bounding_box()
    assert frame == picture


def test_originals_are_loaded_only_when_they_are_looked_at(page: Page, finished: str, photo_origin: str) -> None:
    originals: list[str] = []
    page.on("request", lambda sent: originals.append(sent.url) if sent.url.startswith(photo_origin) else None)
    opened(page, finished)
    page.wait_for_function("() => [...document.querySelectorAll('.tile img')].every(image => image.complete)")
    assert originals == []
    page.locator("button.tile").first.click()
    expect(page.locator(".pair .before")).to_be_visible()
    assert len(originals) == 1


# --- what failed -----------------------------------------------------------------------------------------------------


def test_failures_are_grouped_with_what_to_do(page: Page, finished: str) -> None:
    opened(page, finished)
    group = page.locator(".failure")
    expect(group).to_have_count(1)
    expect(group).to_contain_text("The shop has no such picture 2 images")
    expect(group).to_contain_text("See if the URL opens in a browser.")
    expect(page.locator(".tile .why").first).to_have_text("The shop has no such picture")
    expect(page.locator("main")).not_to_contain_text("the origin")
    expect(group.get_by_role("link")).to_have_text(["gone.jpg", "gone-too.jpg"])


def test_what_failed_comes_as_a_csv(page: Page, finished: str, stack: LocalStack, photo_origin: str) -> None:
    opened(page, finished)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV of these").click()
    assert download.value.suggested_filename == "products_not_found.csv"
    content = content_of(download.value)
    rows = csv_rows(content)
    assert [row["Image URL"] for row in rows] == [f"{photo_origin}/gone.jpg", f"{photo_origin}/gone-too.jpg"]
    assert [row["Product Name"] for row in rows] == ["SKU2", "Gone too"]
    assert told(stack.url, started(stack.url, content))["failed_images"] == 2


def test_these_can_be_tried_again_alone(page: Page, finished: str, stack: LocalStack) -> None:
    opened(page, finished)
    page.get_by_role("button", name="Retry these").click()
    expect(page.locator("#request-id")).not_to_have_text(finished)
    ended(page, "failed")
    again = told(stack.url, page.locator("#request-id").inner_text())
    assert [image["input_url"].rpartition("/")[2] for image in again["images"]] == ["gone.jpg", "gone-too.jpg"]


# --- the end ---------------------------------------------------------------------------------------------------------


def test_savings_are_told_in_bytes_percent_and_charts(page: Page, finished: str, stack: LocalStack) -> None:
    status = told(stack.url, finished)
    opened(page, finished)
    share = round(100 * status["bytes_saved"] / status["bytes_in"])
    expect(page.locator("#saved")).to_contain_text(f"{share} %")
    expect(page.get_by_role("table", name="By format").get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("table", name="The largest savings").get_by_role("row")).to_have_count(3)


@pytest.mark.parametrize(
    "file",
    [
        ("Download the CSV", "", "products_compressed.csv"),
        ("Workbook", "?as=xlsx", "products_compressed.xlsx"),
        ("ZIP of all pictures", "?as=zip", "pictures_{}.zip"),
    ],
)
def test_a_download_is_byte_for_byte_what_the_api_gives(
    page: Page, finished: str, stack: LocalStack, file: tuple[str, str, str]
) -> None:
    button, query, name = file
    opened(page, finished)
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    wanted = requests.get(f"{stack.url}/download/{finished}{query}", timeout=TIMEOUT)
    assert content_of(download.value) == wanted.content
    assert download.value.suggested_filename == name.format(finished)


def test_the_pictures_of_the_zip_are_those_of_the_gallery(page: Page, finished: str) -> None:
    opened(page, finished)
    with page.expect_download() as download:
        page.get_by_role("button", name="ZIP of all pictures").click()
    with zipfile.ZipFile(io.BytesIO(content_of(download.value))) as archive:
        packed = {archive.read(name) for name in archive.namelist() if not name.endswith(".csv")}
    shown = [picture.get_attribute("src") or "" for picture in page.locator(".tile img").all()]
    assert packed == {requests.get(url, timeout=TIMEOUT).content for url in shown}


def test_a_file_that_is_still_written_is_waited_for(page: Page, finished: str) -> None:
    answers = iter([202])

    def first_not_yet(route: Route) -> None:
        if next(answers, None):
            route.fulfill(status=202, headers={"Retry-After": "1"}, body="not yet")
        else:
            route.continue_()

    page.route("**/download/**", first_not_yet)
    opened(page, finished)
    with page.expect_download():
        page.get_by_role("button", name="Workbook").click()


def test_the_link_survives_reload_back_and_a_closed_tab(page: Page, tab: Tabs, catalogue: Path) -> None:
    page.goto("/")
    compressed(page, catalogue)
    link, request_id = page.url, page.locator("#request-id").inner_text()
    page.reload()
    expect(page.locator("#request-id")).to_have_text(request_id)
    page.get_by_role("link", name="Webhooks").click()
    expect(page.get_by_role("heading", name="Webhooks", exact=True)).to_be_visible()
    page.go_back()
    expect(page.locator("#request-id")).to_have_text(request_id)
    page.close()
    other = tab()
    other.goto(link)
    ended(other, "completed")
    other.goto(f"/#{request_id}")  # as links were before
    other.reload()
    expect(other.locator("#request-id")).to_have_text(request_id)


def test_the_link_can_be_copied(tab: Tabs, finished: str) -> None:
    page = tab(permissions=["clipboard-read", "clipboard-write"])
    opened(page, finished)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_request_that_is_not_there_says_so(page: Page) -> None:
    page.goto("/#/requests/00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("heading", name="There is no such request")).to_be_visible()


def test_names_of_any_letters_and_length_stay_within_the_page(
    tab: Tabs, stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    page = tab(viewport={"width": 320, "height": 640})
    name = f"{'ein-sehr-langer-name-' * 9}ü<b>.csv"
    content = f"Name,Images\nLamp,{photo_origin}/{photos[0].name}?{'x' * 300}\n"
    answer = requests.post(f"{stack.url}/upload", files={"file": (name, content)}, timeout=TIMEOUT)
    told(stack.url, answer.json()["request_id"])
    opened(page, answer.json()["request_id"])
    expect(page.locator("h1")).to_have_text(name)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", [1280, 390])
def test_the_other_files_stand_side_by_side_below_the_csv(tab: Tabs, finished: str, width: int) -> None:
    page = tab(viewport={"width": width, "height": 900})
    opened(page, finished)
    tops = [box["y"] for button in page.locator(".downloads button").all() if (box := button.bounding_box())]
    assert tops[0] < tops[1] == tops[2]


# --- who was told ----------------------------------------------------------------------------------------------------


def test_deliveries_are_listed_and_made_again(
    page: Page, stack: LocalStack, receiver: Receiver, photos: list[Path], photo_origin: str
) -> None:
    request_id = started(stack.url, catalogue_csv(photos, photo_origin), webhook_url=receiver.url)
    told(stack.url, request_id)
    receiver.next()
    eventually(
        lambda: (
            requests.get(f"{stack.url}/requests/{request_id}/deliveries", timeout=TIMEOUT).json()["deliveries"][0][
                "attempts"
            ]
            or None
        ),
        "the attempt to be noted",
    )
    opened(page, request_id)
    delivery = page.locator(".delivery")
    expect(delivery).to_contain_text("processing.completed")
    expect(delivery).to_contain_text("1 attempt")
    delivery.get_by_role("button", name="Send again: processing.completed").click()
    receiver.next()
    expect(delivery).to_contain_text("2 attempts")
    expect(delivery.locator("h3")).to_contain_text("answered 200")
    delivery.locator("summary").click()
    expect(delivery.locator(".attempts li")).to_contain_text(["answered 200", "answered 200"])
