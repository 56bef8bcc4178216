"""A CSV of products: surveyed, then read row by row."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from functions.core.catalogue import products
from functions.core.catalogue.products import (
    MAX_ROW_URLS,
    CsvCode,
    InvalidCsvError,
    Row,
    RowError,
    Source,
    Survey,
    product_name,
    read_rows,
    serial_number,
    survey,
)
from functions.core.csv.errors import MAX_VALUE
from functions.core.options import CsvOptions, Mode


def source_of(content: bytes | str) -> Source:
    content = content if isinstance(content, bytes) else content.encode()
    return lambda offset: [content[offset:]]


def surveyed(content: bytes | str, options: CsvOptions | None = None) -> Survey:
    return survey(source_of(content), options or CsvOptions())


def rows_of(content: bytes | str, options: CsvOptions | None = None) -> list[Row]:
    return list(read_rows(source_of(content), surveyed(content, options).layout))


def errors_of(content: bytes | str, options: CsvOptions | None = None) -> list[tuple[int, str | None, str]]:
    return [(error.line, error.column, error.code) for error in surveyed(content, options).errors]


SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Image Src,Image Position,Variant Image\n"
    'board,The Board,"<p>Fast,\n""light""</p>",Acme,"https://cdn.shopify.com/a,b.jpg?v=1",1,https://cdn.shopify.com/v.jpg\n'
    "board,,,,https://cdn.shopify.com/c.jpg,2,\n"
)


def test_a_shopify_export_is_read() -> None:
    found = surveyed(SHOPIFY)
    rows = rows_of(SHOPIFY)
    assert (found.rows, found.images, found.errors) == (2, 3, ())
    assert [row.urls for row in rows] == [
        (("https://cdn.shopify.com/a,b.jpg?v=1",), ("https://cdn.shopify.com/v.jpg",)),
        (("https://cdn.shopify.com/c.jpg",), ()),
    ]
    assert [product_name(found.layout, row.cells) for row in rows] == ["The Board", "board"]


def test_a_woocommerce_export_is_read() -> None:
    content = (
        "\ufeffID,Type,SKU,Name,Published,Images\r\n"
        '44,variable,WOO-1,V-Neck,1,"https://w.com/1.jpg, https://w.com/2.jpg"\r\n'
        "45,simple,WOO-2,Hoodie,1,\r\n"
    )
    found = surveyed(content)
    assert (found.good_rows, found.images) == (2, 2)
    assert [product_name(found.layout, row.cells) for row in rows_of(content)] == ["V-Neck", "Hoodie"]


def test_two_columns_are_enough() -> None:
    assert rows_of("product_name,image_url\nShirt,http://a.com/1.jpg\n")[0].urls == (("http://a.com/1.jpg",),)


def test_a_row_knows_its_line_its_number_and_where_the_next_one_starts() -> None:
    first, second = rows_of('Name,Images\n\n"a\nb",\n,,\n\nc,\n')
    assert [(row.line, row.number) for row in (first, second)] == [(3, 1), (7, 2)]
    assert (first.end.offset, first.end.line, first.end.row) == (len('Name,Images\n\n"a\nb",\n'), 5, 1)


def test_rows_of_empty_cells_are_skipped() -> None:
    assert [row.cells for row in rows_of('Name,Images\n,\n  , \n""\n\na,\n')] == [("a", "")]


def test_a_row_with_fewer_cells_is_fine() -> None:
    (row,) = rows_of("Name,Price,Images\nShirt\n")
    assert (row.cells, row.urls, row.errors) == (("Shirt",), ((),), ())


def test_empty_cells_beyond_the_header_are_dropped() -> None:
    (row,) = rows_of("Name,Images\nShirt,http://a.com/1,,,\n")
    assert (row.cells, row.errors) == (("Shirt", "http://a.com/1"), ())


def test_a_list_without_quotes_is_too_many_cells() -> None:
    (error,) = surveyed("Name,Images\nShirt,http://a.com/1,http://a.com/2,http://a.com/3\n").errors
    assert (error.line, error.code, error.value) == (2, CsvCode.TOO_MANY_CELLS, "http://a.com/2,http://a.com/3")
    assert "double quotes" in error.message


def test_what_is_no_url_is_an_error_of_its_column() -> None:
    found = surveyed("Name,Image Src,Variant Image\na,n/a,//b.com/1\nb,http://a.com/1,\n")
    assert [(error.line, error.column, error.value) for error in found.errors] == [
        (2, "Image Src", "n/a"),
        (2, "Variant Image", "//b.com/1"),
    ]
    assert (found.rows, found.good_rows, found.images) == (2, 1, 1)


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        (",".join(["http://a.com/1"] * MAX_ROW_URLS), []),
        (",".join(["http://a.com/1"] * (MAX_ROW_URLS + 1)), [CsvCode.TOO_MANY_URLS]),
        (",".join(["http://a.com/" + "ü" * 2_493 + "x"] * 100), []),  # 5,000 bytes each
        (",".join(["http://a.com/" + "ü" * 2_494] * 100), [CsvCode.TOO_MANY_URLS]),
    ],
    ids=["as many", "more", "as long", "longer"],
)
def test_a_row_may_have_so_many_urls_and_so_long(cell: str, codes: list[CsvCode]) -> None:
    half = len(cell) // 2
    first, second = cell[: cell.index(",", half)], cell[cell.index(",", half) + 1 :]
    found = surveyed(f'Name,Image Src,Variant Image\na,"{first}","{second}"\nb,http://b.com/1,\n')
    assert ([error.code for error in found.errors], found.good_rows) == (codes, 2 - len(codes))


def test_an_error_shows_no_more_than_the_start_of_a_long_header() -> None:
    (error,) = surveyed(f"Images,{'x' * 10_000}\nhttp://a.com/1,\x01\n").errors
    assert (error.code, len(error.column or "")) == (CsvCode.CONTROL_CHARACTERS, MAX_VALUE)


def test_a_bad_row_has_no_urls() -> None:
    (row,) = rows_of("Name,Image Src,Variant Image\na,http://a.com/1,n/a\n")
    assert row.urls == ((), ())


def test_a_url_that_occurs_twice_is_one_image() -> None:
    content = 'Name,Images\na,"http://a.com/1,http://a.com/1"\nb,http://a.com/1\n'
    assert surveyed(content).images == 1
    assert rows_of(content)[0].urls == (("http://a.com/1", "http://a.com/1"),)


@pytest.mark.parametrize("char", ["\0", "\x07", "\x0b", "\x1f", "\x7f"])
@pytest.mark.parametrize("cell", ["a{}b", '"a{}b"'])
def test_control_characters_are_an_error(char: str, cell: str) -> None:
    assert errors_of(f"Name,Images\n{cell.format(char)},\nb,\n") == [(2, "Name", CsvCode.CONTROL_CHARACTERS)]


def test_tabs_and_newlines_in_quotes_are_no_error() -> None:
    assert rows_of('Name,Images\n"a\tb\r\nc\rd\n",\n')[0].cells == ("a\tb\r\nc\rd\n", "")


def test_a_carriage_return_outside_quotes_is_a_control_character() -> None:
    assert errors_of("Name,Images\na\rb,\nc,\n") == [(2, None, CsvCode.CONTROL_CHARACTERS)]


def test_a_quote_that_never_closes_is_named_by_the_line_it_opens_on() -> None:
    content = 'Name,Images\na,http://a.com/1\n"b,http://a.com/2\nc,http://a.com/3\n'
    assert errors_of(content) == [(3, None, CsvCode.UNCLOSED_QUOTE)]


def test_the_line_a_quote_opens_on_may_be_within_a_record() -> None:
    assert errors_of('Name,Note,Images\n"a\nb\nc","d\ne\nf,\n') == [(4, None, CsvCode.UNCLOSED_QUOTE)]


def test_a_quote_that_another_row_seems_to_close_is_named_by_the_line_it_opens_on() -> None:
    content = 'Name,Images\na,"http://a.com/1\nb,"http://a.com/2"\nc,"http://a.com/3"\n'
    assert errors_of(content) == [(2, None, CsvCode.UNCLOSED_QUOTE)]
    assert [row.urls for row in rows_of(content)] == [((),), (("http://a.com/2",),), (("http://a.com/3",),)]


def test_rows_below_an_unclosed_quote_are_read() -> None:
    content = 'Name,Images\n"a,http://a.com/1\nb,http://a.com/2\n"c,http://a.com/3\nd,http://a.com/4\n'
    assert [(row.line, row.cells[0], bool(row.errors)) for row in rows_of(content)] == [
        (2, '"a', True),
        (3, "b", False),
        (4, '"c', True),
        (5, "d", False),
    ]


def test_text_after_a_closing_quote_is_an_error_of_its_row_alone() -> None:
    content = 'Name,Images\n"a"b,http://a.com/1\n"c\nd","e"f\ng,http://a.com/2\n'
    assert errors_of(content) == [(2, None, CsvCode.MALFORMED_QUOTE), (4, None, CsvCode.MALFORMED_QUOTE)]
    assert rows_of(content)[-1].urls == (("http://a.com/2",),)


def test_a_malformed_row_keeps_all_its_characters() -> None:
    assert ",".join(rows_of('Name,Images\n"a"b, "c",d"\n')[0].cells) == '"a"b, "c",d"'


def test_a_quote_within_an_unquoted_cell_is_only_a_quote() -> None:
    assert rows_of('Name,Images\n5" nail,\n')[0].cells == ('5" nail', "")


def test_a_cell_of_200_kb_is_fine() -> None:
    assert len(rows_of(f"Name,Images\n{'x' * 200_000},\n")[0].cells[0]) == 200_000


@pytest.mark.parametrize("cell", ["x" * 1_000_001, f'"{"x" * 1_000_001}"'])
def test_a_cell_of_more_than_a_million_characters_is_an_error_of_its_row_alone(cell: str) -> None:
    content = f"Name,Images\n{cell},\nb,\n"
    assert errors_of(content) == [(2, None, CsvCode.CELL_TOO_LARGE)]
    assert rows_of(content)[1].cells == ("b", "")


def test_a_quote_that_takes_a_million_characters_counts_as_unclosed() -> None:
    content = 'Name,Images\n"a,\n' + ("some text" * 100 + ",\n") * 1_200
    assert errors_of(content) == [(2, None, CsvCode.UNCLOSED_QUOTE)]
    assert surveyed(content).rows == 1_201


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("part", ["é,", ", ", 'é"",', "é"])
def test_a_line_longer_than_a_record_may_be_is_an_error_of_its_row_alone(
    part: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.core.csv.lines.MAX_RECORD", 300_000)
    text = f"Name,Images\na,\n{part * 600_000}\nb,\n"
    content, options = text.encode(encoding), CsvOptions(encoding=encoding)
    assert errors_of(content, options) == [(3, None, CsvCode.CELL_TOO_LARGE)]
    rows = rows_of(content, options)
    assert rows[2].cells == ("b", "")
    assert list(read_rows(source_of(content), surveyed(content, options).layout, rows[1].end)) == rows[2:]


def test_a_line_longer_than_a_record_below_an_unclosed_quote_is_still_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.core.csv.lines.MAX_RECORD", 300_000)
    content = f'Name,Images\n"a,\n{"x," * 600_000}\nb,\n'
    assert errors_of(content) == [(2, None, CsvCode.UNCLOSED_QUOTE), (3, None, CsvCode.CELL_TOO_LARGE)]
    rows = rows_of(content)
    assert list(read_rows(source_of(content), surveyed(content).layout, rows[1].end)) == rows[2:]


def test_a_record_of_too_many_lines_counts_as_unclosed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.core.csv.lines.MAX_LINES", 100)
    content = 'Name,Images\n"a\n' + "b\n" * 200 + '",\nc,\n'
    assert errors_of(content)[0] == (2, None, CsvCode.UNCLOSED_QUOTE)
    assert rows_of(content)[1].cells == ("b",)


def test_invalid_utf8_anywhere_is_windows_1252_with_a_warning_that_shows_cells() -> None:
    content = b"Name,Images\nplain,\n" + b"Caf\xe9 \x80 5 \x81,\n"
    found = surveyed(content)
    assert found.layout.encoding == "windows-1252"
    assert "'Café € 5 \\x81'" in found.warnings[0]
    assert rows_of(content)[1].cells == ("Café € 5 \x81", "")


def test_valid_utf8_needs_no_warning() -> None:
    assert surveyed("Name,Images\nCafé,\n").warnings == ()


def test_the_encoding_option_is_not_second_guessed() -> None:
    found = surveyed("Name,Images\nČaj,\n".encode("windows-1250"), CsvOptions(encoding="windows-1250"))
    assert (found.layout.encoding, found.warnings, found.errors) == ("windows-1250", (), ())


def test_bytes_that_are_no_text_in_the_given_encoding_are_an_error_of_their_line() -> None:
    content = b"Name,Images\na,\nCaf\xe9,\n"
    assert errors_of(content, CsvOptions(encoding="utf-8")) == [(3, None, CsvCode.UNDECODABLE)]


def test_utf16_cut_in_the_middle_of_a_character_is_an_error() -> None:
    content = "\ufeffName,Images\na,\nb,x".encode("utf-16-le")[:-1]
    assert errors_of(content) == [(3, None, CsvCode.UNDECODABLE)]


@pytest.mark.parametrize("encoding", ["shift_jis", "euc-jp", "gb18030", "big5", "euc-kr"])
def test_east_asian_encodings_are_read(encoding: str) -> None:
    content = "Name,Images\n中,http://a.com/1\n".encode(encoding)
    assert rows_of(content, CsvOptions(encoding=encoding))[0].cells == ("中", "http://a.com/1")


@pytest.mark.parametrize("content", ["Name,Images", "Name,Images\n", "sep=,\nName,Images\r\n\r\n,\r\n"])
def test_a_header_without_rows_is_refused(content: str) -> None:
    with pytest.raises(InvalidCsvError) as caught:
        surveyed(content)
    assert caught.value.errors[0].code == CsvCode.NO_ROWS


def test_the_first_thousand_errors_are_kept_and_all_are_counted() -> None:
    found = surveyed("Name,Images\n" + "a,b\n" * 1_500)
    assert (len(found.errors), found.errors_total, found.rows) == (1_000, 1_500, 1_500)


def test_images_are_counted_up_to_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "MAX_IMAGES", 3)
    found = surveyed("Name,Images\n" + "".join(f"a,http://a.com/{n % 6}\n" for n in range(12)))
    assert (found.images, found.rows) == (4, 12)
    assert [(error.line, error.code) for error in found.errors] == [(5, CsvCode.TOO_MANY_IMAGES)]


def test_rows_are_read_up_to_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "MAX_ROWS", 3)
    found = surveyed("Name,Images\n" + "".join(f"a,http://a.com/{n}\n" for n in range(12)))
    assert (found.rows, found.is_too_large) == (4, True)
    assert [(error.line, error.code) for error in found.errors] == [(5, CsvCode.TOO_MANY_ROWS)]


def test_as_many_rows_as_a_request_takes_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "MAX_ROWS", 3)
    assert not surveyed("Name,Images\n" + "a,http://a.com/1\n" * 3).is_too_large


@pytest.mark.parametrize(
    ("cell", "serial"),
    [
        ("1.", 1),
        ("7", 7),
        (" 12 ", 12),
        ("-3", -3),
        ("0", 0),
        ("007", "007"),
        ("A-1", "A-1"),
        ("1.5", "1.5"),
        ("", 9),
        ("9" * 30, "9" * 30),
        ("٣", "٣"),
    ],
)
def test_a_serial_is_an_int_where_it_is_one(cell: str, serial: int | str) -> None:
    layout = surveyed("S. No.,Images\n1,\n").layout
    assert serial_number(layout, (cell, ""), 9) == serial


def test_without_a_serial_the_rows_number_serves() -> None:
    layout = surveyed("Name,Images\na,\n").layout
    assert serial_number(layout, ("a",), 9) == 9


def test_a_product_may_have_no_name() -> None:
    assert product_name(surveyed("Images\nhttp://a.com/1\n").layout, ("http://a.com/1",)) == ""


def test_an_errors_value_is_clipped() -> None:
    (error,) = surveyed(f"Name,Images\na,{'x' * 500}\n").errors
    assert (len(error.value), error.value[-1]) == (80, "…")


def test_an_error_survives_json() -> None:
    (error,) = surveyed("Name,Images\na,b\n").errors
    assert RowError.from_json(json.loads(json.dumps(error.to_json()))) == error


def test_a_file_is_opened_only_at_its_start_and_at_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes(SHOPIFY.encode())
    opened = []

    def source(offset: int) -> Iterable[bytes]:
        opened.append(offset)
        return [path.read_bytes()[offset:]]

    found = survey(source, CsvOptions())
    assert opened == [0, found.layout.body.offset]


# --- what people write -----------------------------------------------------------------------------------------------

LENIENT = CsvOptions(mode=Mode.LENIENT)


def test_lenient_a_bad_entry_beside_a_good_one_has_its_place_and_takes_no_row_with_it() -> None:
    text = 'Name,Images\na,"http://a.com/1, n/a, http://a.com/2"\nb,n/a\n'
    found = surveyed(text, LENIENT)
    assert (found.rows, found.good_rows, found.images) == (2, 1, 3)
    assert [(error.line, error.value) for error in found.errors] == [(3, "n/a")]
    (row, _) = read_rows(source_of(text), found.layout, mode=Mode.LENIENT)
    assert row.urls == (("http://a.com/1", "n/a", "http://a.com/2"),)


def test_strict_a_bad_entry_refuses_the_row() -> None:
    found = surveyed('Name,Images\na,"http://a.com/1, n/a"\n')
    assert (found.good_rows, found.errors_total) == (0, 1)


def test_lenient_a_bad_cell_beside_a_good_one_has_its_place() -> None:
    found = surveyed("Name,Image Src,Variant Image\na,http://a.com/1,n/a\n", LENIENT)
    assert (found.good_rows, found.images, found.errors_total) == (1, 2, 0)


def test_what_is_told_of_entries_says_how_many_and_where_the_first_is() -> None:
    text = "Name,Images\na,http://a.com/1\u200b\nb,http://a.com/2\u200b\nc,http://a.com/?a=1&amp;b=2\n"
    found = surveyed(text)
    assert found.warnings == (
        "2 entries of URL columns have invisible characters around them, which are left out; "
        "the first is on line 2: http://a.com/1<U+200B>",
        "1 entry of a URL column has &amp; within, as copied from a web page, which stays; "
        "write & if the origin refuses them; the first is on line 4: http://a.com/?a=1&amp;b=2",
    )
    assert found.images == 3


def test_lenient_a_list_without_quotes_is_joined_where_every_cell_of_it_is_a_url() -> None:
    text = "Name,Images\nShirt,http://a.com/1,http://a.com/2,http://a.com/3\n"
    found = surveyed(text, LENIENT)
    assert (found.good_rows, found.images) == (1, 3)
    (row,) = read_rows(source_of(text), found.layout, mode=Mode.LENIENT)
    assert row.cells == ("Shirt", "http://a.com/1,http://a.com/2,http://a.com/3")


def test_lenient_a_list_without_quotes_is_not_joined_where_something_else_follows() -> None:
    found = surveyed("Name,Images,Price\nShirt,http://a.com/1,http://a.com/2,9\n", LENIENT)
    (error,) = found.errors
    assert error.message.endswith('cells 2 to 3 belong together, so write: Shirt,"http://a.com/1,http://a.com/2",9')


def test_a_row_that_has_too_many_cells_for_another_reason_is_not_told_to_be_joined() -> None:
    (error,) = surveyed("Name,Images\nShirt, blue,http://a.com/1\n").errors
    assert "belong together" not in error.message
