"""Spreadsheets through the running service, by every way in, as people and as LibreOffice make them."""

import csv
import io
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
import requests

from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, ended, eventually, products_csv, rows_of, started, status_of
from tests.system.test_drop import drop
from tests.system.test_presigned import sent
from tests.workbooks import HEADER, products, xlsx

needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
KINDS = ("xlsx", "ods", "xls")


@pytest.fixture
def urls(photos: list[Path], photo_origin: str) -> list[str]:
    return [f"{photo_origin}/{photo.name}" for photo in photos[:3]]


def by_libreoffice(folder: Path, text: str, kind: str) -> bytes:
    """A workbook of this kind that LibreOffice makes of a CSV."""
    source = folder / "products.csv"
    source.write_text(text)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (folder / f"products.{kind}").read_bytes()


def posted(stack: LocalStack, name: str, content: bytes, **fields: str) -> requests.Response:
    return requests.post(f"{stack.url}/upload", files={"file": (name, content)}, data=fields, timeout=TIMEOUT)


def test_a_workbook_goes_in_and_its_rows_come_out_with_their_pictures(stack: LocalStack, urls: list[str]) -> None:
    rows = [("Autumn",), HEADER, (1, "Shoe", f"{urls[0]}, {urls[1]}"), (2, "Two\nlines", urls[2])]
    answer = posted(stack, "Herbst 2026.xlsx", xlsx(("Products", rows)))
    assert answer.status_code == 202, answer.text
    assert answer.json()["warnings"] == ["the sheet 'Products' was read, with row 2 as its header"]
    request_id = answer.json()["request_id"]
    status = ended(stack.url, request_id)
    assert (status["status"], status["file_name"], status["total_images"]) == ("completed", "Herbst 2026.xlsx", 3)
    outputs = [image["output_url"] for image in status["images"]]
    download = requests.get(f"{stack.url}/download/{request_id}", timeout=TIMEOUT)
    assert "filename*=" in download.headers["Content-Disposition"]
    found = list(csv.DictReader(io.StringIO(download.content.decode("utf-8-sig").lstrip("\n"))))
    assert [(row["S. No."], row["Product Name"]) for row in found] == [("1", "Shoe"), ("2", "Two\nlines")]
    assert [row["Output Image Urls"].split(",") for row in found] == [outputs[:2], outputs[2:]]


def test_the_body_may_be_the_workbook_itself(stack: LocalStack, urls: list[str]) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    answer = requests.post(f"{stack.url}/upload", products(*urls), headers=headers, timeout=TIMEOUT)
    assert ended(stack.url, answer.json()["request_id"])["total_images"] == 3


def test_a_sheet_may_be_chosen(stack: LocalStack, urls: list[str]) -> None:
    content = xlsx(("Old", [HEADER, (1, "x", urls[0])]), ("New", [HEADER, (1, "x", urls[1]), (2, "y", urls[2])]))
    answer = posted(stack, "products.xlsx", content, sheet="new", dry_run="true")
    assert answer.json()["total_images"] == 2


def test_what_is_wrong_is_told_with_sheet_row_and_column(stack: LocalStack, urls: list[str]) -> None:
    rows = [("Autumn",), HEADER, (1, "Two\nlines", urls[0]), (2, "x", "photo of it")]
    answer = posted(stack, "products.xlsx", xlsx(("Products", rows)))
    (error,) = answer.json()["errors"]
    assert answer.status_code == 400
    assert (error["line"], error["column"], error["value"]) == (4, "Input Image Urls", "photo of it")
    assert answer.json()["detail"].startswith("the workbook cannot be used: sheet 'Products', row 4: not a URL")


def test_a_presigned_workbook_is_read(stack: LocalStack, urls: list[str]) -> None:
    request_id = sent(stack, products(*urls), file_name="products.xlsx")
    status = ended(stack.url, request_id)
    assert (status["status"], status["total_images"]) == ("completed", 3)
    assert status["warnings"] == ["the sheet 'Products' was read, with row 1 as its header"]
    assert [row["Product Name"] for row in rows_of(stack.url, request_id)] == ["SKU1", "SKU2", "SKU3"]


def test_a_dropped_workbook_leaves_a_csv_beside_its_path(stack: LocalStack, urls: list[str]) -> None:
    request_id = drop(stack, "incoming/acme/books/products.XLSX", products(*urls))
    assert ended(stack.url, request_id)["status"] == "completed"
    s3, bucket = stack.stack.client("s3"), stack.stack.outputs["ResultsBucket"]
    key = "outgoing/acme/books/products.XLSX.csv"

    def left() -> set[str] | None:
        found = {each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])}
        return found if len(found) == 2 else None

    assert eventually(left, "the output and its summary") == {key, f"{key}.summary.json"}
    assert b"SKU3" in s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def test_a_dropped_file_that_is_no_workbook_fails_with_a_reason(stack: LocalStack, urls: list[str]) -> None:
    request_id = drop(stack, "incoming/acme/books/text.xlsx", products_csv([urls]))
    status = ended(stack.url, request_id)
    assert (status["status"], status["errors"][0]["code"]) == ("failed", "bad_workbook")
    assert "a CSV has to have a name that ends in .csv" in status["errors"][0]["message"]


def test_a_workbook_under_the_name_of_a_csv_is_told_what_it_is(stack: LocalStack, urls: list[str]) -> None:
    status = ended(stack.url, drop(stack, "incoming/acme/books/book.csv", products(*urls)))
    assert "send it under a name that ends in .xlsx" in status["errors"][0]["message"]


def test_a_workbook_is_retried(stack: LocalStack, photo_origin: str) -> None:
    request_id = sent(stack, products(f"{photo_origin}/none.jpg"), file_name="products.xlsx")
    assert ended(stack.url, request_id)["status"] == "failed"
    answer = requests.post(f"{stack.url}/requests/{request_id}/retry", timeout=TIMEOUT)
    assert answer.status_code == 202, answer.text
    status = ended(stack.url, answer.json()["request_id"])
    assert (status["status"], status["images"][0]["error"]["code"]) == ("failed", "not_found")


@needs_libreoffice
@pytest.mark.parametrize("kind", KINDS)
def test_what_libreoffice_saves_is_read(stack: LocalStack, tmp_path: Path, urls: list[str], kind: str) -> None:
    content = by_libreoffice(tmp_path, products_csv([urls[:2], urls[2:]]), kind)
    answer = posted(stack, f"products.{kind}", content)
    assert answer.status_code == 202, answer.text
    request_id = answer.json()["request_id"]
    assert ended(stack.url, request_id)["total_images"] == 3
    assert [row["S. No."] for row in rows_of(stack.url, request_id)] == ["1", "2"]


def test_a_csv_is_read_as_before_without_another_read(stack: LocalStack, urls: list[str]) -> None:
    request_id = started(stack.url, products_csv([urls]))
    ended(stack.url, request_id)
    assert status_of(stack.url, request_id)["warnings"] == []
    s3, bucket = stack.stack.client("s3"), stack.stack.outputs["ResultsBucket"]
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=f"plans/{request_id}/")["Contents"]]
    assert [key for key in keys if key.endswith("sheet.csv")] == []


def test_the_output_comes_as_a_workbook_too(stack: LocalStack, urls: list[str]) -> None:
    request_id = posted(stack, "Herbst 2026.xlsx", products(*urls)).json()["request_id"]
    status = ended(stack.url, request_id)
    answer = requests.get(f"{stack.url}/download/{request_id}?as=xlsx", timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text
    assert "Herbst%202026_compressed.xlsx" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["Products"]
    header = [cell.value for cell in sheet[1]]
    assert header == [*HEADER, "Output Image Urls"]
    links = [row[3].hyperlink for row in sheet.iter_rows(min_row=2)]
    assert [link.target for link in links if link] == [image["output_url"] for image in status["images"]]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [1, 2, 3]


def test_an_output_that_is_a_workbook_goes_in_again(stack: LocalStack, urls: list[str]) -> None:
    request_id = started(stack.url, products_csv([urls]), output="replace")
    ended(stack.url, request_id)
    workbook = requests.get(f"{stack.url}/download/{request_id}?as=xlsx", timeout=TIMEOUT).content
    answer = posted(stack, "again.xlsx", workbook, dry_run="true")
    assert (answer.status_code, answer.json()["total_images"]) == (200, 3)
