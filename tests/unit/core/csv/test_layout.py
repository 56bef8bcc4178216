"""How a CSV is laid out, by its first bytes."""

import json

import pytest

from functions.core.csv.errors import CsvCode, InvalidCsvError
from functions.core.csv.layout import HEAD, Layout, find_layout, head_of
from functions.core.options import CsvOptions


def layout(head: bytes | str, options: CsvOptions | None = None) -> Layout:
    return find_layout(head if isinstance(head, bytes) else head.encode(), options or CsvOptions())


def refused(head: bytes | str, options: CsvOptions | None = None) -> tuple[str, str]:
    with pytest.raises(InvalidCsvError) as caught:
        layout(head, options)
    return caught.value.errors[0].code, caught.value.errors[0].message


@pytest.mark.parametrize("serial", ["S. No.", "S No", "s_no", "SERIAL NUMBER", "SerialNumber", "Serial", "no"])
@pytest.mark.parametrize(
    "urls", ["Input Image Urls", "input_image_urls", "Image URLs", "image_url", "IMAGES", "ImageSrc"]
)
def test_headers_are_known_in_any_spelling(serial: str, urls: str) -> None:
    found = layout(f"{serial},Product.Name,{urls}\n")
    assert (found.serial_column, found.name_column, found.url_columns) == (0, 1, (2,))


def test_of_several_names_the_first_in_the_list_is_taken() -> None:
    found = layout("Handle,Title,No,S. No.,Images\n")
    assert (found.serial_column, found.name_column, found.other_name_columns) == (3, 1, (0,))


def test_all_url_columns_count_also_under_one_name() -> None:
    assert layout("Variant Image,Name,Image Src,Images,Images\n").url_columns == (0, 2, 3, 4)


def test_serial_and_name_may_be_absent() -> None:
    found = layout("image_url\nhttp://a.com/1.jpg\n")
    assert (found.serial_column, found.name_column, found.url_columns) == (None, None, (0,))


def test_options_name_columns_instead_of_the_known_ones() -> None:
    options = CsvOptions(url_columns=("foto", "bild 2"), name_column="Artikel")
    found = layout("Name;Artikel;Foto;Bild_2;Images\n", options)
    assert (found.name_column, found.url_columns, found.other_name_columns) == (1, (2, 3), ())


@pytest.mark.parametrize("options", [CsvOptions(url_columns=("foto",)), CsvOptions(name_column="foto")])
def test_an_option_that_names_no_column_lists_those_that_are_there(options: CsvOptions) -> None:
    code, message = refused("Name,Images\n", options)
    assert code == CsvCode.UNKNOWN_COLUMN
    assert "'foto'" in message
    assert "Name, Images" in message


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        ("Name,Images\n", ","),
        ("Name;Images\n", ";"),
        ("Name\tImages\n", "\t"),
        ('"Name, of it";"Images"\n', ";"),
        ("Images\n", ","),
        ("Name;Images;a,b,c,d\n", ";"),
        ('"a;b;c;d",Images\n', ","),
    ],
)
def test_the_header_shows_the_delimiter(head: str, delimiter: str) -> None:
    assert layout(head).delimiter == delimiter


@pytest.mark.parametrize("line", ["sep=|\r\n", "SEP=|\r\n", '"sep=|"\r\n'])
def test_a_sep_line_is_honoured(line: str) -> None:
    found = layout(f"{line}Name|Images\r\n")
    assert (found.delimiter, found.sep_line, found.body.line) == ("|", True, 3)


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_the_header_shows_the_line_end(newline: str) -> None:
    found = layout(f"Name,Images{newline}x,{newline}")
    assert (found.newline, found.body.offset) == (newline, len("Name,Images") + len(newline))


@pytest.mark.parametrize(
    ("encoding", "bom", "expected"),
    [
        ("utf-8", "", "utf-8"),
        ("utf-8", "\ufeff", "utf-8"),
        ("utf-16-le", "\ufeff", "utf-16-le"),
        ("utf-16-be", "\ufeff", "utf-16-be"),
        ("windows-1252", "", "windows-1252"),
    ],
)
def test_the_encoding_is_known_by_mark_or_by_what_is_no_utf8(encoding: str, bom: str, expected: str) -> None:
    head = (bom + "Größe,Images\r\n").encode(encoding)
    found = layout(head)
    assert (found.encoding, found.bom, found.header, found.body.offset) == (
        expected,
        bool(bom),
        ("Größe", "Images"),
        len(head),
    )


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [
        ("utf-16", "\ufeff"),
        ("utf-16", ""),
        ("utf-16-le", ""),
        ("utf-16-le", "\ufeff"),
        ("utf-16-be", ""),
        ("utf-8", "\ufeff"),
    ],
)
def test_the_option_overrules_the_encoding(encoding: str, bom: str) -> None:
    written = "utf-16-le" if encoding == "utf-16" else encoding
    found = layout((bom + "Größe,Images\n").encode(written), CsvOptions(encoding=encoding))
    assert (found.encoding, found.header) == (written, ("Größe", "Images"))


def test_an_unknown_encoding_is_refused() -> None:
    assert refused("Name,Images\n", CsvOptions(encoding="utf-7"))[0] == CsvCode.UNKNOWN_ENCODING


def test_empty_lines_and_cells_above_the_header_are_skipped() -> None:
    assert layout("\n,,\n  \nName,Images\nx,\n").body.line == 5


def test_a_header_cell_may_have_two_lines() -> None:
    found = layout('"Name\r\nof it",Images\r\n')
    assert (found.header, found.body.line, found.newline) == (("Name\r\nof it", "Images"), 3, "\r\n")


@pytest.mark.parametrize("head", ["", "\n\n", " ,, \r\n", "\ufeff", ";;\n"])
def test_an_empty_file_is_called_empty(head: str) -> None:
    assert refused(head)[0] == CsvCode.EMPTY_FILE


def test_without_a_column_of_urls_the_headers_present_are_listed() -> None:
    code, message = refused("Name;Foto;Preis\nx;y;z\n")
    assert code == CsvCode.MISSING_COLUMNS
    assert message.endswith("Name, Foto, Preis")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_column_whose_cells_are_urls_is_offered_where_none_has_a_known_name(delimiter: str) -> None:
    rows = [["Artikelnr", "Preis", "Bild"], ["1", "5", ""], ["2", "5", "https://shop.example/2.jpg"]]
    head = "".join(f"{delimiter.join(row)}\n" for row in rows).encode()
    with pytest.raises(InvalidCsvError) as caught:
        find_layout(head, CsvOptions())
    assert "option url_columns=Bild, whose cells are URLs" in caught.value.errors[0].message


def test_a_first_row_with_a_url_is_no_header() -> None:
    assert refused("Shirt,http://a.com/1.jpg\n")[0] == CsvCode.NO_HEADER


@pytest.mark.parametrize(
    ("head", "looks_like"),
    [
        (b"PK\x03\x04\x14\x00", "a name that ends in .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"GIF89a", "GIF"),
        (b"%PDF-1.7", "PDF"),
        (b"\n<!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf<html lang=en>", "web page"),
        (b'{"products": []}', "JSON"),
        (b'[\n  {"name": 1}]', "JSON"),
    ],
)
def test_another_kind_of_file_is_told_what_it_looks_like(head: bytes, looks_like: str) -> None:
    code, message = refused(head)
    assert code == CsvCode.NOT_A_CSV
    assert looks_like in message


def test_utf16_without_a_mark_is_control_characters_with_a_hint() -> None:
    code, message = refused("Name,Images\n".encode("utf-16-le"))
    assert code == CsvCode.CONTROL_CHARACTERS
    assert "utf-16-le" in message


@pytest.mark.parametrize("head", ['"Name,Images\nx,y\n', 'Name,"Images\n'])
def test_a_quote_that_the_header_does_not_close_is_named(head: str) -> None:
    assert refused(head)[0] == CsvCode.UNCLOSED_QUOTE


def test_a_header_longer_than_the_head_is_refused() -> None:
    source = [b"Images,"] + [b"another column," * 1000] * 100
    head = head_of(lambda _: source)
    assert len(head) == HEAD
    assert refused(head)[0] == CsvCode.CELL_TOO_LARGE


def test_a_layout_survives_json() -> None:
    found = layout("sep=;\r\nNo;Title;Handle;Images\r\n")
    assert Layout.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize("name", ["main_image", "Image", "photo", "Picture", "thumbnail"])
def test_a_name_that_may_mean_something_else_counts_only_where_there_is_no_other(name: str) -> None:
    assert layout(f"Name,{name}\n").url_columns == (1,)
    assert layout(f"Name,{name},image_link\n").url_columns == (2,)
