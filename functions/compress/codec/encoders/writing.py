"""From pictures to the bytes of a file: palettes for PNG, white under JPEG, and what each encoder is told."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from PIL import Image, ImageChops

from functions.compress.codec import recipe

_PALETTE_COLOURS = 256
_FOUR_BITS = 16  # colours that half a byte can number


class EncodingError(Exception):
    """An encoder could not write a picture. The picture is good: another setting may do, or the original."""


def encoded(picture: Image.Image, kind: str, quality: int) -> bytes:
    """One picture as a file; what is transparent is white in a JPEG. Raises EncodingError."""
    with _encoding(kind):
        if kind == "jpeg" and picture.mode == "RGBA":
            picture = _on_white(picture)
        if kind == "png":
            picture = _in_palette(picture, quality)
        parameters = recipe.save_parameters(kind, quality, picture.width * picture.height)
        return _jpeg(picture, parameters) if kind == "jpeg" else _saved(picture, kind, **parameters)


def encoded_frames(frames: list[Image.Image], plays: int, kind: str, quality: int) -> bytes:
    """An animation as a file, each frame with its milliseconds in `info["duration"]`; played 0 times is for ever.

    Raises EncodingError.
    """
    with _encoding(kind):
        parameters = recipe.save_parameters(
            kind, quality, frames[0].width * frames[0].height
        ) | recipe.animation_parameters(kind, plays)
        durations = [frame.info["duration"] for frame in frames]
        return _saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=durations, **parameters)


@contextmanager
def _encoding(kind: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # five encoders keep no list of what they raise
        raise EncodingError(f"{kind}: {type(error).__name__}: {error}") from error


def _jpeg(picture: Image.Image, parameters: dict[str, Any]) -> bytes:
    """Pillow writes a file with tables of its own in one piece, and has room for a byte a pixel: noise takes more."""
    try:
        return _saved(picture, "jpeg", **parameters)
    except OSError:
        return _saved(picture, "jpeg", **(parameters | {"optimize": False}))


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _in_palette(picture: Image.Image, quality: int) -> Image.Image:
    """Lossless with up to 256 colours; with more, an approximation by 256, but at full quality."""
    counted = picture.getcolors(_PALETTE_COLOURS)
    if counted is None and quality == recipe.LOSSLESS_QUALITY:
        return picture
    if counted is not None and picture.mode != "RGBA":
        return _in_these(picture, [colour for _count, colour in counted])
    palette = picture.quantize(_PALETTE_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return palette if counted is None or _same(palette, picture) else picture


def _in_these(picture: Image.Image, colours: list[Any]) -> Image.Image:
    """As a palette, without loss. Pillow's quick way may take a colour for its neighbour, its slow one does not."""
    if picture.mode == "L":
        if len(colours) > _FOUR_BITS:
            return picture  # its 8 bits need no palette
        colours = [(grey, grey, grey) for grey in colours]
    wanted, rgb = Image.new("P", (1, 1)), picture.convert("RGB")
    wanted.putpalette([value for colour in colours for value in colour])
    palette = rgb.quantize(palette=wanted, dither=Image.Dither.NONE)
    if not _same(palette, rgb):
        palette = rgb.quantize(_PALETTE_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return palette if _same(palette, rgb) else picture


def _same(palette: Image.Image, picture: Image.Image) -> bool:
    return ImageChops.difference(palette.convert(picture.mode), picture).getbbox(alpha_only=False) is None


def _saved(picture: Image.Image, kind: str, **parameters: Any) -> bytes:
    with _scratch_file() as file:
        picture.save(file, kind, **parameters)
        file.seek(0)
        return file.read()


def _scratch_file() -> IO[bytes]:
    """With a real descriptor: only to one does Pillow's JPEG encoder write without the interpreter's lock."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("image"), "w+b")
    return tempfile.TemporaryFile()
