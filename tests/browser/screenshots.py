"""The pictures of the page in the README: `python -m tests.browser.screenshots` takes them again into docs/images."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from functions.compress.codec import compress
from functions.core.options import ImageOptions
from infra.local.deploy import ROOT
from infra.local.origin import serving
from infra.local.pictures import CATALOGUE, write_pictures
from infra.local.stack import local_stack
from tests.browser.steps import dropped

FOLDER = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 800}
QUALITY = 80
MAX_BYTES = 200_000
PATIENCE_MS = 120_000
COPIES = 12  # of each picture, so that there is something to watch


def catalogue(origin: str, folder: Path) -> Path:
    """A catalogue of the demo's products, many times over, with a picture that is gone."""
    file = folder / "autumn catalogue.csv"
    rows = [
        f"{product.name},{copy},{origin}/{name}?{copy}"
        for copy in range(COPIES)
        for product in CATALOGUE
        for name in product.pictures
    ]
    file.write_text("Product Name,Edition,Images\n" + "\n".join([*rows, f"Old chair,1,{origin}/old-chair.jpg"]) + "\n")
    return file


def first_view(page: Page, _file: Path) -> None:
    """What everybody sees first."""
    page.goto("/", wait_until="networkidle")


def check(page: Page, file: Path) -> None:
    """What was understood, before anything runs."""
    dropped(page, file)


def running(page: Page, _file: Path) -> None:
    """Pictures come in."""
    page.locator(".start button").click()
    expect(page.locator("button.tile").nth(14)).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_timeout(1_500)  # nothing is tested here: the pictures are to be in the picture


def outcome(page: Page, _file: Path) -> None:
    """What was saved."""
    expect(page.locator("#numbers")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("table", name="The ten largest savings")).to_be_visible()
    page.wait_for_timeout(1_000)


def before_after(page: Page, _file: Path) -> None:
    """One picture, compared."""
    page.locator("button.tile").nth(2).click()
    for side in ("before", "after"):
        picture = page.locator(f".pair .{side}").element_handle()
        page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture)
    page.wait_for_timeout(500)


SCENES: tuple[tuple[str, Callable[[Page, Path], None]], ...] = (
    ("page-first-view", first_view),
    ("page-check", check),
    ("page-running", running),
    ("page-outcome", outcome),
    ("page-before-after", before_after),
)


def taken(page: Page, target: Path) -> None:
    """A picture of the tab, as the product makes it."""
    target.write_bytes(compress(page.screenshot(), ImageOptions(quality=QUALITY)).content)
    assert target.stat().st_size < MAX_BYTES, f"{target.name} has {target.stat().st_size:,} bytes"


def main() -> None:
    """A stack, a catalogue, a browser, and a picture of each scene."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder)
        write_pictures(place / "pictures")
        with serving(place / "pictures") as origin, local_stack(place / "state", 0) as stack:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            page = browser.new_page(base_url=stack.url, viewport=SIZE)  # type: ignore[arg-type]  # a TypedDict
            file = catalogue(origin, place)
            for name, scene in SCENES:
                scene(page, file)
                taken(page, FOLDER / f"{name}.png")
            browser.close()


if __name__ == "__main__":
    main()
