"""Product exports of real shops go in, and come back ready to be imported again: only the image URLs have changed."""

import csv
import io
import re
from pathlib import Path

import pytest
import requests

from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, ended, started

SHOPS = Path(__file__).parents[1] / "shops"
IMAGE_COLUMNS = {
    "shopify.csv": {"Image Src", "Variant Image"},
    "shopify_new.csv": {"Product image URL", "Variant image URL"},
    "woocommerce.csv": {"Images"},
    "google_merchant.tsv": {"image_link", "additional_image_link"},
    "magento.csv": {"base_image", "additional_images"},
    "prestashop.csv": {"Image URLs (x,y,z...)"},
    "etsy.csv": {f"IMAGE{n}" for n in range(1, 11)},
    "amazon.tsv": {"main_image_url", "other_image_url1", "other_image_url2", "other_image_url8"},
}


def rows_of(text: str) -> list[dict[str, str]]:
    text = text.removeprefix("\ufeff")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.fixture(params=IMAGE_COLUMNS)
def export(request: pytest.FixtureRequest, photos: list[Path], photo_origin: str) -> tuple[str, str]:
    """The name of an export and its text, with URLs of images that are there."""
    text = (SHOPS / request.param).read_bytes().decode("utf-8")
    for number in range(6):
        text = text.replace(f"{{image{number}}}", f"{photo_origin}/{photos[number].name}")
    return request.param, text


def test_a_shop_can_import_what_comes_back(stack: LocalStack, export: tuple[str, str]) -> None:
    name, text = export
    request_id = started(stack.url, text, output="replace")
    assert ended(stack.url, request_id)["failed_images"] == 0
    before, after = rows_of(text), rows_of(_downloaded(stack, request_id))
    columns = IMAGE_COLUMNS[name]
    assert list(after[0]) == list(before[0])
    assert [_without(row, columns) for row in after] == [_without(row, columns) for row in before]
    for old, new in ((old[column], new[column]) for old, new in zip(before, after, strict=True) for column in columns):
        entries = re.split(r",\s*", new)
        assert len(entries) == len(re.split(r",\s*", old))
        assert all(url.startswith(f"{stack.url}/images/") for url in entries if url)


def test_the_products_of_a_shop_are_named_and_their_images_found(stack: LocalStack, export: tuple[str, str]) -> None:
    request_id = started(stack.url, export[1])
    status = ended(stack.url, request_id)
    named = {product["product_name"]: len(product["input_urls"]) for product in status["products"]}
    assert named["Oak Table"] >= 1
    assert status["total_images"] == len(status["images"]) >= 3


def test_one_image_that_fails_leaves_its_old_url_for_the_import(
    stack: LocalStack, photos: list[Path], photo_origin: str
) -> None:
    good, gone = f"{photo_origin}/{photos[0].name}", f"{photo_origin}/gone.jpg"
    text = f'ID,Name,Images\n1,Lamp,"{good}, {gone}"\n'
    request_id = started(stack.url, text, output="replace")
    status = ended(stack.url, request_id)
    (row,) = rows_of(_downloaded(stack, request_id))
    new, old = row["Images"].split(", ")
    assert new.startswith(f"{stack.url}/images/")
    assert old == gone
    assert list(row) == ["ID", "Name", "Images"], "the shop would not know another column"
    assert status["images"][1]["error"]["code"] == "not_found"


def _without(row: dict[str, str], columns: set[str]) -> dict[str, str]:
    return {name: cell for name, cell in row.items() if name not in columns}


def _downloaded(stack: LocalStack, request_id: str) -> str:
    answer = requests.get(f"{stack.url}/download/{request_id}", timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text
    return answer.content.decode()
