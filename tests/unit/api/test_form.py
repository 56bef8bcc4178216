"""The body of an upload."""

from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.api.http.problem import ApiError, Code
from functions.api.uploads.form import MAX_POSTED_BYTES, ReadForm, read_form, refuse_garbled, refuse_packed

BOUNDARY = "----boundary7MA4YWxk"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
END = f"--{BOUNDARY}--\r\n".encode()
CSV = "Name,Images\nSchühe,https://x/1.jpg\n".encode()


def part(name: str, content: bytes | str, file_name: str | None = None) -> bytes:
    content = content if isinstance(content, bytes) else content.encode()
    named = f'; filename="{file_name}"' if file_name is not None else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


def form_of(*parts: bytes, **query: str) -> ReadForm:
    return read_form(MULTIPART, b"".join(parts) + END, query)


def refusal(content_type: str, body: bytes) -> ApiError:
    with pytest.raises(ApiError) as caught:
        read_form(content_type, body, {})
    return caught.value


def test_the_file_of_a_form_is_the_csv() -> None:
    form = form_of(part("file", CSV, "spring.csv"))
    assert (form.content, form.file_name) == (CSV, "spring.csv")


def test_the_other_fields_of_a_form_are_text() -> None:
    form = form_of(part("quality", "60"), part("name_column", "Schühe"), part("file", CSV, "a.csv"))
    assert form.fields == {"quality": "60", "name_column": "Schühe"}


def test_a_file_that_is_sent_as_plain_text_is_the_csv_too() -> None:
    assert form_of(part("file", CSV)).content == CSV


def test_a_file_without_a_name_has_one() -> None:
    assert form_of(part("file", CSV)).file_name == "products.csv"


def test_the_query_gives_options_too() -> None:
    assert form_of(part("file", CSV, "a.csv"), quality="70").fields == {"quality": "70"}


def test_a_field_counts_more_than_the_query() -> None:
    assert form_of(part("quality", "60"), part("file", CSV, "a.csv"), quality="70").fields == {"quality": "60"}


def test_a_raw_body_is_the_csv_with_its_options_in_the_query() -> None:
    assert read_form("text/csv", CSV, {"quality": "60"}) == ReadForm(CSV, "products.csv", {"quality": "60"})


def test_a_content_type_is_known_in_any_case() -> None:
    body = part("file", CSV, "a.csv") + END
    assert read_form(f"Multipart/Form-Data; boundary={BOUNDARY}", body, {}).content == CSV


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("text/csv", b"", Code.MISSING_FILE),
        (MULTIPART, part("quality", "60") + END, Code.MISSING_FILE),
        (MULTIPART, part("document", CSV, "a.csv") + END, Code.MISSING_FILE),
        (MULTIPART, part("a", "1") + part("a", "2") + END, Code.INVALID_FORM),
        (MULTIPART, part("file", CSV, "a.csv") + part("file", CSV, "b.csv") + END, Code.INVALID_FORM),
        (MULTIPART, part("file", CSV) + part("file", CSV, "b.csv") + END, Code.INVALID_FORM),
        ("multipart/form-data", part("file", CSV, "a.csv"), Code.INVALID_FORM),
        (MULTIPART, b"no form at all", Code.INVALID_FORM),
    ],
    ids=["empty", "no file", "another name", "a field twice", "two files", "a file twice", "no boundary", "no form"],
)
def test_a_body_without_a_usable_csv_is_a_bad_request(content_type: str, body: bytes, code: Code) -> None:
    error = refusal(content_type, body)
    assert (error.status, error.code) == (HTTPStatus.BAD_REQUEST, code)


def test_the_largest_csv_is_taken() -> None:
    assert len(read_form("text/csv", b"a" * MAX_POSTED_BYTES, {}).content or b"") == MAX_POSTED_BYTES


def test_a_larger_csv_is_refused_with_another_way() -> None:
    error = refusal("text/csv", b"a" * (MAX_POSTED_BYTES + 1))
    assert error.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "POST /uploads" in error.detail


def test_a_form_with_a_larger_csv_is_refused_too() -> None:
    body = part("file", b"a" * (MAX_POSTED_BYTES + 1), "a.csv") + END
    assert refusal(MULTIPART, body).status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("content_type", ["application/json", "image/png", "application/xml"])
def test_a_body_that_can_be_no_csv_is_an_unsupported_type(content_type: str) -> None:
    assert refusal(content_type, b"{}").status is HTTPStatus.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize(
    "content_type", ["text/csv; charset=utf-8", "application/x-www-form-urlencoded", "", "TEXT/CSV"]
)
def test_a_body_of_a_client_that_does_not_know_better_is_taken_for_a_csv(content_type: str) -> None:
    assert read_form(content_type, CSV, {}).content == CSV


@given(st.binary(max_size=200))
def test_whatever_the_file_holds_comes_through(content: bytes) -> None:
    assert form_of(part("file", content, "a.csv")).content == content


@given(st.binary(max_size=200))
def test_whatever_a_form_is_it_is_read_or_refused(body: bytes) -> None:
    status = HTTPStatus.OK
    try:
        read_form(MULTIPART, body, {})
    except ApiError as error:
        status = error.status
    assert status in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST}


def test_text_that_lost_bytes_on_its_way_is_refused_with_a_way_that_does_not() -> None:
    with pytest.raises(ApiError, match="octet-stream"):
        refuse_garbled("Name,Images\nCaf\ufffd,https://x/1.jpg\n".encode())
    refuse_garbled("Name,Images\nCafé,https://x/1.jpg\n".encode())


@pytest.mark.parametrize("encoding", ["gzip", "br", " GZIP, gzip"])
def test_a_compressed_body_is_refused_with_the_way_for_it(encoding: str) -> None:
    with pytest.raises(ApiError, match=r"\.csv\.gz .*POST /uploads") as caught:
        refuse_packed(encoding)
    assert caught.value.status is HTTPStatus.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_a_body_that_is_not_compressed_is_taken(encoding: str) -> None:
    refuse_packed(encoding)
