"""What kind of file some bytes are, by their first bytes only: names and headers of the origin are never trusted."""

import re

DECODED = frozenset({"jpeg", "png", "gif", "webp", "avif", "bmp", "tiff", "heif", "jpeg2000"})

_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00\x10\x00\x00\x00CR", "cr2"),  # a camera's raw file, which would decode as its thumbnail
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),  # BigTIFF
    (b"MM\x00+", "tiff"),
    (b"8BPS", "psd"),
    (b"\x00\x00\x01\x00", "ico"),
    (b"\x00\x00\x02\x00", "cur"),
    (b"\xff\x0a", "jpeg xl"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jpeg xl"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg2000"),
    (b"\xff\x4f\xff\x51", "jpeg2000"),
    (b"\x76\x2f\x31\x01", "openexr"),
    (b"#?RADIANCE", "radiance"),
    (b"qoif", "qoi"),
    (b"DDS ", "dds"),
    (b"gimp xcf", "xcf"),
    (b"\x0a\x05\x01\x08", "pcx"),
    (b"\xd7\xcd\xc6\x9a", "wmf"),
    (b"%PDF-", "pdf"),
    (b"%!PS", "postscript"),
    (b"IIRO", "orf"),  # cameras' raw files, up to x3f; those that are TIFFs are told in tiff.py
    (b"IIRS", "orf"),
    (b"IIU\x00", "rw2"),
    (b"FUJIFILMCCD-RAW", "raf"),
    (b"II\x1a\x00\x00\x00HEAPCCDR", "crw"),
    (b"FOVb", "x3f"),
)
_OTHERS = (
    (b"PK\x03\x04", "a zip file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"ID3", "a sound file"),
)
_NETPBM = re.compile(rb"P[1-7]\s")
_SVG = re.compile(rb"<(?:[a-z]+:)?svg[\s/>]", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_PROLOGUE = 4096  # bytes; comments and a DOCTYPE may stand before an SVG's root
_SMALLEST_BMP = 26  # bytes; "BM" alone begins many a text
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"miaf"}


def sniff(source: bytes) -> str | None:
    """The lower-case name of an image format, of those in DECODED or another; None for what is not an image."""
    for magic, name in _MAGIC:
        if source.startswith(magic):
            return _unless_text(source, name)
    if source[:4] == b"RIFF" and source[8:12] == b"WEBP":
        return "webp"
    if source[4:8] == b"ftyp":
        return _by_brands(source)
    if _NETPBM.match(source):
        return "netpbm"
    return _markup(source[:_PROLOGUE])


def other_kind(source: bytes) -> str:
    """What came instead of an image, in words that end "the origin sent …"."""
    text = source[:_PROLOGUE].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "an empty answer"
    if text.startswith((b"{", b"[")):
        return "JSON"
    if text.startswith(b"<"):
        return "a web page" if _HTML.search(text) else "XML"
    for magic, name in _OTHERS:
        if source.startswith(magic):
            return name
    return "something else" if b"\x00" in text or not text.isascii() else "plain text"


def _unless_text(source: bytes, name: str) -> str | None:
    if name == "bmp" and (len(source) < _SMALLEST_BMP or source[15:18] != b"\x00\x00\x00"):
        return None  # a header's own length is far below 256
    return name


def _by_brands(source: bytes) -> str | None:
    """Brands of an ISO base media file (ISO 14496-12, 4.3): the major one, a version, the compatible ones."""
    end = min(int.from_bytes(source[:4], "big"), 256)
    brands = {source[at : at + 4] for at in (8, *range(16, end, 4))}
    if b"crx " in brands:
        return "cr3"
    if brands & _AVIF_BRANDS:
        return "avif"
    return "heif" if brands & _HEIF_BRANDS else None


def _markup(prologue: bytes) -> str | None:
    text = prologue.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"<"):
        return None
    svg, html = _SVG.search(text), _HTML.search(text)
    return "svg" if svg and not (html and html.start() < svg.start()) else None
