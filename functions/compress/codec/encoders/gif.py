"""GIF, by Pillow, which knows but one way to write it."""

from typing import Any

from PIL import Image

from functions.compress.codec.encoders.saving import saved
from functions.core.options import Effort


def encoded(picture: Image.Image, quality: int, effort: Effort) -> bytes:  # noqa: ARG001 - one way
    """A GIF of up to 256 colours."""
    return saved(picture, "gif")


def animation(plays: int, quality: int, effort: Effort) -> dict[str, Any]:  # noqa: ARG001 - one way
    """What Pillow is told of an animation. A GIF says how often it is repeated, or nothing if it is not."""
    return {"disposal": 2} | ({} if plays == 1 else {"loop": max(0, plays - 1)})
