"""What a file is by its first bytes: another kind of file altogether, or text in which encoding."""

import codecs
import re

from functions.core.csv.errors import CsvCode, refusal
from functions.core.options import ENCODINGS

_MAGIC = (
    (b"PK\x03\x04", "an Excel workbook (.xlsx) or another zip file; send it under a name that ends in .xlsx"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook; send it under a name that ends in .xls"),
    (b"\x1f\x8b", "a gzip file; unpack it"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a WebP image or another RIFF file"),
    (b"%PDF-", "a PDF document"),
)
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|\?xml|!--|rss|svg|table)", re.IGNORECASE)
_JSON = re.compile(rb"""\{\s*(?:"[^"]*"\s*:|\})|\[\s*[\[{\]]""")

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def refuse_other_kinds(head: bytes) -> None:
    """Raises InvalidCsvError, saying what it looks like, for a file that is no CSV at all."""
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    looks = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if _MARKUP.match(text):
        looks = "a web page or XML (an error page, or a page that needs a login?)"
    elif _JSON.match(text):
        looks = "JSON"
    if looks:
        raise refusal(CsvCode.NOT_A_CSV, f"this is not a CSV: it looks like {looks}")


def encoding_of(head: bytes, asked: str | None) -> tuple[str, int]:
    """The encoding to read the file in, and the length of its byte order mark.

    UTF-8 where nothing says otherwise. Raises InvalidCsvError for an encoding that is not among the accepted.
    """
    bom, marked = next(((bom, name) for bom, name in _BOMS if head.startswith(bom)), (b"", "utf-8"))
    if asked is None:
        return marked, len(bom)
    if asked not in ENCODINGS:
        message = f"the encoding {asked!r} is not known; known are {', '.join(ENCODINGS)}"
        raise refusal(CsvCode.UNKNOWN_ENCODING, message, asked)
    if asked == "utf-16":
        return (marked if marked != "utf-8" else "utf-16-le"), (len(bom) if marked != "utf-8" else 0)
    has_own_bom = marked.startswith("utf-16") == asked.startswith("utf-16")
    return asked, len(bom) if has_own_bom else 0
