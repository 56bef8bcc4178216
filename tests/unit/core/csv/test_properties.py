"""What holds for every CSV."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import cycle

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.core.catalogue.cell_urls import NotAUrlError, urls_of
from functions.core.catalogue.output import OutputRow, write_csv
from functions.core.catalogue.products import InvalidCsvError, Row, Source, read_rows, survey
from functions.core.options import ENCODINGS, CsvOptions, Options

quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SPECIAL = st.sampled_from([",", ";", "\t", '"', '""', "\n", "\r\n", " ", "|", "=", "'", "http://a.com/1"])
GUESSED = ("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be")
CELLS = {
    "utf-8": st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    "ascii": st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)),
}


def cells(kind: str) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(SPECIAL, CELLS[kind]), max_size=4).map("".join)


def tables(kind: str) -> st.SearchStrategy[list[list[str]]]:
    """Rows of up to three cells, that come below the header Name,Note,More,Images and so never are URLs."""
    row = st.lists(cells(kind), min_size=1, max_size=3).filter(lambda row: any(map(str.strip, row)))
    return st.lists(row, min_size=1, max_size=6)


def written(rows: Iterable[Iterable[str]], delimiter: str, newline: str, quoting: int = csv.QUOTE_ALL) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)  # type: ignore[arg-type] # hypothesis chooses among the constants
    writer.writerow(["Name", "Note", "More", "Images"])
    writer.writerows(rows)
    return text.getvalue()


def chunked(content: bytes, sizes: list[int]) -> Source:
    def source(offset: int) -> Iterator[bytes]:
        for size in cycle(sizes):
            if offset >= len(content):
                return
            yield content[offset : offset + size]
            offset += size

    return source


def all_rows(source: Source, options: CsvOptions | None = None) -> list[Row]:
    return list(read_rows(source, survey(source, options or CsvOptions()).layout))


CHUNKS = st.lists(st.integers(1, 40), min_size=1, max_size=4)
DELIMITERS = st.sampled_from(",;\t")
NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])


@quick
@given(tables("utf-8"), st.sampled_from(GUESSED), DELIMITERS, NEWLINES, CHUNKS)
def test_what_the_csv_module_writes_comes_back(
    rows: list[list[str]], encoding: str, delimiter: str, newline: str, sizes: list[int]
) -> None:
    bom = "\ufeff" if encoding.startswith("utf-16") else ""
    source = chunked((bom + written(rows, delimiter, newline)).encode(encoding), sizes)
    assert [list(row.cells) for row in all_rows(source)] == rows


@quick
@given(tables("ascii"), st.sampled_from(ENCODINGS), DELIMITERS, NEWLINES, CHUNKS)
def test_it_comes_back_in_every_encoding_that_can_be_asked_for(
    rows: list[list[str]], encoding: str, delimiter: str, newline: str, sizes: list[int]
) -> None:
    source = chunked(written(rows, delimiter, newline).encode(encoding), sizes)
    assert [list(row.cells) for row in all_rows(source, CsvOptions(encoding=encoding))] == rows


@quick
@given(tables("utf-8"), DELIMITERS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]))
def test_it_comes_back_with_as_few_quotes_as_may_be(rows: list[list[str]], delimiter: str, quoting: int) -> None:
    source = chunked(written(rows, delimiter, "\r\n", quoting).encode(), [1000])
    assert [list(row.cells) for row in all_rows(source)] == rows


@quick
@given(
    st.lists(st.sampled_from(["a,", '"', "\n", "\r\n", "\r", "b", "\x00", "é", "😀", ",http://a.com/1\n", '"\n'])),
    CHUNKS,
)
def test_reading_from_any_rows_end_gives_the_rows_after_it(pieces: list[str], sizes: list[int]) -> None:
    for encoding in GUESSED:
        bom = "\ufeff" if encoding.startswith("utf-16") else ""
        source = chunked((bom + "Name,Images\nfirst,\n" + "".join(pieces)).encode(encoding), sizes)
        layout = survey(source, CsvOptions()).layout
        rows = list(read_rows(source, layout))
        for number, row in enumerate(rows, start=1):
            assert row.number == number
            assert list(read_rows(source, layout, row.end)) == rows[number:]


@quick
@given(st.lists(st.sampled_from(["a,", '"', "\n", "\r", "b", " ", "é", '""', ",http://a.com/1\n", '"\n'])))
def test_no_character_is_lost_whatever_the_quotes(pieces: list[str]) -> None:
    body = "".join(pieces)
    rows = all_rows(chunked(f"Name,Images\nfirst,\n{body}".encode(), [1000]))
    read = "".join(cell for row in rows for cell in row.cells)
    assert [char for char in read if char not in '",\r\n '] == [
        char for char in f"first{body}" if char not in '",\r\n '
    ]


@quick
@given(tables("utf-8"), DELIMITERS, NEWLINES)
def test_the_output_is_the_input_and_a_column(rows: list[list[str]], delimiter: str, newline: str) -> None:
    source = chunked(written(rows, delimiter, newline).encode(), [1000])
    layout = survey(source, CsvOptions()).layout
    output = (OutputRow(row.cells, ((),), ((),)) for row in read_rows(source, layout))
    text = b"".join(write_csv(layout, Options(), output, with_errors=False)).decode()
    found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    padded = [row + [""] * (4 - len(row)) for row in rows]
    assert found == [[*layout.header, "Output Image Urls"], *([*row, ""] for row in padded)]


@settings(quick, max_examples=200)
@given(
    st.sampled_from([b"", b"Name,Images\n", b"\xef\xbb\xbfImages\r\n", b"\xff\xfeI\0m\0a\0g\0e\0s\0\n\0", b"sep=;\n"]),
    st.binary(max_size=200),
    st.sampled_from([None, *ENCODINGS]),
    CHUNKS,
)
def test_no_bytes_can_do_more_than_be_refused(
    start: bytes, content: bytes, encoding: str | None, sizes: list[int]
) -> None:
    source = chunked(start + content, sizes)
    try:
        found = survey(source, CsvOptions(encoding=encoding))
    except InvalidCsvError:
        return
    rows = list(read_rows(source, found.layout))
    assert (len(rows), sum(not row.errors for row in rows)) == (found.rows, found.good_rows)


@quick
@given(st.lists(st.sampled_from(["http://", "https://", "a.com", "/", "x", ",", ";", "|", " ", "\n", "//", "?", "é"])))
def test_every_url_of_a_cell_is_in_it_in_order(pieces: list[str]) -> None:
    cell = "".join(pieces)
    try:
        urls = urls_of(cell)
    except NotAUrlError:
        return
    between = cell
    for url in urls:
        assert urls_of(url) == (url,)
        before, _, between = between.partition(url)
        assert not before.strip(" ,;|\n")
    assert not between.strip(" ,;|\n")
