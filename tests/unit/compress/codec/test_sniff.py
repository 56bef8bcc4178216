import pytest

from functions.compress.codec.formats.sniff import DECODED, sniff
from tests.images import SMALL, encoded, kind_of, photo


@pytest.mark.parametrize("name", SMALL)
def test_every_supported_format_is_told_by_its_first_bytes(name: str) -> None:
    assert sniff(SMALL[name]()[:512]) == kind_of(name)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"8BPS\x00\x01", "psd"),
        (b"\x00\x00\x01\x00\x01\x00", "ico"),
        (b"\x00\x00\x02\x00\x01\x00", "cur"),
        (b"\xff\x0a\x00", "jpeg xl"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jpeg xl"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "cr2"),
        (b"%PDF-1.7", "pdf"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "postscript"),
        (b"FUJIFILMCCD-RAW 0201", "raf"),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "cr3"),
        (b"P6\n4 4\n255\n", "netpbm"),
        (b'\xef\xbb\xbf <?xml version="1.0"?><!-- a logo --><svg xmlns="x">', "svg"),
        (b"<svg>", "svg"),
    ],
)
def test_an_image_of_another_kind_is_recognised_and_not_decoded(start: bytes, name: str) -> None:
    assert sniff(start) == name
    assert name not in DECODED


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"\xff",
        b"not found",
        b"BM is how this text begins, and it goes on for a while",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"<!DOCTYPE html><html><body><svg></svg>",
        b"<html><head></head>",
        b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>',
        b'{"error": "not found"}',
        b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42",
        b"\x1f\x8b\x08\x00",
    ],
)
def test_what_is_no_image_has_no_name(start: bytes) -> None:
    assert sniff(start) is None


def test_a_heif_container_with_an_avif_inside_is_avif() -> None:
    assert sniff(b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf") == "avif"


def test_a_heif_container_with_anything_else_inside_is_heif() -> None:
    assert sniff(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic") == "heif"


def test_the_name_of_a_file_counts_for_nothing() -> None:
    assert sniff(encoded(photo(8, 8), "PNG")) == "png"
