from functools import cache
from io import BytesIO
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from functions.compress.codec import compress
from functions.compress.codec.encoders import EncodingError
from functions.compress.codec.recipe import fitted
from functions.core.errors import PermanentError
from functions.core.options import Format, ImageOptions
from tests.images import SMALL, decoded, encoded, photo

edges = st.integers(1, 5000)
limits = st.none() | st.integers(1, 16_383)


@cache
def small(name: str) -> bytes:
    return SMALL[name]()


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A small file of any format, cut short or with some bits flipped."""
    source = bytearray(small(draw(st.sampled_from(sorted(SMALL)))))
    if draw(st.booleans()):
        return bytes(source[: draw(st.integers(0, len(source) - 1))])
    for _ in range(draw(st.integers(1, 3))):
        source[draw(st.integers(0, len(source) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(source)


@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it can do without
@settings(max_examples=100, deadline=None, derandomize=True)
@given(damaged_files(), st.sampled_from(Format), limits)
def test_a_damaged_file_is_refused_or_comes_out_decodable_and_no_larger(
    source: bytes, asked: Format, max_width: int | None
) -> None:
    try:
        compressed = compress(source, ImageOptions(format=asked, max_width=max_width))
    except PermanentError:
        return
    assert len(compressed.content) <= len(source)
    assert decoded(compressed.content).format in {"JPEG", "MPO", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF"}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.tuples(st.integers(1, 420), st.integers(1, 320)),
    st.integers(1, 100),
    st.sampled_from(["L", "RGB", "RGBA"]),
    st.sampled_from(Format),
    st.integers(),
)
def test_a_good_picture_of_noise_is_never_called_corrupt(
    size: tuple[int, int], quality: int, mode: str, asked: Format, seed: int
) -> None:
    """Noise makes the largest files that there are: whatever fails while it is encoded is no fault of the source."""
    source = noise(mode, size, seed)
    compressed = compress(source, ImageOptions(quality=quality, format=asked))
    assert len(compressed.content) <= len(source)
    assert decoded(compressed.content).size == size


def noise(mode: str, size: tuple[int, int], seed: int) -> bytes:
    """The finest JPEG, with alpha a PNG."""
    pixels = Random(seed).randbytes(size[0] * size[1] * len(mode))  # noqa: S311 - noise, not a secret
    picture, file = Image.frombytes(mode, size, pixels), BytesIO()
    if mode == "RGBA":
        picture.save(file, "PNG", compress_level=1)
    else:
        picture.save(file, "JPEG", quality=97, subsampling="4:4:4")
    return file.getvalue()


@pytest.mark.parametrize("quality", [97, 98, 99, 100])
def test_noise_of_400_by_300_pixels_is_encoded_without_tables_of_its_own(quality: int) -> None:
    """Seen: Pillow's encoder ran out of its buffer, and a good JPEG was called corrupt."""
    source = noise("RGB", (400, 300), seed=1)
    compressed = compress(source, ImageOptions(quality=quality))
    assert (compressed.format, len(compressed.content) <= len(source)) == ("jpeg", True)


def test_where_no_encoder_can_write_a_picture_the_original_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> bytes:
        raise EncodingError("webp: OSError: no more room")

    monkeypatch.setattr("functions.compress.codec.encoders.attempts.encoded", failing)
    compressed = compress(SMALL["jpeg"](), ImageOptions(format=Format.WEBP))
    assert (compressed.format, compressed.original_kept) == ("jpeg", True)


@given(edges, edges, limits, limits)
def test_no_edge_exceeds_what_was_asked_for_or_what_there_was(
    width: int, height: int, max_width: int | None, max_height: int | None
) -> None:
    options = ImageOptions(max_width=max_width, max_height=max_height)
    new_width, new_height = fitted(width, height, options, "jpeg")
    assert 1 <= new_width <= min(width, max_width or width)
    assert 1 <= new_height <= min(height, max_height or height)


@given(edges, edges, limits, limits)
def test_proportions_are_kept_to_the_pixel(
    width: int, height: int, max_width: int | None, max_height: int | None
) -> None:
    new_width, new_height = fitted(width, height, ImageOptions(max_width=max_width, max_height=max_height), "jpeg")
    by_width, by_height = height * new_width / width, width * new_height / height
    assert abs(new_height - by_width) < 1 or abs(new_width - by_height) < 1


@given(edges, edges, limits, limits)
def test_no_image_is_smaller_than_it_must_be(
    width: int, height: int, max_width: int | None, max_height: int | None
) -> None:
    new_width, new_height = fitted(width, height, ImageOptions(max_width=max_width, max_height=max_height), "jpeg")
    assert new_width == min(width, max_width or width) or new_height == min(height, max_height or height)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(2, 90), st.integers(2, 90), st.integers(1, 60))
def test_the_file_has_the_size_that_was_computed(width: int, height: int, max_width: int) -> None:
    options = ImageOptions(max_width=max_width, format=Format.PNG)
    compressed = compress(encoded(photo(width, height), "BMP"), options)
    assert decoded(compressed.content).size == (compressed.width, compressed.height)
