"""Workbooks that would take a reader's memory or time, or are none: each ends as a code, and the caller stays small."""

import io
import resource
import struct
import time
import zipfile
from collections.abc import Callable

import pytest

from functions.adapters.workbook.sheets import MAX_ENTRIES, MAX_RATIO, MAX_UNPACKED, Workbooks
from functions.core.csv import MAX_SHEET_ROWS, MAX_WORKBOOK_BYTES, CsvCode, InvalidCsvError
from functions.core.options import CsvOptions
from tests.workbooks import products, replaced, xlsx

SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
GOOD = products("https://shop.example/1.jpg")
GRACE = 5.0  # seconds beyond the limit, in which a busy machine ends a process


def with_sheet(xml: bytes) -> bytes:
    return replaced(GOOD, SHEET, HEAD + xml + TAIL)


def far_apart() -> bytes:
    """Two cells, in opposite corners: a reader that keeps the rectangle between them needs a hundred gigabytes."""
    return with_sheet(
        b'<row r="1"><c r="A1" t="str"><v>Images</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )


def bomb() -> bytes:
    """A cell of 400 MB, which packs to 400 kB."""
    return with_sheet(b'<row r="1"><c r="A1" t="str"><v>' + b"x" * 400_000_000 + b"</v></c></row>")


def understated() -> bytes:
    """The same, but the directory says that it is small."""
    content = bytearray(bomb())
    place = content.rindex(SHEET.encode()) - 46
    struct.pack_into("<I", content, place + 24, 1_000)
    return bytes(content)


def entities() -> bytes:
    """The laughs of a billion."""
    names = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    xml = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">' + names + b"]>" + HEAD[21:]
    return replaced(GOOD, SHEET, xml + b'<row r="1"><c r="A1" t="str"><v>&l9;</v></c></row>' + TAIL)


def outside() -> bytes:
    """An entity that would read a file of the machine."""
    xml = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + HEAD[21:]
    return replaced(GOOD, SHEET, xml + b'<row r="1"><c r="A1" t="str"><v>Images &f;</v></c></row>' + TAIL)


def many_entries() -> bytes:
    content = io.BytesIO(GOOD)
    with zipfile.ZipFile(content, "a") as archive:
        for number in range(MAX_ENTRIES + 1):
            archive.writestr(f"x/{number}", b"")
    return content.getvalue()


def many_rows() -> bytes:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(2, MAX_SHEET_ROWS + 2))
    return with_sheet(b'<row r="1"><c r="A1" t="str"><v>Images</v></c></row>' + rows)


def deep() -> bytes:
    return with_sheet(b"<row>" * 100_000)


def cut() -> bytes:
    return GOOD[: len(GOOD) // 2]


def old_office() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 100


def only_a_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return content.getvalue()


def nothing_behind() -> bytes:
    return b"PK\x03\x04" + bytes(100)


def over_the_size() -> bytes:
    return b"PK\x03\x04" + bytes(MAX_WORKBOOK_BYTES)


BAD, LARGE, EMPTY, MISSING = (
    CsvCode.BAD_WORKBOOK,
    CsvCode.WORKBOOK_TOO_LARGE,
    CsvCode.EMPTY_FILE,
    CsvCode.MISSING_COLUMNS,
)
HOSTILE: dict[str, tuple[Callable[[], bytes], set[CsvCode]]] = {
    "cells far apart": (far_apart, {LARGE}),
    "a cell of 400 MB": (bomb, {LARGE}),
    "a cell of 400 MB that is declared small": (understated, {LARGE, BAD}),
    "a billion laughs": (entities, {BAD, EMPTY, MISSING}),
    "a file of the machine": (outside, {BAD, EMPTY, MISSING}),
    "too many entries": (many_entries, {LARGE}),
    "too many rows": (many_rows, {LARGE}),
    "rows in rows": (deep, {BAD, EMPTY}),
    "half a workbook": (cut, {BAD}),
    "an old workbook of garbage": (old_office, {BAD}),
    "a zip of something else": (only_a_zip, {BAD}),
    "nothing behind the first bytes": (nothing_behind, {BAD}),
    "more than the size": (over_the_size, {LARGE}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_workbook_ends_as_its_code_in_time_and_in_little_memory(kind: str) -> None:
    make, codes = HOSTILE[kind]
    content, begun = make(), time.monotonic()
    with pytest.raises(InvalidCsvError) as caught:
        Workbooks(20).sheet(content, CsvOptions())
    assert CsvCode(caught.value.errors[0].code) in codes, caught.value.errors
    assert time.monotonic() - begun < 20 + GRACE
    assert "passwd" not in str(caught.value)
    assert "root:" not in str(caught.value)


def test_a_workbook_that_takes_too_long_is_cut() -> None:
    rows = [("Images",), *(("https://shop.example/1.jpg",) for _ in range(20_000))]
    with pytest.raises(InvalidCsvError, match="could not be read within 0 s"):
        Workbooks(0.05).sheet(xlsx(("Products", rows)), CsvOptions())


def test_the_limits_are_those_of_a_workbook_that_people_have() -> None:
    """200,000 rows with a text and a URL each."""
    rows = [("Name", "Images"), *((f"Product {n}", f"https://shop.example/{n}.jpg") for n in range(MAX_SHEET_ROWS - 1))]
    content = xlsx(("Products", rows))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        largest = max(archive.infolist(), key=lambda entry: entry.file_size)
        assert sum(entry.file_size for entry in archive.infolist()) < MAX_UNPACKED
        assert largest.file_size < MAX_RATIO * largest.compress_size
    assert Workbooks(60).sheet(content, CsvOptions()).content.count(b"\n") == MAX_SHEET_ROWS


def test_the_reader_has_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process is started with: nothing of the environment that a workbook could tell of."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    given: dict[str, object] = {}

    def run(*_arguments: object, **named: object) -> object:
        given.update(named)
        raise InterruptedError

    monkeypatch.setattr("functions.adapters.workbook.sheets.subprocess.run", run)
    with pytest.raises(InterruptedError):
        Workbooks(20).sheet(GOOD, CsvOptions())
    assert set(given["env"]) == {"PYTHONPATH", "LANG"}  # type: ignore[call-overload]  # it is a mapping


def test_reading_a_bomb_costs_the_caller_no_memory() -> None:
    content, before = far_apart(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InvalidCsvError):
        Workbooks(20).sheet(content, CsvOptions())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB


def test_a_reader_that_does_not_work_is_not_taken_for_a_large_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.adapters.workbook.sheets.PROGRAM", "functions.adapters.workbook.none")
    with pytest.raises(RuntimeError, match="does not work"):
        Workbooks(20).sheet(GOOD, CsvOptions())
