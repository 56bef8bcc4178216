"""A request that has ended, and one that never will, for the calls about requests."""

from pathlib import Path

import pytest

from infra.local.stack import LocalStack
from tests.system.client import ended, started


@pytest.fixture(scope="session")
def urls(photos: list[Path], photo_origin: str) -> dict[str, str]:
    """Two images that are there and one that is not."""
    good = {f"image{number}": f"{photo_origin}/{photos[number].name}" for number in (0, 1)}
    return good | {"missing": f"{photo_origin}/missing.jpg"}


@pytest.fixture(scope="session")
def known(stack: LocalStack, urls: dict[str, str]) -> dict[str, str]:
    """What cases may name in their paths."""
    csv = ('S. No.,Product Name,Input Image Urls\n1,SKU1,"{image0},{image1}"\n2,SKU2,"{missing},{image0}"\n').format(
        **urls
    )
    request_id = started(stack.url, csv)
    ended(stack.url, request_id)
    return {"request_id": request_id, **urls}
