"""Which format `auto` takes: the smallest that looks as it should and keeps what the picture has.

It is told from what is cheap to see. Photographs are smallest as AVIF, then as WebP. Of flat drawings nobody can
tell, so two files are made. Figures: docs/decisions.md.
"""

from PIL import Image, ImageChops

from functions.core.options import ENCODED_FORMATS, Format, ImageOptions

_BY_SIZE = ("avif", "webp", "jpeg", "png")  # of a photograph at equal look, the smallest first
_MOVING = ("webp", "avif", "png")
_PALETTE_COLOURS = 256
_LONGEST_WEBP_EDGE = 16_383
_FLAT_SHARE = 0.6  # of pixels that are as their neighbour: photographs have a tenth, products on white a half
_SAMPLE_EDGE = 512  # pixels, of the middle of the picture


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
    """One or two formats, of which the smaller file is to be taken."""
    kinds = [kind for kind in _BY_SIZE if kind in allowed(options) and _can_hold(kind, picture)] or [usual(options)]
    if "png" in kinds[1:] and _is_drawing(picture):
        return [kinds[0], "png"]
    return kinds[:1]


def _can_hold(kind: str, picture: Image.Image) -> bool:
    if kind == "jpeg":
        return picture.mode != "RGBA"
    return kind != "webp" or max(picture.size) <= _LONGEST_WEBP_EDGE


def _is_drawing(picture: Image.Image) -> bool:
    """Whether it has few colours, or is mostly flat."""
    if picture.getcolors(_PALETTE_COLOURS) is not None:
        return True
    sample = _middle(picture).convert("RGB")
    moved = ImageChops.offset(sample, 1, 0)
    same = ImageChops.difference(sample, moved).convert("L").histogram()[0]
    return same >= _FLAT_SHARE * sample.width * sample.height


def _middle(picture: Image.Image) -> Image.Image:
    across, down = (min(edge, _SAMPLE_EDGE) for edge in picture.size)
    left, top = (picture.width - across) // 2, (picture.height - down) // 2
    return picture.crop((left, top, left + across, top + down))


def keeps_moving(options: ImageOptions) -> bool:
    """Whether an animation stays one; as JPEG it is its first frame."""
    if options.format is Format.AUTO:
        return of_animation(options) is not None
    return options.format is not Format.JPEG
