"""A real Chromium on the page of the running stack."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from infra.local.stack import LocalStack
from tests.browser.steps import catalogue_csv
from tests.system.conftest import photo_origin, photos, receiver, stack  # noqa: F401 - fixtures, for pytest to find here

TIMEOUT_MS = 60_000
HERE = {"localhost", "127.0.0.1"}
expect.set_options(timeout=TIMEOUT_MS)  # a page's own default is not that of what is expected of it: 5 s

Tabs = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is needed; install it, or say where it is with CHROMIUM="
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def tab(browser: Browser, stack: LocalStack) -> Iterator[Tabs]:  # noqa: F811 - the fixture above
    """Opens tabs, each of a browser of its own. None may reach beyond this machine, and nothing go wrong unseen."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(**how: Any) -> Page:
        wanted = {"base_url": stack.url, "viewport": {"width": 1100, "height": 1000}} | how
        context = browser.new_context(**wanted)
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        found = context.new_page()
        found.on("pageerror", lambda error: complaints.append(str(error)))
        found.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        found.on("request", lambda request: complaints.extend(_away(request.url)))
        return found

    yield opened
    for context in contexts:
        for each in context.pages:
            each.unroute_all(behavior="wait")  # an answer that is still being made would fail in the next test
        context.close()
    assert not [complaint for complaint in complaints if "Failed to load resource" not in complaint]


@pytest.fixture
def page(tab: Tabs) -> Page:
    return tab()


def _away(url: str) -> list[str]:
    """A complaint if the URL is on another machine."""
    parts = urlsplit(url)
    return [] if parts.scheme in {"data", "blob"} or parts.hostname in HERE else [f"reached for {url}"]


@pytest.fixture
def catalogue(tmp_path: Path, photos: list[Path], photo_origin: str) -> Path:  # noqa: F811 - the fixtures above
    """Two images that are there, and one that is not."""
    file = tmp_path / "catalogue.csv"
    file.write_text(catalogue_csv(photos, photo_origin))
    return file
