"""A real Chromium on the page of the running stack."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.local.stack import LocalStack
from tests.system.conftest import photo_origin, photos, stack  # noqa: F401 - fixtures, for pytest to find here

TIMEOUT_MS = 60_000
expect.set_options(timeout=TIMEOUT_MS)  # a page's own default is not that of what is expected of it: 5 s


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is needed; install it, or say where it is with CHROMIUM="
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, stack: LocalStack) -> Iterator[Page]:  # noqa: F811 - the fixture above
    """A tab that reaches nothing beyond the stack, and in which nothing may be refused or go wrong unseen."""
    context = browser.new_context(base_url=stack.url, viewport={"width": 1100, "height": 1000})
    context.set_default_timeout(TIMEOUT_MS)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield opened
    context.close()
    assert not [complaint for complaint in complaints if "Failed to load resource" not in complaint]
