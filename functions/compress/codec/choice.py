"""Which format `auto` takes: the smallest that looks as it should and keeps what the picture has.

It is told from what is cheap to see. Photographs are smallest as AVIF, then as WebP. Of flat drawings nobody can
tell, so two files are made. Figures: docs/decisions.md.
"""

from PIL import Image

from functions.compress.codec.drawings import is_drawing
from functions.core.options import ENCODED_FORMATS, Format, ImageOptions

_BY_SIZE = ("avif", "webp", "jpeg", "png")  # of a photograph at equal look, the smallest first
_MOVING = ("webp", "avif", "png")
_LONGEST_WEBP_EDGE = 16_383


def allowed(options: ImageOptions) -> frozenset[str]:
    """What `auto` may take."""
    return frozenset(kind.value for kind in options.formats or ENCODED_FORMATS)


def usual(options: ImageOptions) -> str:
    """What it mostly takes, which is also what takes most memory."""
    return next(kind for kind in _BY_SIZE if kind in allowed(options))


def of_animation(options: ImageOptions) -> str | None:
    """What it makes of an animation; None where it may take nothing that moves."""
    return next((kind for kind in _MOVING if kind in allowed(options)), None)


def candidates(picture: Image.Image, options: ImageOptions) -> list[str]:
    """One or two formats. The smaller of their files is taken."""
    kinds = [kind for kind in _BY_SIZE if kind in allowed(options) and _can_hold(kind, picture)] or [usual(options)]
    if "png" in kinds[1:] and is_drawing(picture):
        return [kinds[0], "png"]
    return kinds[:1]


def _can_hold(kind: str, picture: Image.Image) -> bool:
    if kind == "jpeg":
        return picture.mode != "RGBA"
    return kind != "webp" or max(picture.size) <= _LONGEST_WEBP_EDGE


def keeps_moving(options: ImageOptions) -> bool:
    """Whether an animation stays one; as JPEG it is its first frame."""
    if options.format is Format.AUTO:
        return of_animation(options) is not None
    return options.format is not Format.JPEG
