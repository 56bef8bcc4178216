"""AVIF, by Pillow. Figures: docs/decisions.md."""

from typing import Any

from PIL import Image

from functions.compress.codec import promise
from functions.compress.codec.encoders.saving import saved
from functions.compress.codec.formats.credits import Credits, exif, xmp
from functions.core.options import Effort

_SPEED = {Effort.FAST: 10, Effort.SMALL: 8}  # of 10


def encoded(picture: Image.Image, quality: int, effort: Effort) -> bytes:
    """A lossy AVIF."""
    return saved(picture, "avif", **_parameters(quality, effort))


def credited(picture: Image.Image, quality: int, effort: Effort, credit: Credits) -> bytes:
    """A lossy AVIF that says whose it is."""
    return saved(picture, "avif", exif=exif(credit), xmp=xmp(credit), **_parameters(quality, effort))


def animation(plays: int, quality: int, effort: Effort) -> dict[str, Any]:  # noqa: ARG001 - it plays for ever
    """What Pillow is told of an animation."""
    return _parameters(quality, effort)


def _parameters(quality: int, effort: Effort) -> dict[str, Any]:
    return {
        "quality": promise.encoder_quality("avif", quality),
        "subsampling": "4:4:4" if quality >= promise.FINE_QUALITY else "4:2:0",
        "speed": _SPEED[effort],
        "max_threads": 1,  # its tiling would follow the number of threads, and the same bytes must come out
    }
