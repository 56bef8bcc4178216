"""Which column is what, by its header."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.core.csv.errors import CsvCode, clipped, refusal
from functions.core.options import CsvOptions

# By priority. Spreadsheets as the replaced services took them, then what shops and marketplaces export.
SERIAL_NAMES = ("S. No.", "S No", "Serial Number", "SerialNumber", "Serial", "No")
PRODUCT_NAMES = (
    "Product Name", "Name", "Title", "item_name", "Name *", "SKU", "item_sku", "Handle", "URL handle",
)  # fmt: skip
URL_NAMES = (
    "Input Image Urls", "Image URLs", "image_url", "Images", "Image Src", "Product image URL", "Variant Image",
    "Variant image URL",
    "image_link", "additional_image_link",  # Google Merchant Center, and catalogues of Meta
    "base_image", "additional_images",  # Magento, now Adobe Commerce
    "Image URLs (x,y,z...)",  # PrestaShop
    "main_image_url", *(f"other_image_url{n}" for n in range(1, 9)),  # Amazon
    *(f"image{n}" for n in range(1, 21)),  # Etsy, and many a spreadsheet
)  # fmt: skip
# Names that may as well mean a file's name, or a small copy of another column's picture: only where there is no other.
WEAK_URL_NAMES = ("main_image", "image", "photo", "picture", "thumbnail")

MAX_SHOWN = 1_000  # characters of the header in a message

_URL = re.compile(r"\s*https?://", re.IGNORECASE)
_IGNORED = re.compile(r"[\s._\ufeff]")


@dataclass(frozen=True, slots=True)
class Columns:
    """Indexes of the columns that matter. `names` is by priority; `urls` is all of them, from left to right."""

    serial: int | None
    names: tuple[int, ...]
    urls: tuple[int, ...]

    def count(self) -> int:
        """How many columns were recognised."""
        return (self.serial is not None) + len(self.names) + len(self.urls)


def same(name: str) -> str:
    """A header name as it is compared: without case, blanks, dots and underscores."""
    return _IGNORED.sub("", name).casefold()


def known_columns(header: Sequence[str], options: CsvOptions) -> Columns:
    """The columns with known names, or with those that the options give."""
    serials = _indexes(header, SERIAL_NAMES)
    names = _indexes(header, PRODUCT_NAMES if options.name_column is None else [options.name_column])
    urls = _indexes(header, options.url_columns or URL_NAMES)
    if not urls and not options.url_columns:
        urls = _indexes(header, WEAK_URL_NAMES)
    return Columns(serials[0] if serials else None, names, tuple(sorted(urls)))


def is_url(cell: str) -> bool:
    """Whether a cell begins as a URL does."""
    return _URL.match(cell) is not None


def check_columns(
    header: Sequence[str], columns: Columns, options: CsvOptions, line: int, rows: Sequence[Sequence[str]] = ()
) -> None:
    """Raises InvalidCsvError where a column is missing that the options name, or every column with URLs is.

    `rows` are some of those below the header: their cells tell which column may be meant.
    """
    present = ", ".join(header)[:MAX_SHOWN]
    asked = [*options.url_columns, *([] if options.name_column is None else [options.name_column])]
    for name in asked:
        if not _indexes(header, [name]):
            message = f"the options name a column {name!r}; the columns present are: {present}"
            raise refusal(CsvCode.UNKNOWN_COLUMN, message, name, line)
    if columns.urls:
        return
    if any(map(is_url, header)):
        message = "the first row holds a URL; it must be the header, with the names of the columns"
        raise refusal(CsvCode.NO_HEADER, message, present, line)
    known = ", ".join((*URL_NAMES[:12], *WEAK_URL_NAMES))
    message = f"no column is called {known} or the like; {_advice(header, rows)}; the columns present are: {present}"
    raise refusal(CsvCode.MISSING_COLUMNS, message, present, line)


def _advice(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """How to say which column it is: the first one with a name that has URLs in its cells."""
    with_urls = {index for row in rows for index, cell in enumerate(row) if is_url(cell)}
    named = (name.strip() for index, name in enumerate(header) if index in with_urls and name.strip())
    likely = next(named, None)
    advice = "name it with the option url_columns"
    return advice if likely is None else f"{advice}={clipped(likely)}, whose cells are URLs"


def _indexes(header: Sequence[str], names: Iterable[str]) -> tuple[int, ...]:
    """The columns of the first name, then of the second, … ; each once."""
    spellings = [same(cell) for cell in header]
    found = (index for name in map(same, names) for index, cell in enumerate(spellings) if cell == name)
    return tuple(dict.fromkeys(found))
