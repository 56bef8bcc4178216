"""axe-core on a screen: what a machine can see of WCAG 2.2 A and AA, and of good practice."""

from hashlib import sha256
from typing import Any

from playwright.sync_api import Page

from infra.local.deploy import ROOT

SCRIPT = ROOT / ".npm" / "node_modules" / "axe-core" / "axe.min.js"
DIGEST = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"  # of axe-core 4.14.1
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "tags => axe.run(document, { runOnly: { type: 'tag', values: tags } })"


def violations(page: Page) -> list[str]:
    """What is wrong with the screen as it stands, in a line each."""
    assert SCRIPT.exists(), "axe-core is needed: make .npm/.ready"
    script = SCRIPT.read_bytes()
    assert sha256(script).hexdigest() == DIGEST
    page.evaluate(script.decode())  # not as a script element, which the page's policy refuses
    found: dict[str, Any] = page.evaluate(RUN, TAGS)
    return [f"{each['id']}: {node['html'][:160]}" for each in found["violations"] for node in each["nodes"]]
