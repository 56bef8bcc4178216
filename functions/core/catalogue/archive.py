"""The names of pictures in a ZIP: what people and file systems understand, and no two alike."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from functions.core.catalogue.plan import PlannedRow, PlanPart
from functions.core.catalogue.products import product_name
from functions.core.csv import Layout

ARCHIVE_PICTURES = 50_000  # in one ZIP; to read so many takes a function some minutes
MAX_PRODUCT, MAX_STEM = 60, 60  # characters of a name

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')  # on Windows; "/" and ":" on macOS, too


@dataclass(frozen=True, slots=True)
class ArchiveName:
    """A picture's name before its extension: `00012 Oak table - front`. The number makes it unique."""

    n: int
    stem: str

    def path(self, key: str) -> str:
        """Within the ZIP, with the extension of the picture's object key."""
        extension = key.rpartition("/")[2].rpartition(".")[2]
        return f"pictures/{self.stem}.{extension}"


def archive_names(part: PlanPart, layout: Layout) -> Iterator[ArchiveName]:
    """The names of the pictures that occur first in this part, each after its first product."""
    seen = set()
    for row in part.rows:
        for n, url in _images(row):
            if n >= part.start.n and n not in seen:
                seen.add(n)
                yield ArchiveName(n, f"{n + 1:06} {_joined(product_name(layout, row.cells), url)}")


def _images(row: PlannedRow) -> Iterator[tuple[int, str]]:
    return ((image.n, image.url) for column in row.images for image in column)


def _joined(product: str, url: str) -> str:
    original = url.partition("?")[0].rstrip("/").rpartition("/")[2].rpartition(".")[0]
    named = [safe_part(product, MAX_PRODUCT), safe_part(original, MAX_STEM)]
    return " - ".join(filter(None, named)) or "picture"


def safe_part(text: str, length: int) -> str:
    """A part of a file name that Windows and macOS take: no path, no control character, no dot or blank at its ends."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(character if character.isprintable() else " " for character in _FORBIDDEN.sub(" ", text))
    return " ".join(text.split())[:length].strip(". ")
