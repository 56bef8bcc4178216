"""WebP: by Pillow, or by libvips where its colours at half the resolution would show. Figures: docs/decisions.md."""

from typing import Any

from PIL import Image

from functions.compress.codec import promise
from functions.compress.codec.encoders import vips
from functions.compress.codec.encoders.saving import saved
from functions.core.options import Effort

_METHOD = {Effort.FAST: 2, Effort.SMALL: 6}  # of 6


def encoded(picture: Image.Image, quality: int, effort: Effort) -> bytes:
    """A lossy WebP."""
    if quality >= promise.FINE_QUALITY:
        return vips.sharp_webp(picture, promise.encoder_quality("webp", quality), _METHOD[effort])
    return saved(picture, "webp", **_parameters(quality, effort))


def animation(plays: int, quality: int, effort: Effort) -> dict[str, Any]:
    """What Pillow is told of an animation."""
    return _parameters(quality, effort) | {"loop": plays}


def _parameters(quality: int, effort: Effort) -> dict[str, Any]:
    return {"quality": promise.encoder_quality("webp", quality), "method": _METHOD[effort]}
