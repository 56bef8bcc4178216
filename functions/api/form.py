"""The body of an upload: a multipart form with the CSV as `file`, or the CSV itself with the rest in the query."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from python_multipart import create_form_parser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

from functions.api.problem import ApiError

MAX_CSV_BYTES = 4_000_000  # base64 makes 5.3 MB of it, a Lambda takes 6


@dataclass(slots=True)
class UploadForm:
    """The CSV with its file name, and the other fields as text."""

    content: bytes | None = None
    file_name: str = "products.csv"
    fields: dict[str, str] = field(default_factory=dict)


def read_form(content_type: str, body: bytes, query: Mapping[str, str]) -> UploadForm:
    """The upload in a request's body. Raises ApiError: 400 without a usable CSV, 413 with too large a one."""
    if content_type.lower().startswith("multipart/form-data"):
        form = _multipart(content_type, body)
        form.fields = {**query, **form.fields}
    else:
        form = UploadForm(content=body or None, fields=dict(query))
    if form.content is None:
        raise ApiError(HTTPStatus.BAD_REQUEST, "no file: send the CSV as the multipart field `file`, or as the body")
    if len(form.content) > MAX_CSV_BYTES:
        raise ApiError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the CSV has {len(form.content):,} bytes, {MAX_CSV_BYTES:,} is the most that can be posted here; "
            "larger ones are put into S3, under incoming/ of the uploads bucket",
        )
    return form


def _multipart(content_type: str, body: bytes) -> UploadForm:
    form = UploadForm()

    def on_field(part: Field) -> None:
        name = (part.field_name or b"").decode("utf-8", "replace")
        if name == "file":  # sent as plain text, as some clients do
            form.content = part.value or b""
            return
        if name in form.fields:
            raise ApiError(HTTPStatus.BAD_REQUEST, f"the field {name!r} is there twice")
        form.fields[name] = (part.value or b"").decode("utf-8", "replace")

    def on_file(part: File) -> None:
        if part.field_name != b"file":
            raise ApiError(HTTPStatus.BAD_REQUEST, "the CSV must be the multipart field `file`")
        part.file_object.seek(0)
        form.content = part.file_object.read()
        form.file_name = (part.file_name or b"").decode("utf-8", "replace") or form.file_name

    try:
        parser = create_form_parser(
            {"Content-Type": content_type.encode()},
            on_field,
            on_file,
            config={"MAX_MEMORY_FILE_SIZE": 2 * MAX_CSV_BYTES},
        )
        parser.write(body)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise ApiError(HTTPStatus.BAD_REQUEST, f"the multipart body cannot be read: {error}") from error
    return form
