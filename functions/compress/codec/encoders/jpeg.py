"""JPEG: by Pillow with tables of our own, or by mozjpeg where bytes count more than CPU. Figures: docs/decisions.md."""

from typing import Any

from PIL import Image

from functions.compress.codec import promise
from functions.compress.codec.encoders import quantisation, vips
from functions.compress.codec.encoders.saving import saved
from functions.core.options import Effort

_SMALL_PIXELS = 250_000  # up to here, a JPEG's Huffman tables are its own: they save most where there is least to code


def encoded(picture: Image.Image, quality: int, effort: Effort) -> bytes:
    """A JPEG; what is transparent is white. Raises whatever the encoders do."""
    shown = _on_white(picture) if picture.mode == "RGBA" else picture
    fine = quality >= promise.FINE_QUALITY
    if effort is Effort.SMALL:
        return vips.trellis_jpeg(shown, promise.encoder_quality("small jpeg", quality), full_colour=fine)
    parameters = {"qtables": quantisation.tables(quality), "subsampling": "4:4:4" if fine else "4:2:0"}
    return _optimised(shown, parameters) if shown.width * shown.height <= _SMALL_PIXELS else _plain(shown, parameters)


def _plain(picture: Image.Image, parameters: dict[str, Any]) -> bytes:
    return saved(picture, "jpeg", optimize=False, **parameters)


def _optimised(picture: Image.Image, parameters: dict[str, Any]) -> bytes:
    """A JPEG with Huffman tables of its own. Pillow has a buffer of one byte a pixel for it; noise takes more."""
    try:
        return saved(picture, "jpeg", optimize=True, **parameters)
    except OSError:
        return _plain(picture, parameters)


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white
