"""What `make run` shows on a terminal, and the sheet of its sample."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from infra.local.demo import progress
from infra.local.sheet import CAPTION, EDGE, GAP, Pair, write_sheet

RED, BLUE = (200, 0, 0), (0, 0, 200)


def _picture(colour: tuple[int, int, int], size: tuple[int, int] = (400, 200)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("done", "total", "pace", "ending"),
    [
        (0, 0, (0, 1.0), "0/0 images"),
        (0, 16, (0, 3.0), "0/16 images"),
        (2, 16, (0, 3.0), "2/16 images"),
        (6, 16, (4, 2.0), "6/16 images, 2.0 a second, 5 s left"),
        (16, 16, (14, 3.5), "16/16 images, 4.0 a second"),
        (2, 16, (1, 0.0), "2/16 images"),
    ],
)
def test_the_bar_tells_the_rate_and_the_time_left(done: int, total: int, pace: tuple[int, float], ending: str) -> None:
    percentage = 100 * done / total if total else 0.0
    line = progress(done, total, percentage, pace)
    assert line.endswith(ending)
    assert line.count("#") == round(40 * percentage / 100)


def test_a_sheet_has_before_on_the_left_and_after_on_the_right(tmp_path: Path) -> None:
    write_sheet([Pair(f"{n}.png", _picture(RED), _picture(BLUE, (20, 40))) for n in range(5)], tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (4 * (2 * EDGE + 2 * GAP) + GAP, 2 * (EDGE + CAPTION + GAP) + GAP)
        for left, top in [(GAP, GAP), (GAP, 2 * GAP + EDGE + CAPTION)]:  # of the first line, and of the second
            middle = top + EDGE // 2
            assert sheet.getpixel((left + EDGE // 2, middle)) == RED
            assert sheet.getpixel((left + EDGE + EDGE // 2, middle)) == BLUE


def test_no_pictures_make_no_sheet(tmp_path: Path) -> None:
    write_sheet([], tmp_path / "sheet.png")
    assert not list(tmp_path.iterdir())
