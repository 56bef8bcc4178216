from pathlib import Path

import pytest

from infra.local.pictures import CATALOGUE, draw, write_pictures
from tests.images import ORIENTATION, decoded

NAMES = [name for product in CATALOGUE for name in product.pictures]


def test_there_are_a_dozen_products() -> None:
    assert len({product.name for product in CATALOGUE}) == 12


def test_no_two_pictures_share_a_name() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 16


def test_a_picture_is_the_same_each_time() -> None:
    assert draw("headphones-2.gif") == draw("headphones-2.gif")


@pytest.mark.parametrize(
    ("name", "kind", "mode"), [("notebook-1.png", "PNG", "RGBA"), ("running-shoe-2.webp", "WEBP", "RGB")]
)
def test_a_picture_is_what_its_name_says(name: str, kind: str, mode: str) -> None:
    picture = decoded(draw(name))
    assert (picture.format, picture.mode) == (kind, mode)


def test_the_gif_moves() -> None:
    assert getattr(decoded(draw("headphones-2.gif")), "n_frames", 1) > 2


def test_one_picture_lies_on_its_side() -> None:
    assert decoded(draw("vase-1.jpg")).getexif()[ORIENTATION] == 6


def test_files_that_are_there_are_not_drawn_again(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).write_bytes(b"mine")
    assert {path.read_bytes() for path in write_pictures(tmp_path)} == {b"mine"}


def test_files_that_are_not_there_are_written(tmp_path: Path) -> None:
    for name in NAMES[1:]:
        (tmp_path / name).write_bytes(b"mine")
    assert write_pictures(tmp_path)[0].read_bytes() == draw(NAMES[0])
