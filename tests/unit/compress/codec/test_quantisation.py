"""The quantisation tables that JPEGs are made with."""

from io import BytesIO
from itertools import chain, pairwise

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from functions.compress.codec import compress
from functions.compress.codec.encoders.quantisation import tables
from functions.core.options import ImageOptions
from tests.images import encoded, photo


def opened(content: bytes) -> JpegImageFile:
    image = Image.open(BytesIO(content))
    assert isinstance(image, JpegImageFile)
    return image


@pytest.mark.parametrize("quality", [1, 10, 30, 49, 50, 51, 75, 90, 95, 99, 100])
def test_qualities_are_scaled_as_libjpeg_scales_them(quality: int) -> None:
    """Colours have libjpeg's own table, so that it can be asked."""
    made_by_libjpeg = opened(encoded(photo(), "JPEG", quality=quality))
    assert tables(quality)[1] == made_by_libjpeg.quantization[1]


def test_each_better_quality_is_nowhere_coarser() -> None:
    scale = [[*chain(*tables(quality))] for quality in range(1, 101)]
    for worse, better in pairwise(scale):
        assert all(step <= coarser for step, coarser in zip(better, worse, strict=True))
    assert set(scale[-1]) == {1}


@pytest.mark.parametrize("quality", [20, 50, 85])
def test_jpegs_are_made_with_them(quality: int) -> None:
    compressed = compress(encoded(photo(), "JPEG", quality=98), ImageOptions(quality=quality))
    assert [*opened(compressed.content).quantization.values()] == list(tables(quality))


def test_a_grey_jpeg_has_the_one_of_luminance() -> None:
    compressed = compress(encoded(photo().convert("L"), "JPEG", quality=98), ImageOptions())
    assert [*opened(compressed.content).quantization.values()] == [tables(50)[0]]
