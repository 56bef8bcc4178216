"""From pictures to the bytes of a file: a module for each format, and one for each library that writes them."""

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from functions.compress.codec.encoders import avif, gif, jpeg, png, webp
from functions.compress.codec.encoders.saving import saved
from functions.compress.codec.formats.credits import Credits, with_credits
from functions.core.options import Effort

_STILLS = {"jpeg": jpeg.encoded, "png": png.encoded, "webp": webp.encoded, "avif": avif.encoded, "gif": gif.encoded}
_ANIMATIONS = {"png": png.animation, "webp": webp.animation, "avif": avif.animation, "gif": gif.animation}
_ANONYMOUS = Credits()
_MOST_SMALL_PIXELS = 12_000_000  # 12 s of CPU for a WebP of soft alpha; larger ones would pass the worker's time


class EncodingError(Exception):
    """An encoder could not write a picture. The picture is good: another setting may do, or the original."""


def encoded(picture: Image.Image, kind: str, quality: int, effort: Effort, *, credit: Credits = _ANONYMOUS) -> bytes:
    """A picture in L, RGB or RGBA as a file; what is transparent is white in a JPEG. Raises EncodingError."""
    if picture.width * picture.height > _MOST_SMALL_PIXELS:
        effort = Effort.FAST
    with _encoding(kind):
        if kind == "avif" and credit:
            return avif.credited(picture, quality, effort, credit)
        return with_credits(_STILLS[kind](picture, quality, effort), kind, picture.size, credit)


def encoded_frames(
    frames: list[Image.Image], plays: int, kind: str, quality: int, *, effort: Effort, credit: Credits = _ANONYMOUS
) -> bytes:
    """An animation as a file, each frame with its milliseconds in `info["duration"]`; played 0 times is for ever.

    Raises EncodingError.
    """
    durations = [frame.info["duration"] for frame in frames]
    with _encoding(kind):
        parameters = _ANIMATIONS[kind](plays, quality, effort)
        made = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=durations, **parameters)
        return with_credits(made, kind, frames[0].size, credit)


@contextmanager
def _encoding(kind: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # five encoders keep no list of what they raise
        raise EncodingError(f"{kind}: {type(error).__name__}: {error}") from error
