"""The output as a workbook: links that can be clicked, numbers that can be added up, text that is never a formula."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
import pytest

from functions.adapters.workbook.sheets import Workbooks
from functions.adapters.workbook.writer import workbook_blocks
from functions.core.options import CsvOptions

URL = "https://shop.example/1.webp"


def made(*rows: Sequence[str]) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content(rows)))["Products"]


def content(rows: Iterable[Sequence[str]]) -> bytes:
    return b"".join(workbook_blocks(rows))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("7.5", 7.5),
        ("-3", -3),
        ("007", "007"),
        ("7.50", "7.50"),
        ("+7", "+7"),
        ("1e5", "1e5"),
        ("4006381333931", 4006381333931),
        ("12345678901234567", "12345678901234567"),
        ("=1+1", "=1+1"),
        ("@SUM(A1)", "@SUM(A1)"),
        ("Oak <Table> & Ü", "Oak <Table> & Ü"),
        ("", None),
        ("x" * 40_000, "x" * 32_767),
    ],
)
def test_a_cell_is_a_number_only_where_it_would_be_shown_as_it_is_written(text: str, value: object) -> None:
    cell = made(("Name",), (text,))["A2"] if text else made(("Name", "b"), ("", "x"))["A2"]
    assert cell.value == value
    assert cell.data_type != "f"


def test_a_cell_of_one_url_is_a_link_and_one_of_several_is_text() -> None:
    sheet = made(("Image Urls",), (URL,), (f"{URL},{URL}",))
    assert sheet["A2"].hyperlink.target == URL
    assert (sheet["A3"].hyperlink, sheet["A3"].value) == (None, f"{URL},{URL}")


def test_a_url_beyond_what_excel_takes_as_a_link_is_text() -> None:
    long = f"{URL}?{'x' * 2_100}"
    sheet = made(("Image Urls",), (long,))
    assert (sheet["A2"].hyperlink, sheet["A2"].value) == (None, long)


def test_the_header_stays_in_view() -> None:
    sheet = made(("Name", "Image Urls"), ("x", URL))
    assert (sheet.freeze_panes, sheet["A1"].font.bold) == ("A2", True)


def test_the_same_rows_give_the_same_bytes() -> None:
    rows = [("Name", "Images"), ("x", URL)]
    assert content(rows) == content(rows)


def test_what_is_written_is_read_again() -> None:
    sheet = Workbooks(60).sheet(content([("Name", "Images"), ("Two\nlines", URL)]), CsvOptions())
    assert sheet.content.decode("utf-8-sig") == f'Name,Images\n"Two\nlines",{URL}\n'
