"""A caller waits for the page that is asked for, and not for the size of the request: it grows by neither."""

import pytest

from tests.integration.metered_api import Answer
from tests.integration.million_status import answers

SMALL, LARGE = 10_000, 1_000_000
LONGER = 1.05  # the numbers of a larger request have more digits
CALLS = ("running", "completed", "50 products", "from the middle", "many images a product", "images from everywhere",
         "download", "list")  # fmt: skip


@pytest.fixture(scope="module")
def of_size() -> dict[int, dict[str, Answer]]:
    return {images: answers(images, times=1) for images in (SMALL, LARGE)}


@pytest.mark.parametrize("name", CALLS)
def test_an_answer_about_a_million_images_reads_no_more_than_one_about_ten_thousand(
    of_size: dict[int, dict[str, Answer]], name: str
) -> None:
    small, large = of_size[SMALL][name], of_size[LARGE][name]
    assert large.aws_calls <= small.aws_calls
    assert large.bytes_read <= LONGER * small.bytes_read
    assert large.bytes <= LONGER * small.bytes


def test_every_kind_of_answer_is_looked_at(of_size: dict[int, dict[str, Answer]]) -> None:
    assert of_size[LARGE].keys() == {*CALLS}
