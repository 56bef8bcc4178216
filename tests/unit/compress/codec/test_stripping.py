"""What a decoder is given of a file: its markers are found wherever they stand."""

import pytest

from functions.compress.codec.formats.stripping import MAX_SCANS, stripped
from tests.images import encoded, photo

SCAN = b"\xda\x00\x02" + b"\x11\xff\x00" * 3


@pytest.mark.parametrize("fill", [1, 2, 5])
def test_a_scan_counts_however_many_fill_bytes_stand_before_its_marker(fill: int) -> None:
    scans = (b"\xff" * fill + SCAN) * MAX_SCANS
    assert stripped(b"\xff\xd8" + scans, "jpeg")
    with pytest.raises(ValueError, match="scans"):
        stripped(b"\xff\xd8" + scans + b"\xff" * fill + SCAN, "jpeg")


def test_bytes_of_a_scan_are_no_markers() -> None:
    coded = b"\xff\x00" * 1000 + b"\xff\xd3\xff\xff\x00\xff\x01"
    assert stripped(b"\xff\xd8\xff\xda\x00\x02" + coded, "jpeg").endswith(coded)


def test_a_comment_goes_whatever_stands_before_it() -> None:
    source = encoded(photo(), "JPEG")
    comment = b"\xff\xff\xff\xfe\x00\x08secret"
    assert b"secret" not in stripped(source[:2] + comment + source[2:], "jpeg")
