"""From pictures to the bytes of a file: which encoder, what it is told, white under JPEG."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image

from functions.compress.codec import recipe
from functions.compress.codec.encoders import png
from functions.compress.codec.encoders.saving import saved


class EncodingError(Exception):
    """An encoder could not write a picture. The picture is good: another setting may do, or the original."""


def encoded(picture: Image.Image, kind: str, quality: int) -> bytes:
    """One picture as a file; what is transparent is white in a JPEG. Raises EncodingError."""
    with _encoding(kind):
        if kind == "jpeg" and picture.mode == "RGBA":
            picture = _on_white(picture)
        if kind == "png":
            return png.encoded(picture, quality)
        parameters = recipe.save_parameters(kind, quality, picture.width * picture.height)
        return _jpeg(picture, parameters) if kind == "jpeg" else saved(picture, kind, **parameters)


def encoded_frames(frames: list[Image.Image], plays: int, kind: str, quality: int) -> bytes:
    """An animation as a file, each frame with its milliseconds in `info["duration"]`; played 0 times is for ever.

    Raises EncodingError.
    """
    with _encoding(kind):
        parameters = recipe.save_parameters(
            kind, quality, frames[0].width * frames[0].height
        ) | recipe.animation_parameters(kind, plays)
        durations = [frame.info["duration"] for frame in frames]
        return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=durations, **parameters)


@contextmanager
def _encoding(kind: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # five encoders keep no list of what they raise
        raise EncodingError(f"{kind}: {type(error).__name__}: {error}") from error


def _jpeg(picture: Image.Image, parameters: dict[str, Any]) -> bytes:
    """Pillow writes a file with tables of its own in one piece, and has room for a byte a pixel: noise takes more."""
    try:
        return saved(picture, "jpeg", **parameters)
    except OSError:
        return saved(picture, "jpeg", **(parameters | {"optimize": False}))


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white
