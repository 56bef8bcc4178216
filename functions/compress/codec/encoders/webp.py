"""WebP: by Pillow, or by libvips where its colours at half the resolution would show. Figures: docs/decisions.md."""

from typing import Any

from PIL import Image

from functions.compress.codec import promise
from functions.compress.codec.encoders import vips
from functions.compress.codec.encoders.saving import saved
from functions.core.options import Effort

_FAST, _SMALL, _SMALL_WITH_ALPHA = 2, 6, 5  # methods, of 6, which takes 2.7 s for the alpha of 0.4 megapixels


def encoded(picture: Image.Image, quality: int, effort: Effort) -> bytes:
    """A lossy WebP."""
    has_alpha = picture.mode == "RGBA"
    method = _method(effort, has_alpha=has_alpha)
    told = promise.encoder_quality("webp with alpha" if has_alpha else "webp", quality)
    if quality >= promise.FINE_QUALITY:
        return vips.sharp_webp(picture, told, method)
    return saved(picture, "webp", quality=told, method=method)


def animation(plays: int, quality: int, effort: Effort) -> dict[str, Any]:
    """What Pillow is told of an animation, whose frames have alpha."""
    told = promise.encoder_quality("webp", quality)
    return {"quality": told, "method": _method(effort, has_alpha=True), "loop": plays}


def _method(effort: Effort, *, has_alpha: bool) -> int:
    if effort is Effort.FAST:
        return _FAST
    return _SMALL_WITH_ALPHA if has_alpha else _SMALL
