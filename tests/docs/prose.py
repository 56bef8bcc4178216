"""What makes a page hard to read, counted: `python -m tests.docs.prose` prints the figures of every page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
MOST_WORDS = 40  # of a sentence
MEDIAN_WORDS = 24  # of a page's sentences, at the most
MOST_IN_A_CELL = 20  # words of a table's cell
A_SENTENCE = 3  # words; a shorter piece is a label
FIRST_SAYS = "you can"  # somewhere in the first paragraph of a page

# Words that can be left out: the sentence says the same without them.
EMPTY = (
    "actually",
    "basically",
    "best-in-class",
    "blazing",
    "cutting-edge",
    "easily",
    "effortlessly",
    "in order to",
    "it should be noted",
    "leverage",
    "needless to say",
    "note that",
    "obviously",
    "of course",
    "please note",
    "powerful",
    "quite",
    "really",
    "robust",
    "seamless",
    "seamlessly",
    "simply",
    "state-of-the-art",
    "utilize",
    "very",
)

_FENCE = re.compile(r"^ *(```+|~~~+)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LIST_ITEM = re.compile(r"^ *(?:[-*+]|\d+\.) +")
_RULE = re.compile(r"^\|[\s:|-]+$")
_CELLS = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_URL = re.compile(r"<?https?://[^\s>)]+>?")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])[)\"”]*\s+(?=[\"“(]*[A-Z0-9])")
_WORD = re.compile(r"[^\W_][^\s]*")


@dataclass
class Page:
    """The prose of a Markdown file: its blocks (paragraphs and list items), and the cells of its tables."""

    blocks: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)

    @cached_property
    def sentences(self) -> list[str]:
        found = (sentence for block in self.blocks for sentence in _SENTENCE_ENDS.split(block))
        return [sentence for sentence in found if words(sentence) >= A_SENTENCE]

    @property
    def median_words(self) -> float:
        return median(map(words, self.sentences)) if self.sentences else 0

    @property
    def most_words(self) -> int:
        return max(map(words, self.sentences), default=0)

    @property
    def most_in_a_cell(self) -> int:
        return max(map(words, self.cells), default=0)

    @property
    def first(self) -> str:
        """The first paragraph."""
        return self.blocks[0] if self.blocks else ""


def words(text: str) -> int:
    """How many there are. Code and a URL count as one word each."""
    return len(_WORD.findall(text))


def parsed(markdown: str) -> Page:
    """The prose, without code, headings, pictures and the addresses of links."""
    page = Page()
    paragraph: list[str] = []

    def close() -> None:
        if text := plain(" ".join(paragraph)):
            page.blocks.append(text)
        paragraph.clear()

    for line in _without_fences(_COMMENT.sub("", markdown)):
        if not line.strip() or line.startswith("#"):
            close()
        elif line.startswith("|"):
            close()
            page.cells += [] if _RULE.match(line) else [plain(cell) for cell in _cells(line)]
        else:
            if _LIST_ITEM.match(line):
                close()
            paragraph.append(_LIST_ITEM.sub("", line).strip().removeprefix("> "))
    close()
    return page


def plain(text: str) -> str:
    """Of a piece of Markdown, the words that are read."""
    text = _CODE.sub("CODE", _IMAGE.sub("", text))
    text = _URL.sub("URL", _LINK.sub(r"\1", text))
    return re.sub(r"\*+|(?<!\w)_|_(?!\w)", "", text).strip()


def findings(page: Page) -> Iterator[str]:
    """Everything that is to be mended, each in a line."""
    if FIRST_SAYS not in page.first.lower():
        yield f"the first paragraph does not say what {FIRST_SAYS} do after this page: {page.first[:80]!r}"
    if page.median_words > MEDIAN_WORDS:
        yield f"the median sentence has {page.median_words} words, not {MEDIAN_WORDS} at the most"
    for sentence in page.sentences:
        if words(sentence) > MOST_WORDS:
            yield f"a sentence of {words(sentence)} words: {sentence[:80]!r}"
    for cell in page.cells:
        if words(cell) > MOST_IN_A_CELL:
            yield f"a cell of {words(cell)} words: {cell[:80]!r}"
    for text in (*page.blocks, *page.cells):
        yield from (f"{word!r} says nothing: {text[:80]!r}" for word in EMPTY if _has(text, word))


def pages() -> dict[str, Path]:
    """The pages that people read, by their paths in the repository."""
    top = [ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md") if (ROOT / name).exists()]
    return {str(path.relative_to(ROOT)): path for path in [*top, *sorted((ROOT / "docs").rglob("*.md"))]}


def _without_fences(markdown: str) -> Iterator[str]:
    """The lines that are not in a block of code; a blank line stands for each block."""
    fence = ""
    for line in markdown.splitlines():
        found = _FENCE.match(line)
        if not fence and found:
            fence = found[1]
            yield ""
        elif fence:
            fence = "" if line.strip() == fence else fence
        else:
            yield line


def _cells(row: str) -> list[str]:
    guarded = _CODE.sub(lambda code: code[0].replace("|", "\\|"), row.strip().strip("|"))
    return [cell.strip() for cell in _CELLS.split(guarded)]


def _has(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text, re.IGNORECASE) is not None


def main() -> None:
    """Print a line for each page."""
    print(f"{'page':44}{'sentences':>10}{'median':>8}{'longest':>8}{'cell':>6}{'findings':>10}")
    for name, path in pages().items():
        page = parsed(path.read_text())
        figures = (len(page.sentences), page.median_words, page.most_words, page.most_in_a_cell)
        print("{:44}{:10}{:8}{:8}{:6}{:10}".format(name, *figures, len(list(findings(page)))))


if __name__ == "__main__":
    main()
