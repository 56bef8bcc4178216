"""The sample that the page offers: its files are what the script makes, and few bytes."""

import re
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from functions.core.catalogue import survey
from functions.core.options import CsvOptions
from infra.local import sample

MAX_BYTES = 300_000  # of the zip that every function carries
MAX_DIFFERENCE = 2  # levels in the mean; another machine's codec may round otherwise
PICTURES = [name for _product, names in sample.CATALOGUE for name in names]


def as_seen(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("RGB")


@pytest.mark.parametrize("name", [*PICTURES, sample.SHOWN_AFTER])
def test_a_picture_is_what_the_script_draws(name: str) -> None:
    drawn = sample.shown_after() if name == sample.SHOWN_AFTER else sample.picture(name)
    kept, fresh = as_seen((sample.FOLDER / name).read_bytes()), as_seen(drawn)
    assert kept.size == fresh.size
    assert max(ImageStat.Stat(ImageChops.difference(kept, fresh)).mean) < MAX_DIFFERENCE


def test_the_csv_is_what_the_script_writes() -> None:
    assert (sample.FOLDER / "products.csv").read_text() == sample.products_csv()


def test_there_is_nothing_else_and_it_is_small() -> None:
    files = {file.name: file.stat().st_size for file in sample.FOLDER.iterdir()}
    assert files.keys() == {"products.csv", sample.SHOWN_AFTER, *PICTURES}
    assert sum(files.values()) < MAX_BYTES


def test_the_csv_is_good_once_the_page_has_put_the_address_in() -> None:
    content = sample.products_csv().replace(sample.HERE, "https://api.example/assets/1/sample").encode()
    found = survey(lambda offset: [content[offset:]], CsvOptions())
    assert (found.rows, found.images, found.errors_total) == (len(sample.CATALOGUE), len(PICTURES), 0)


def test_the_sizes_that_the_first_view_tells_are_those_of_the_files() -> None:
    script = (sample.FOLDER.parent / "app" / "home.js").read_text()
    told = re.search(r'before: "([\d.]+) kB", after: "([\d.]+) kB"', script)
    assert told is not None
    sizes = [(sample.FOLDER / name).stat().st_size for name in (sample.SHOWN, sample.SHOWN_AFTER)]
    assert [float(size) for size in told.groups()] == [round(size / 1000, 1) for size in sizes]
