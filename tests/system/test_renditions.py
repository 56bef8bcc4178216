"""Renditions through the running service: every size of a picture out of one download, by each way in."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from infra.local.stack import LocalStack
from tests.system.client import TIMEOUT, ended, products_csv, rows_of, started, upload
from tests.system.receiver import Receiver
from tests.system.targets import stack_of_its_own
from tests.system.test_drop import drop
from tests.system.test_presigned import sent

FOUR = "thumb=320x320,pad,webp; listing=800x,webp; zoom=2000x2000,auto,q70; amazon=2000x2000,pad,white,jpeg"
NAMES = ["thumb", "listing", "zoom", "amazon"]
COLUMNS = [f"Output Image Urls ({name})" for name in NAMES]


@pytest.fixture(scope="module")
def urls(photos: list[Path], photo_origin: str) -> list[str]:
    return [f"{photo_origin}/{photo.name}" for photo in photos if photo.suffix == ".jpg"][:2]


def opened(url: str) -> Image.Image:
    return Image.open(io.BytesIO(requests.get(url, timeout=TIMEOUT).content))


def check(stack: LocalStack, status: dict[str, Any]) -> None:
    """Every rendition is there, as the status tells of it."""
    assert (status["status"], status["failed_images"]) == ("completed", 0)
    for image in status["images"]:
        made = image["renditions"]
        assert sorted(made) == sorted(NAMES)
        for each in made.values():
            content = requests.get(each["url"], timeout=TIMEOUT).content
            picture = Image.open(io.BytesIO(content))
            assert (len(content), *picture.size) == (each["bytes"], each["width"], each["height"])
        assert [opened(made[name]["url"]).size for name in ("thumb", "amazon")] == [(320, 320), (2000, 2000)]
        assert (made["listing"]["width"], made["amazon"]["format"]) == (800, "jpeg")
        assert (image["output_url"], image["bytes_out"]) == (made["thumb"]["url"], made["thumb"]["bytes"])
        assert "-zoom." in made["zoom"]["url"].partition("/images/")[2]
    rows = rows_of(stack.url, status["request_id"])
    told = [[image["renditions"][name]["url"] for name in NAMES] for image in status["images"]]
    assert [[row[column] for column in COLUMNS] for row in rows] == told


def test_a_form_asks_for_four_renditions(stack: LocalStack, urls: list[str]) -> None:
    check(stack, ended(stack.url, started(stack.url, products_csv([[url] for url in urls]), renditions=FOUR)))


def test_a_presigned_upload_asks_for_them_in_json(stack: LocalStack, urls: list[str]) -> None:
    wish = [
        {"name": "thumb", "width": 320, "height": 320, "fit": "pad", "format": "webp"},
        {"name": "listing", "width": 800, "format": "webp"},
        {"name": "zoom", "width": 2000, "height": 2000, "format": "auto", "quality": 70},
        {"name": "amazon", "width": 2000, "height": 2000, "fit": "pad", "colour": "white", "format": "jpeg"},
    ]
    check(stack, ended(stack.url, sent(stack, products_csv([[url] for url in urls]), renditions=wish)))


def test_a_drop_asks_for_them_in_its_metadata(stack: LocalStack, urls: list[str]) -> None:
    csv_text = products_csv([[url] for url in urls])
    check(stack, ended(stack.url, drop(stack, "incoming/acme/renditions.csv", csv_text, renditions=FOUR)))


def test_replace_takes_the_primary_one(stack: LocalStack, urls: list[str]) -> None:
    request_id = started(stack.url, products_csv([[urls[0]]]), renditions=FOUR, output="replace", primary="listing")
    (image,) = ended(stack.url, request_id)["images"]
    (row,) = rows_of(stack.url, request_id)
    assert row["Input Image Urls"] == image["renditions"]["listing"]["url"] == image["output_url"]
    assert [name for name in row if name.startswith("Output")] == [COLUMNS[0], *COLUMNS[2:]]


def test_a_page_can_use_srcset_as_it_is(stack: LocalStack, urls: list[str]) -> None:
    renditions = "small=320x,webp; medium=640x,webp; banner=300x100,cover"
    (image,) = ended(stack.url, started(stack.url, products_csv([[urls[0]]]), renditions=renditions))["images"]
    made = image["renditions"]
    assert image["srcset"] == f"{made['small']['url']} 320w, {made['medium']['url']} 640w"
    assert image["sizes"] == "(max-width: 640px) 100vw, 640px"


def test_a_webhook_tells_of_them(stack: LocalStack, urls: list[str], receiver: Receiver) -> None:
    request_id = started(stack.url, products_csv([[urls[0]]]), renditions="a=64x; b=32x", webhook_url=receiver.url)
    (image,) = json.loads(receiver.next().body)["images"]
    (told,) = ended(stack.url, request_id)["images"]
    assert image["renditions"] == {name: each["url"] for name, each in told["renditions"].items()}


def test_a_retry_and_a_reuse_have_the_same_renditions(stack: LocalStack, urls: list[str], photo_origin: str) -> None:
    text = products_csv([[urls[0]], [f"{photo_origin}/none.jpg"]])
    first = ended(stack.url, started(stack.url, text, renditions="a=64x; b=32x,webp"))
    answer = requests.post(f"{stack.url}/requests/{first['request_id']}/retry", timeout=TIMEOUT)
    again = ended(stack.url, answer.json()["request_id"])
    assert again["images"][0]["renditions"] == first["images"][0]["renditions"]
    other = upload(stack.url, text, renditions="a=64x", reuse=first["request_id"])
    assert (other.status_code, "another quality, format or size" in other.text) == (400, True)


def test_what_cannot_be_made_is_refused_with_an_example(stack: LocalStack) -> None:
    answer = upload(stack.url, products_csv([["https://shop.example/1.jpg"]]), renditions="thumb=0x0")
    assert (answer.status_code, answer.json()["errors"][0]["name"]) == (400, "renditions")
    request_id = drop(stack, "incoming/acme/bad.csv", "Images\nhttps://shop.example/1.jpg\n", renditions="thumb")
    assert "no rendition: write name=size" in ended(stack.url, request_id)["errors"][0]["message"]


def test_the_zip_and_the_export_know_them(stack: LocalStack, urls: list[str]) -> None:
    request_id = started(stack.url, products_csv([[urls[0]]]), renditions="a=64x; b=32x,webp")
    ended(stack.url, request_id)
    packed = zipfile.ZipFile(
        io.BytesIO(requests.get(f"{stack.url}/download/{request_id}?as=zip", timeout=TIMEOUT).content)
    )
    names = packed.namelist()
    assert [name.rpartition(" - ")[2] for name in names[:2]] == ["a.jpg", "b.webp"]
    (row,) = csv.DictReader(io.StringIO(packed.read("products.csv").decode()))
    assert [row["Output Image Urls (a)"], row["Output Image Urls (b)"]] == names[:2]


@pytest.fixture(scope="module")
def with_presets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    parameters = {"Renditions": f"shop: {FOUR} | tiny: t=16x"}
    with stack_of_its_own(tmp_path_factory.mktemp("presets"), 0, parameters) as running:
        yield running


def test_a_drop_only_says_which_set_it_wants(with_presets: LocalStack, urls: list[str]) -> None:
    text = products_csv([[url] for url in urls])
    check(with_presets, ended(with_presets.url, drop(with_presets, "incoming/acme/p.csv", text, renditions="shop")))
    (image,) = ended(with_presets.url, started(with_presets.url, products_csv([[urls[0]]]), renditions="Tiny"))[
        "images"
    ]
    assert (image["width"], list(image["renditions"])) == (16, ["t"])
