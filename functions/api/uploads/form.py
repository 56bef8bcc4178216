"""The body of an upload: a multipart form with the CSV as `file`, or the CSV itself with the rest in the query."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from python_multipart import create_form_parser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

from functions.api.http import ApiError, Code

MAX_POSTED_BYTES = 4_000_000  # base64 makes 5.3 MB of it, a Lambda takes 6

CSV_URL = "csv_url"  # the field with the address of a CSV, in the place of the file
URLENCODED = "application/x-www-form-urlencoded"
_ADDRESS = re.compile(rb"(?:[\w.%+-]*=[^&\r\n]*&)*csv_url=[^\r\n]*\Z")  # a form, and not a CSV of a client that says so
REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()

# of a CSV as the body; clients that do not know better name one of the last three, or none
RAW_TYPES = {"text/csv", "text/plain", "application/csv", "application/vnd.ms-excel"} | {
    "application/octet-stream",
    URLENCODED,
    "",
}


@dataclass(slots=True)
class ReadForm:
    """The CSV with its file name, and the other fields as text."""

    content: bytes | None = None
    file_name: str = "products.csv"
    fields: dict[str, str] = field(default_factory=dict)


def read_form(content_type: str, body: bytes, query: Mapping[str, str]) -> ReadForm:
    """The upload in a request's body. Raises ApiError: 400 without a usable CSV, 413 with too large a one."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        form = _multipart(content_type, body)
        form.fields = {**query, **form.fields}
    elif media_type not in RAW_TYPES:
        raise ApiError(Code.UNSUPPORTED_MEDIA_TYPE, f"send multipart/form-data or text/csv, not {media_type[:80]!r}")
    elif media_type == URLENCODED and _ADDRESS.match(body):
        form = ReadForm(fields={**query, **dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))})
    else:
        form = ReadForm(content=body or None, fields=dict(query))
    if form.fields.get(CSV_URL):
        if form.content is not None:
            raise ApiError(Code.INVALID_FORM, "send either a file or csv_url")
        return form
    if form.content is None:
        raise ApiError(
            Code.MISSING_FILE,
            "no file: send the CSV as the multipart field `file`, or as the body, or its address as csv_url",
        )
    if len(form.content) > MAX_POSTED_BYTES:
        raise ApiError(
            Code.CSV_TOO_LARGE,
            f"the CSV has {len(form.content):,} bytes, {MAX_POSTED_BYTES:,} is the most that can be posted here; "
            "POST /uploads gives a URL that takes up to 1 GB",
        )
    return form


def refuse_packed(content_encoding: str) -> None:
    """Raises ApiError 415: nothing unpacks a body here."""
    if content_encoding.strip().lower() not in {"", "identity"}:
        detail = "a compressed body is not taken here: send the CSV as it is, or a .csv.gz by way of POST /uploads"
        raise ApiError(Code.UNSUPPORTED_MEDIA_TYPE, detail)


def refuse_garbled(body: bytes) -> None:
    """Raises ApiError 400: API Gateway hands `text/*` over as text, in which bytes that are no UTF-8 are gone."""
    if REPLACEMENT in body:
        detail = "the CSV is not UTF-8: send it as the multipart field `file`, or as application/octet-stream"
        raise ApiError(Code.INVALID_FORM, detail)


def _multipart(content_type: str, body: bytes) -> ReadForm:
    form = ReadForm()

    def take(content: bytes) -> None:
        if form.content is not None:
            raise _twice("file")
        form.content = content

    def on_field(part: Field) -> None:
        name = (part.field_name or b"").decode("utf-8", "replace")
        if name == "file":  # sent as plain text, as some clients do
            take(part.value or b"")
            return
        if name in form.fields:
            raise _twice(name)
        form.fields[name] = (part.value or b"").decode("utf-8", "replace")

    def on_file(part: File) -> None:
        if part.field_name != b"file":
            raise ApiError(Code.MISSING_FILE, "the CSV must be the multipart field `file`")
        part.file_object.seek(0)
        take(part.file_object.read())
        form.file_name = (part.file_name or b"").decode("utf-8", "replace") or form.file_name

    try:
        parser = create_form_parser(
            {"Content-Type": content_type.encode()},
            on_field,
            on_file,
            config={"MAX_MEMORY_FILE_SIZE": 2 * MAX_POSTED_BYTES},
        )
        parser.write(body)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise ApiError(Code.INVALID_FORM, f"the multipart body cannot be read: {error}") from error
    return form


def _twice(name: str) -> ApiError:
    return ApiError(Code.INVALID_FORM, f"the field {name!r} is there twice")
