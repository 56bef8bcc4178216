"""What `make quality` compares and how it sums up; the scores themselves need an environment of their own."""

from pathlib import Path

import pytest
from PIL import Image

from infra.quality.sheet import CAPTION, CROP, Cell, sheet
from infra.quality.sources import EDGE, Source, sources
from infra.quality.summary import Measured, calibration, figures, largest_drop, told


@pytest.fixture(scope="module")
def drawn() -> list[Source]:
    return sources(Path("/nowhere"))


def measured(tool: str, score: float, source: str = "a", **grounds: float) -> Measured:
    return Measured("cutout-png", source, tool, 0.25, 1_000, {"white": score} | grounds, 0.2)


def test_without_photographs_the_pictures_are_drawn_and_always_the_same(drawn: list[Source]) -> None:
    assert [(one.name, one.file) for one in sources(Path("/nowhere"))] == [(one.name, one.file) for one in drawn]
    assert {one.kind for one in drawn} == {
        *("photograph-jpeg", "photograph-png", "product-png", "cutout-png", "graphic-png")
    }


def test_every_source_is_a_square_in_the_file_that_it_comes_in(drawn: list[Source]) -> None:
    for one in drawn:
        assert one.picture.size == (EDGE, EDGE)
        assert one.file.startswith(b"\xff\xd8" if one.kind.endswith("jpeg") else b"\x89PNG")


def test_a_cut_out_has_a_soft_shadow(drawn: list[Source]) -> None:
    alpha = next(one.picture for one in drawn if one.kind == "cutout-png").getchannel("A")
    assert len(alpha.getcolors() or []) > 100


def test_the_worst_ground_counts() -> None:
    found = figures([measured("ours", 80, black=40), measured("ours", 70, source="b", black=75)])
    assert found["cutout-png"]["ours"] == {"bytes": 0.25, "score_median": 55, "score_worst": 40, "cpu_ms": 200}


def test_formats_are_compared_with_the_jpeg_of_the_same_picture_over_white() -> None:
    jpegs = [measured("ours jpeg@50", 60), measured("ours jpeg@50", 70, source="b")]
    webps = [measured("ours webp@50", 61, black=20), measured("ours webp@50", 65, source="b")]
    assert calibration(jpegs + webps) == {"webp@50": {"median": -2, "least": -5, "most": 1}}


def test_a_fall_of_the_score_is_found() -> None:
    curve = [measured(f"ours png@{quality}", score) for quality, score in ((30, 50), (50, 60), (75, 52), (80, 70))]
    assert largest_drop(curve) == 8
    assert largest_drop([measured("ours png@30", 50)]) == 0


def test_the_table_has_a_row_for_each_tool() -> None:
    text = "\n".join(told(figures([measured("ours", 80), measured("theirs", 60)])))
    assert "| ours | 0.250 | 80 | 80 | 200 |\n| theirs | 0.250 | 60 | 60 | 200 |" in text


def test_a_sheet_shows_each_picture_at_full_size() -> None:
    red, clear = Image.new("RGB", (EDGE, EDGE), "red"), Image.new("RGBA", (EDGE, EDGE), (0, 0, 0, 0))
    made = sheet({"a": [Cell(red, ("source", "1 kB")), Cell(clear, ("ours", "2 kB"))], "b": [Cell(red, ("source",))]})
    assert made.height == 2 * (CROP + CAPTION)
    assert made.getpixel((10, 10)) == (255, 0, 0)
    assert made.getpixel((CROP + 20, 10)) == (0x9A, 0x9A, 0x9A)
