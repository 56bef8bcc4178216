"""Pictures' memory is kept for the next ones, but not from an image that may need all there is."""

from typing import Any

import pytest
from PIL import Image

from functions.compress.codec import compress, decoders, probe
from functions.core.options import Format, ImageOptions
from tests.images import encoded, photo

MEBIBYTE = 1 << 20


def kept() -> int:
    blocks: int = Image.core.get_stats()["blocks_cached"]  # type: ignore[attr-defined]
    return blocks


def test_a_picture_leaves_its_memory_to_the_next_one() -> None:
    decoders.make_room(1 << 40)
    compress(encoded(photo(1000, 1000), "JPEG"), ImageOptions())
    assert kept() > 0


def test_no_more_is_kept_than_the_worker_reserves() -> None:
    blocks = Image.core.get_blocks_max() * Image.core.get_block_size()  # type: ignore[attr-defined]
    assert blocks == 32 * MEBIBYTE


@pytest.mark.parametrize(("needed", "stays"), [(128 * MEBIBYTE, True), (128 * MEBIBYTE + 1, False)])
def test_a_large_need_is_given_what_was_kept(needed: int, stays: bool) -> None:
    compress(encoded(photo(1000, 1000), "JPEG"), ImageOptions())
    decoders.make_room(needed)
    assert (kept() > 0) == stays


def test_the_need_is_that_of_the_image_and_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    needs: list[int] = []
    monkeypatch.setattr("functions.compress.codec.pipeline.make_room", needs.append)
    source, options = encoded(photo(), "JPEG"), ImageOptions(format=Format.AVIF)
    compress(source, options)
    assert needs == [probe(source, options).decoded_bytes]


def test_a_decoder_is_forgotten_before_its_picture_is_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []

    def remembered(source: bytes, kind: str) -> Any:
        opened.append(decoders.opened(source, kind))
        return opened[-1]

    def encoded_then(picture: Image.Image, *_asked: Any, **_more: Any) -> bytes:
        assert picture.size == opened[0].size
        assert not hasattr(opened[0], "_decoder")
        return b"smaller"

    monkeypatch.setattr("functions.compress.codec.pipeline.opened", remembered)
    monkeypatch.setattr("functions.compress.codec.encoders.attempts.encoded", encoded_then)
    assert compress(encoded(photo(), "WEBP"), ImageOptions()).content == b"smaller"
