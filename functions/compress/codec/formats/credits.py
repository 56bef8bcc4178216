"""Who made a picture and what may be done with it: read out of any file, written into the files that we make.

It is looked for in EXIF (tags 0x013B and 0x8298), in IPTC (IIM 4.2: 2:80, 2:116) and in an XMP packet, which may stand
anywhere in a file (XMP specification, part 3). It is written as EXIF and as XMP, which IPTC recommends today. Place,
camera and all else stay behind.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as Xml
from xml.sax.saxutils import escape

MAX_CHARACTERS = 1_000  # of each text
_MAX_PACKET_BYTES = 256 * 1024  # longer ones hold a history of edits

_CREATOR_TAG, _NOTICE_TAG = 0x013B, 0x8298
_ASCII = 2
_EXIF = re.compile(rb"(?:\A|Exif\x00\x00|eXIf|EXIF.{4})(II\*\x00|MM\x00\*)", re.DOTALL)  # a TIFF, a JPEG, PNG, WebP
_IPTC, _CREATOR_SET, _NOTICE_SET = b"8BIM\x04\x04", 80, 116
_PACKET, _PACKET_END = b"<x:xmpmeta", b"</x:xmpmeta>"

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
_CC = "{http://creativecommons.org/ns#}"


@dataclass(frozen=True, slots=True)
class Credits:
    """What is kept; "" for what a file does not say. `licence` is a URL or a text."""

    creator: str = ""
    notice: str = ""
    licence: str = ""

    def __bool__(self) -> bool:
        return bool(self.creator or self.notice or self.licence)


def credits_of(source: bytes) -> Credits:
    """Of any file; what is damaged is as if it were not there. XMP counts before IPTC, and that before EXIF."""
    found = [Credits()]
    for read in (_from_xmp, _from_iptc, _from_exif):
        try:
            found.append(read(source))
        except (ValueError, IndexError, struct.error, Xml.ParseError):
            continue
    return Credits(*(next(filter(None, texts), "") for texts in zip(*map(_texts, found), strict=True)))


def _texts(credit: Credits) -> tuple[str, str, str]:
    return credit.creator, credit.notice, credit.licence


def _clean(text: str) -> str:
    return "".join(c for c in text if c.isprintable() or c == " ").strip()[:MAX_CHARACTERS]


# Reading


def _from_exif(source: bytes) -> Credits:
    found = _EXIF.search(source)
    if not found:
        return Credits()
    texts = dict(_exif_texts(source[found.start(1) :]))
    return Credits(_clean(texts.get(_CREATOR_TAG, "")), _clean(texts.get(_NOTICE_TAG, "")))


def _exif_texts(tiff: bytes) -> Iterator[tuple[int, str]]:
    """Tag and text of each entry in the first EXIF directory."""
    order = "<" if tiff.startswith(b"II") else ">"
    (at,) = struct.unpack_from(order + "L", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, at)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHL", tiff, entry)
        if kind == _ASCII and tag in (_CREATOR_TAG, _NOTICE_TAG):
            start = entry + 8 if length <= 4 else struct.unpack_from(order + "L", tiff, entry + 8)[0]  # noqa: PLR2004 - what an entry has room for
            yield tag, _decoded(tiff[start : start + min(length, 4 * MAX_CHARACTERS)]).replace("\x00", " ")


def _from_iptc(source: bytes) -> Credits:
    at = source.find(_IPTC)
    if at < 0:
        return Credits()
    name = 1 + source[at + 6]  # with the count of its letters
    start = at + 6 + name + name % 2
    (length,) = struct.unpack_from(">L", source, start)
    texts: dict[int, list[str]] = {}
    for number, text in _iptc_sets(source[start + 4 : start + 4 + min(length, 65_535)]):
        texts.setdefault(number, []).append(_decoded(text))
    return Credits(_clean("; ".join(texts.get(_CREATOR_SET, []))), _clean("; ".join(texts.get(_NOTICE_SET, []))))


def _iptc_sets(block: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while block[at : at + 2] == b"\x1c\x02":
        number, length = struct.unpack_from(">BH", block, at + 2)
        yield number, block[at + 5 : at + 5 + length]
        at += 5 + length


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _from_xmp(source: bytes) -> Credits:
    start = max(0, source.find(_PACKET))
    end = source.find(_PACKET_END, start, start + _MAX_PACKET_BYTES)
    packet = source[start : end + len(_PACKET_END)]
    if end < 0 or b"<!" in packet:  # no declarations: entities could grow without bound
        return Credits()
    tree = Xml.fromstring(packet)  # noqa: S314 - without declarations there is nothing to expand
    creator = "; ".join(_listed(tree, _DC + "creator"))
    notice = next(iter(_listed(tree, _DC + "rights")), "")
    terms = next(iter(_listed(tree, _RIGHTS + "UsageTerms")), "")
    return Credits(_clean(creator), _clean(notice), _clean(_named(tree, _CC + "license") or _statement(tree) or terms))


def _statement(tree: Xml.Element) -> str:
    return _named(tree, _RIGHTS + "WebStatement")


def _listed(tree: Xml.Element, name: str) -> list[str]:
    return [item.text or "" for held in tree.iter(name) for item in held.iter(_RDF + "li")]


def _named(tree: Xml.Element, name: str) -> str:
    """As an element with a text or a resource, or as an attribute of its description."""
    for element in tree.iter(name):
        return element.get(_RDF + "resource") or element.text or ""
    return next((value for element in tree.iter(_RDF + "Description") if (value := element.get(name))), "")


# Writing


def exif(credit: Credits) -> bytes:
    """A TIFF structure that holds creator and notice, without the name that stands before it in a JPEG."""
    texts = [(_CREATOR_TAG, credit.creator), (_NOTICE_TAG, credit.notice)]
    told = [(tag, text.encode() + b"\x00") for tag, text in texts if text]
    entries, held, at = b"", b"", 8 + 2 + 12 * len(told) + 4
    for tag, text in told:
        padded = text.ljust(5, b"\x00")  # an entry would hold up to four bytes itself
        entries += struct.pack("<HHLL", tag, _ASCII, len(padded), at + len(held))
        held += padded
    return b"II*\x00" + struct.pack("<LH", 8, len(told)) + entries + struct.pack("<L", 0) + held


def xmp(credit: Credits) -> bytes:
    """A packet that holds all of them."""
    creator, notice, licence = map(escape, _texts(credit))
    is_url = licence.startswith(("http://", "https://"))
    parts = [
        f"<dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>" if creator else "",
        f"<dc:rights>{_ONE.format(notice)}</dc:rights>" if notice else "",
        f"<r:WebStatement>{licence}</r:WebStatement>" if is_url else "",
        f"<r:UsageTerms>{_ONE.format(licence)}</r:UsageTerms>" if licence and not is_url else "",
    ]
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:r="http://ns.adobe.com/xap/1.0/rights/">'
        f"{''.join(parts)}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


_ONE = '<rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt>'  # a text in no language


def with_credits(content: bytes, kind: str, size: tuple[int, int], credit: Credits) -> bytes:
    """A JPEG, PNG or WebP with them; other files as they are. EXIF that is there, for an orientation, stays alone."""
    put = _WRITERS.get(kind)
    return put(content, size, credit) if put and credit else content


def _in_jpeg(content: bytes, _size: tuple[int, int], credit: Credits) -> bytes:
    held = [b"http://ns.adobe.com/xap/1.0/\x00" + xmp(credit)]
    if b"\xff\xe1" not in content[:64]:
        held.insert(0, b"Exif\x00\x00" + exif(credit))
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload for payload in held)
    jfif = 4 + struct.unpack_from(">H", content, 4)[0] if content[2:4] == b"\xff\xe0" else 2  # JFIF's must be the first
    return content[:jfif] + segments + content[jfif:]


def _in_png(content: bytes, _size: tuple[int, int], credit: Credits) -> bytes:
    text = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + xmp(credit)
    after_header = 8 + 25
    chunks = _png_chunk(b"iTXt", text)
    if b"eXIf" not in content[: content.find(b"IDAT")]:
        chunks = _png_chunk(b"eXIf", exif(credit)) + chunks
    return content[:after_header] + chunks + content[after_header:]


def _png_chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">L", len(payload)) + name + payload + struct.pack(">L", zlib.crc32(name + payload))


_VP8X_BYTES, _EXIF_FLAG, _XMP_FLAG, _ALPHA_FLAG = 10, 0x08, 0x04, 0x10


def _in_webp(content: bytes, size: tuple[int, int], credit: Credits) -> bytes:
    body = content[12:]
    if body.startswith(b"VP8X"):
        header, rest = bytearray(body[8 : 8 + _VP8X_BYTES]), body[8 + _VP8X_BYTES :]
    else:
        header, rest = bytearray(_VP8X_BYTES), body
        header[4:7], header[7:10] = ((edge - 1).to_bytes(3, "little") for edge in size)
        header[0] = _ALPHA_FLAG if body.startswith(b"VP8L") and body[12] & 0x10 else 0
    if not header[0] & _EXIF_FLAG:
        rest += _riff(b"EXIF", exif(credit))
    header[0] |= _EXIF_FLAG | _XMP_FLAG
    made = _riff(b"VP8X", bytes(header)) + rest + _riff(b"XMP ", xmp(credit))
    return b"RIFF" + struct.pack("<L", len(made) + 4) + b"WEBP" + made


def _riff(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<L", len(payload)) + payload + b"\x00" * (len(payload) % 2)


_WRITERS: dict[str, Callable[[bytes, tuple[int, int], Credits], bytes]] = {
    "jpeg": _in_jpeg,
    "png": _in_png,
    "webp": _in_webp,
}
