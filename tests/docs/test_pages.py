"""The pages are easy to read, and what they refer to is there."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.prose import ROOT, findings, pages, parsed

PAGES = pages()
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
FENCES = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"(?:^|[`\s])make ([a-z][a-z0-9-]*)(?=[`\s.,;:)]|$)", re.MULTILINE)
FORM_VALUE = re.compile(r"""-F +("[^"\n]*"|'[^'\n]*'|[^\s`]+)""")
CODE = re.compile(r"`[^`\n]+`")
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"<[a-z ]+>|…")  # `<the port that make run prints>`
MODULE = re.compile(r"python -m ((?:infra|tests)\.[\w.]+)")
DECISIONS = 90  # that were there when each got a heading
SAYS = re.compile(r"- \*\*(What|Why|Instead of|What it costs|What it would take to change)\.\*\* \S")
FILES = re.compile(r"`((?:functions|infra|tests|docs)/[\w./-]*)`")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_easy_to_read(name: str) -> None:
    found = list(findings(parsed(PAGES[name].read_text())))
    assert not found, "\n".join([f"{name}:", *found])


@pytest.mark.parametrize("name", PAGES)
def test_every_link_within_the_repository_leads_somewhere(name: str) -> None:
    missing = [f"{target}#{anchor}" for target, anchor in links(PAGES[name]) if not leads(PAGES[name], target, anchor)]
    assert not missing


@pytest.mark.parametrize("name", PAGES)
def test_no_value_of_curls_form_has_a_semicolon_in_it(name: str) -> None:
    """`curl -F` ends the value there, and leaves the rest out without a word."""
    values = FORM_VALUE.findall(PAGES[name].read_text())
    assert [value for value in values if ";" in value and not re.search(r";(type|filename)=", value)] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_is_named_exists(name: str) -> None:
    named = FILES.findall(PAGES[name].read_text())
    assert [file for file in named if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_make_target_that_is_named_exists(name: str) -> None:
    text = PAGES[name].read_text()
    code = [*FENCES.findall(text), *CODE.findall(FENCES.sub("", text))]
    named = {target for piece in code for target in MAKE.findall(piece)}
    assert named <= make_targets()


@pytest.mark.parametrize("name", PAGES)
def test_every_block_for_a_shell_is_one_and_names_modules_that_exist(name: str) -> None:
    for block in SHELL.findall(PAGES[name].read_text()):
        checked = subprocess.run(
            ["/usr/bin/env", "bash", "-n"],
            input=PLACEHOLDER.sub("x", block),
            text=True,
            capture_output=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stderr
    modules = MODULE.findall(PAGES[name].read_text())
    files = [ROOT / module.replace(".", "/") for module in modules]
    assert all(file.with_suffix(".py").exists() or (file / "__main__.py").exists() for file in files), modules


def test_no_decision_is_lost_and_each_says_what_and_why_on_lines_of_their_own() -> None:
    _, *decisions = (ROOT / "docs" / "decisions.md").read_text().split("\n### ")
    assert len(decisions) >= DECISIONS
    for decision in decisions:
        heading, _, text = decision.partition("\n\n")
        lines = [line for line in text.split("\n") if line and not line.startswith(("  ", "|"))]
        assert lines or "\n|" in text, heading
        assert all(SAYS.match(line) for line in lines), heading


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The file and the anchor of each link to the repository itself."""
    yield from LINK.findall(CODE.sub("", FENCES.sub("", page.read_text())))


def leads(page: Path, target: str, anchor: str) -> bool:
    file = (page.parent / target).resolve() if target else page
    return file.exists() and (not anchor or anchor in anchors(file))


def anchors(page: Path) -> set[str]:
    """Those that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCES.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
