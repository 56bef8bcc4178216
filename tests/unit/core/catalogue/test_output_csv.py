"""The output CSV."""

import csv
import io

import pytest

from functions.core.catalogue.output import CHUNK, OutputRow, write_csv
from functions.core.catalogue.products import Row, Source, read_rows, survey
from functions.core.options import CsvOptions, Options, Output, parse_options

REPLACE = CsvOptions(output=Output.REPLACE)


def source_of(content: bytes | str) -> Source:
    content = content if isinstance(content, bytes) else content.encode()
    return lambda offset: [content[offset:]]


def made(url: str) -> str | None:
    return None if "fail" in url else f"https://out/{url.rsplit('/', 1)[-1]}.webp"


def written_bytes(content: bytes | str, options: CsvOptions | None = None) -> bytes:
    """What comes out when every URL without `fail` in it got an output."""
    options = options or CsvOptions()
    found = survey(source_of(content), options)
    rows = [
        OutputRow(
            cells=row.cells,
            outputs=tuple(tuple(made(url) for url in urls) for urls in row.urls),
            urls=row.urls,
            errors=tuple(f"{error.code}!" for error in row.errors),
        )
        for row in read_rows(source_of(content), found.layout)
    ]
    return b"".join(write_csv(found.layout, Options(csv=options), rows, found.errors_total > 0))


def written(content: bytes | str, options: CsvOptions | None = None) -> str:
    return written_bytes(content, options).decode()


def test_a_column_with_the_outputs_is_appended() -> None:
    assert written('Name,Images\na,"http://a.com/1, http://a.com/2"\nb,\n') == (
        'Name,Images,Output Image Urls\na,"http://a.com/1, http://a.com/2","https://out/1.webp,https://out/2.webp"\nb,,\n'
    )


def test_outputs_are_told_apart_by_position_over_all_url_columns() -> None:
    content = 'Image Src,Variant Image\n"http://a.com/fail http://a.com/1","http://a.com/2 http://a.com/fail"\n'
    cell = list(csv.reader(io.StringIO(written(content))))[1][2]
    assert cell.split(",") == ["", "https://out/1.webp", "https://out/2.webp", ""]


def test_a_comma_in_an_output_url_does_not_separate() -> None:
    assert written("Images\nhttp://a.com/1,2\n".replace("http", '"http', 1).replace("2\n", '2"\n')).endswith(
        ",https://out/1%2C2.webp\n"
    )


def test_an_output_column_that_is_there_is_overwritten_in_place() -> None:
    assert written("output image urls,Images\nold,http://a.com/1\nold,\n") == (
        "output image urls,Images\nhttps://out/1.webp,http://a.com/1\n,\n"
    )


def test_errors_of_an_earlier_run_do_not_stay() -> None:
    assert written("Images,Output Image Urls,Errors\nhttp://a.com/1,,old\n") == (
        "Images,Output Image Urls,Errors\nhttp://a.com/1,https://out/1.webp,\n"
    )


def test_a_users_own_errors_column_stays_where_there_are_none_to_write() -> None:
    assert written("Images,Errors\n,mine\n") == "Images,Errors,Output Image Urls\n,mine,\n"


def test_a_bad_row_keeps_its_cells_and_gets_its_errors() -> None:
    assert written("Name,Images\na,n/a\nb,http://a.com/1\n") == (
        "Name,Images,Output Image Urls,Errors\na,n/a,,not_a_url!\nb,http://a.com/1,https://out/1.webp,\n"
    )


def test_cells_too_many_are_kept_with_the_errors() -> None:
    extra = ",".join(f"http://a.com/{number}" for number in range(100))
    table = list(csv.reader(io.StringIO(written(f"Name,Images\na,{extra}\n"))))
    assert table[1][:3] == ["a", "http://a.com/0", ""]
    assert table[1][3] == f"too_many_cells!; cells too many: {extra.removeprefix('http://a.com/0,')}"


def test_a_short_row_is_padded_so_that_the_new_column_is_below_its_header() -> None:
    assert written("Images,Name,Price\nhttp://a.com/1\n").splitlines()[1] == "http://a.com/1,,,https://out/1.webp"


def test_delimiter_line_ends_and_sep_line_stay() -> None:
    assert written("sep=;\r\nName;Images\r\na;http://a.com/1\r\n") == (
        "sep=;\r\nName;Images;Output Image Urls\r\na;http://a.com/1;https://out/1.webp\r\n"
    )


def test_quoted_line_ends_of_any_kind_stay() -> None:
    content = 'Name,Images\n"a\rb\r\nc\nd",\n'
    assert list(csv.reader(io.StringIO(written(content), newline="")))[1] == ["a\rb\r\nc\nd", "", ""]


@pytest.mark.parametrize(
    ("content", "start"),
    [
        ("Größe,Images\na,\n".encode(), b"Gr\xc3\xb6"),
        ("\ufeffGröße,Images\na,\n".encode(), b"\xef\xbb\xbfGr\xc3\xb6"),
        ("Größe,Images\na,\n".encode("windows-1252"), b"\xef\xbb\xbfGr\xc3\xb6"),
        ("\ufeffGröße,Images\na,\n".encode("utf-16-be"), b"\xef\xbb\xbfGr\xc3\xb6"),
    ],
)
def test_the_output_is_utf8_with_a_mark_unless_the_input_was_without(content: bytes, start: bytes) -> None:
    assert written_bytes(content).startswith(start)


def test_replace_puts_outputs_where_urls_were_and_keeps_those_that_failed() -> None:
    content = 'Handle,Image Src\na,"http://a.com/1 | http://a.com/fail;http://a.com/3"\nb,http://a.com/fail\nc,\n'
    assert written(content, REPLACE) == (
        "Handle,Image Src\na,https://out/1.webp | http://a.com/fail;https://out/3.webp\nb,http://a.com/fail\nc,\n"
    )


@pytest.mark.parametrize(
    "content",
    ["Name,Images\na,n/a\n", "Name,Images\na,http://a.com/fail,b,c\n", "Images,Output Image Urls,Errors\nn/a,x,mine\n"],
    ids=["not a URL", "cells too many", "columns of an earlier run"],
)
def test_replace_leaves_bad_rows_and_the_columns_alone(content: str) -> None:
    assert written(content, REPLACE) == content


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_we_write_is_never_a_formula(start: str) -> None:
    found = survey(source_of("Images\nhttp://a.com/1\n"), CsvOptions())
    row = OutputRow(("http://a.com/1",), ((f"{start}cmd()",),), (("http://a.com/1",),), (f"{start}HYPERLINK()",))
    text = b"".join(write_csv(found.layout, Options(), [row], True)).decode()
    assert list(csv.reader(io.StringIO(text, newline="")))[1][1:] == [f"'{start}cmd()", f"'{start}HYPERLINK()"]


def test_cells_of_the_input_are_left_as_they_are() -> None:
    assert written("Name,Images\n=1+1,\n").splitlines()[1] == "=1+1,,"


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("+49 30 1", "'+49 30 1"),
        ("-x", "'-x"),
        ("-5", "-5"),
        ("+1.5e3", "+1.5e3"),
        ("-1.234,50", "-1.234,50"),
        ("plain", "plain"),
        ("-", "'-"),
        ("-2+3", "'-2+3"),
    ],
)
def test_formula_safe_neutralises_all_text_but_no_numbers(cell: str, safe: str) -> None:
    text = written(f"Name;Images\n{cell};\n", CsvOptions(formula_safe=True))
    assert text.splitlines()[1] == f"{safe};;"


def test_formula_safe_includes_the_header() -> None:
    assert written("=cmd(),Images\na,\n", CsvOptions(formula_safe=True)).startswith("'=cmd(),Images")


def test_it_is_written_in_chunks() -> None:
    found = survey(source_of("Name,Images\na,\n"), CsvOptions())
    chunks = list(
        write_csv(found.layout, Options(), (OutputRow(("a" * 1000, ""), ((),), ((),)) for _ in range(200)), False)
    )
    assert len(chunks) > 2
    assert all(CHUNK <= len(chunk) < 2 * CHUNK for chunk in chunks[:-1])


# --- renditions ------------------------------------------------------------------------------------------------------

SHOP = {"renditions": "thumb=320x; zoom=2000x"}


def with_renditions(text: str, **options: str) -> list[list[str]]:
    """The output where each URL has a thumb and a zoom, but for those that end in `none`."""
    asked = parse_options(SHOP | options)
    found = survey(source_of(text), asked.csv)

    def outputs(row: Row, name: str) -> tuple[tuple[str | None, ...], ...]:
        return tuple(tuple(None if url.endswith("none") else f"{url}-{name}" for url in column) for column in row.urls)

    rows = [
        OutputRow(
            row.cells,
            outputs(row, asked.image.primary_name or ""),
            row.urls,
            renditions={each.name: outputs(row, each.name) for each in asked.image.made()},
        )
        for row in read_rows(source_of(text), found.layout)
    ]
    return list(csv.reader(io.StringIO(b"".join(write_csv(found.layout, asked, rows, False)).decode(), newline="")))


def test_each_rendition_has_a_column_in_the_order_asked_for() -> None:
    assert with_renditions('Images,Price\n"http://a.com/1,http://a.com/none",7\n') == [
        ["Images", "Price", "Output Image Urls (thumb)", "Output Image Urls (zoom)"],
        ["http://a.com/1,http://a.com/none", "7", "http://a.com/1-thumb,", "http://a.com/1-zoom,"],
    ]


def test_replace_takes_the_primary_one_and_appends_the_others() -> None:
    assert with_renditions("Images,Price\nhttp://a.com/1,7\n", output="replace", primary="zoom") == [
        ["Images", "Price", "Output Image Urls (thumb)"],
        ["http://a.com/1-zoom", "7", "http://a.com/1-thumb"],
    ]


def test_columns_of_an_earlier_run_are_written_anew() -> None:
    text = "Images,Output Image Urls (thumb)\nhttp://a.com/1,old\n"
    assert with_renditions(text)[1] == ["http://a.com/1", "http://a.com/1-thumb", "http://a.com/1-zoom"]
