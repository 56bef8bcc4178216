"""The pictures that other people's packages ship, as many as are installed: each is compressed, and none grows."""

import sysconfig
from pathlib import Path

import pytest

from functions.compress.codec import compress
from functions.core.options import ImageOptions

SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".avif"}
FILES = sorted(file for file in Path(sysconfig.get_paths()["purelib"]).rglob("*.*") if file.suffix.lower() in SUFFIXES)


def test_some_packages_ship_pictures() -> None:
    assert FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_picture_of_a_package_is_compressed(file: Path) -> None:
    source = file.read_bytes()
    assert 0 < len(compress(source, ImageOptions()).content) <= len(source)
