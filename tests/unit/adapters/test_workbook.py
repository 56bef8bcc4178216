"""A sheet of a workbook is read as people see it: its rows, its numbers, its header."""

import csv
import io
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest

from functions.adapters.workbook.sheets import Workbooks
from functions.core.catalogue import read_rows, survey_sheet
from functions.core.csv import CsvCode, InvalidCsvError, Sheet
from functions.core.options import CsvOptions
from tests.workbooks import HEADER, products, replaced, saved, xlsx

URL = "https://shop.example/1.jpg"


def read(content: bytes, **options: Any) -> Sheet:
    return Workbooks(60).sheet(content, CsvOptions(**options))


def rows_of(sheet: Sheet) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))


def refused(content: bytes, **options: Any) -> tuple[str, str]:
    with pytest.raises(InvalidCsvError) as caught:
        survey_sheet(read(content, **options), CsvOptions(**options))
    return caught.value.errors[0].code, caught.value.errors[0].message


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (0.1 + 0.2, "0.3"),
        (4006381333931, "4006381333931"),
        (12345678901234567, "12345678901234570"),  # as Excel has it: fifteen digits
        (-3, "-3"),
        (True, "TRUE"),
        (datetime(2026, 11, 29), "2026-11-29"),
        (datetime(2026, 11, 29, 10, 30), "2026-11-29 10:30:00"),
        (date(2026, 11, 29), "2026-11-29"),
        (time(10, 30), "10:30:00"),
        ("007", "007"),
        (" x ", " x "),
        ("a,b", "a,b"),
        ("=1+1", ""),  # a formula that nobody has calculated has no value yet
        (None, ""),
    ],
)
def test_a_cell_is_written_as_people_see_it(cell: object, text: str) -> None:
    sheet = read(xlsx(("Products", [("Name", "Value", "Images"), ("x", cell, URL)])))
    assert rows_of(sheet)[1][1] == text


def test_a_line_of_the_csv_is_a_row_of_the_sheet_also_below_cells_of_several_lines() -> None:
    rows = [HEADER, (1, "Two\nlines", URL), (None, None, None), (3, "x", "no url"), (4, "three\r\nmore\nlines", URL)]
    sheet = read(xlsx(("Products", rows)))
    found = survey_sheet(sheet, CsvOptions())
    assert [(error.line, error.message.partition(":")[0]) for error in found.errors] == [(4, "sheet 'Products', row 4")]
    lines = [row.line for row in read_rows(lambda offset: [sheet.content[offset:]], found.layout)]
    assert lines == [2, 4, 5]


def test_a_cell_of_several_lines_keeps_them() -> None:
    sheet = read(xlsx(("Products", [HEADER, (1, "Two\nlines", URL)])))
    assert rows_of(sheet)[1][1] == "Two\nlines"


def test_the_first_sheet_with_a_column_of_urls_is_read() -> None:
    sheet = read(xlsx(("Notes", [("What", "to do")]), ("Photos", [("Name", "Images"), ("x", URL)]), ("More", [HEADER])))
    assert (sheet.name, sheet.header_row) == ("Photos", 1)
    assert survey_sheet(sheet, CsvOptions()).warnings == ("the sheet 'Photos' was read, with row 1 as its header",)


@pytest.mark.parametrize("wanted", ["More", "more", "2"])
def test_a_sheet_is_chosen_by_its_name_or_its_number(wanted: str) -> None:
    content = xlsx(("Photos", [("Images",), (URL,)]), ("More", [("Images",), (URL,), (URL,)]))
    assert read(content, sheet=wanted).name == "More"


def test_a_sheet_that_is_not_there_is_named_with_those_that_are() -> None:
    code, message = refused(xlsx(("Photos", [HEADER]), ("More", [HEADER])), sheet="Picures")
    assert (code, message) == (
        CsvCode.UNKNOWN_SHEET,
        "there is no sheet 'Picures'; the sheets are: 'Photos', 'More'",
    )


def test_titles_above_the_header_are_left_out_and_rows_keep_their_numbers() -> None:
    rows = [("Catalogue of autumn",), (), ("Made", "29 November"), HEADER, (1, "x", URL), (2, "y", "no url")]
    sheet = read(xlsx(("Products", rows)))
    found = survey_sheet(sheet, CsvOptions())
    assert (sheet.header_row, found.rows, found.errors[0].line) == (4, 2, 6)


def test_a_merged_title_is_one_cell() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(xlsx(("Products", [("Catalogue",), HEADER, (1, "x", URL)]))))
    workbook["Products"].merge_cells("A1:C1")
    assert read(saved(workbook)).header_row == 2


def test_a_row_as_wide_as_the_header_is_no_title_so_that_the_error_says_what_was_taken_for_the_header() -> None:
    rows = [("Number", "What", "Picture of it"), (1, "x", URL), HEADER, (1, "x", URL)]
    code, message = refused(xlsx(("Products", rows)))
    assert code == CsvCode.MISSING_COLUMNS
    assert message.startswith("sheet 'Products', row 1: ")
    assert message.endswith("the columns present are: Number, What, Picture of it")


def test_where_no_column_is_known_the_row_above_the_urls_is_the_header_and_the_error_names_their_column() -> None:
    rows = [("Produktliste Herbst",), (), ("Artikelnr", "Preis", "Bild"), ("1", "19,99", "fehlt"), ("2", "5", URL)]
    code, message = refused(xlsx(("Produkte", rows)))
    assert code == CsvCode.MISSING_COLUMNS
    assert message.startswith("sheet 'Produkte', row 3: ")
    assert "name it with the option url_columns=Bild, whose cells are URLs" in message
    assert message.endswith("the columns present are: Artikelnr, Preis, Bild")
    assert read(xlsx(("Produkte", rows)), url_columns=("Bild",)).header_row == 3


def test_columns_that_the_options_name_are_looked_for() -> None:
    sheet = read(xlsx(("A", [("Foto",), ("x",)]), ("B", [("Titel",), ("Foto", "x"), (URL,)])), url_columns=("Foto",))
    assert (sheet.name, sheet.header_row) == ("A", 1)


def test_hidden_rows_count() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(products(URL, URL, URL)))
    workbook["Products"].row_dimensions[3].hidden = True
    assert survey_sheet(read(saved(workbook)), CsvOptions()).rows == 3


def test_a_formula_has_the_value_that_was_saved_with_it() -> None:
    """openpyxl saves none; so the sheet's XML has one put in."""
    content = xlsx(("Products", [("Name", "Images"), ("x", "=A1")]))
    sheet = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="str"><v>Name</v></c><c r="B1" t="str"><v>Images</v></c></row>'
        b'<row r="2"><c r="B2" t="str"><f>CONCATENATE("https://shop.example/","1.jpg")</f>'
        b"<v>https://shop.example/1.jpg</v></c></row></sheetData></worksheet>"
    )
    assert rows_of(read(replaced(content, "xl/worksheets/sheet1.xml", sheet)))[1] == ["", URL]


def test_an_empty_workbook_is_told_so() -> None:
    assert refused(xlsx(("Products", [])))[0] == CsvCode.EMPTY_FILE


def test_the_same_workbook_gives_the_same_bytes() -> None:
    content = products(URL, URL)
    assert read(content) == read(content)
