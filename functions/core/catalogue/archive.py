"""The names of pictures in a ZIP: what people and file systems understand, and no two alike."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from functions.core.catalogue.plan import PlannedRow, PlanPart
from functions.core.catalogue.products import product_name
from functions.core.csv import Layout
from functions.core.model import Request

ARCHIVE_PICTURES = 50_000  # in one ZIP; to read so many takes a function some minutes
ARCHIVE_BYTES = 20_000_000_000  # of one ZIP, about
MAX_PRODUCT, MAX_STEM = 60, 60  # characters of a name
MAX_PART_BYTES = 115  # of each of the two: most file systems take 255 for both, the number and the ending

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')  # on Windows; "/" and ":" on macOS, too


def pictures_a_part(request: Request) -> int:
    """How many images a part of the ZIP has: fewer than ARCHIVE_PICTURES where they are large in the mean."""
    pictures = request.processed_images - request.failed_images
    mean = request.bytes_out / pictures if pictures > 0 else 0
    return max(1, min(ARCHIVE_PICTURES, int(ARCHIVE_BYTES / mean))) if mean else ARCHIVE_PICTURES


def archive_parts(request: Request) -> int:
    """How many parts the ZIP has."""
    return max(1, -(-request.total_images // pictures_a_part(request)))


def archive_names(part: PlanPart, layout: Layout) -> dict[int, str]:
    """By n, `000012 Oak table - front` for each picture that occurs first in this part, after its first product.

    The number makes each name unique.
    """
    names: dict[int, str] = {}
    for row in part.rows:
        for n, url in _images(row):
            if n >= part.start.n and n not in names:
                names[n] = f"{n + 1:06} {_joined(product_name(layout, row.cells), url)}"
    return names


def archive_path(name: str, key: str) -> str:
    """Where the picture is in the ZIP: its name, with the extension of its object key."""
    return f"pictures/{name}.{key.rpartition('.')[2]}"


def _images(row: PlannedRow) -> Iterator[tuple[int, str]]:
    return ((image.n, image.url) for column in row.images for image in column)


def _joined(product: str, url: str) -> str:
    original = unquote(url.partition("?")[0].rstrip("/").rpartition("/")[2]).rpartition(".")[0]
    named = [safe_part(product, MAX_PRODUCT), safe_part(original, MAX_STEM)]
    return " - ".join(filter(None, named)) or "picture"


def safe_part(text: str, length: int) -> str:
    """A part of a file name that Windows and macOS take: no path, no control character, no dot or blank at its ends."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(character if character.isprintable() else " " for character in _FORBIDDEN.sub(" ", text))
    cut = " ".join(text.split())[:length].encode()[:MAX_PART_BYTES]
    return cut.decode(errors="ignore").strip(". ")
