"""PNG: exact with up to 256 colours and at quality 100, else a dithered palette. Figures: docs/decisions.md.

libvips makes the palette, with libimagequant; oxipng packs it. Both are loaded for the first PNG, not before.
"""

from io import BytesIO
from typing import Any, cast

from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngImageFile

from functions.compress.codec import promise
from functions.compress.codec.encoders import vips
from functions.compress.codec.encoders.saving import saved
from functions.core.options import Effort

_PALETTE_COLOURS = 256
_FOUR_BITS = 16  # colours that half a byte can number
_DITHER = 0.5  # of 1: soft alpha and gradients show no bands, and it takes 5 % fewer bytes than 1
_QUICK, _CAREFUL = 5, 7  # libvips's effort, of 10: the second takes twice the CPU for a tenth fewer bytes
_PATCH = 24  # levels, of 8 x 8 pixels on average: the quick way sometimes takes a whole patch for another colour
_PATCH_EDGE = 8  # pixels
_PALETTE_LIMIT = (
    86  # from this quality on, what needs more than 256 colours keeps all of them: a palette gives 80 to 85
)
_PALETTE_PACKING = {Effort.FAST: 1, Effort.SMALL: 2}  # oxipng's level
_EXACT_PACKING = {Effort.FAST: 2, Effort.SMALL: 4}
_MOST_CAREFUL_PIXELS = 8_000_000  # a megapixel takes 0.75 s of CPU: 10 s on the half core of a worker, which has 20
_ZLIB_LEVEL = 4


def encoded(picture: Image.Image, quality: int, effort: Effort) -> bytes:
    """A PNG of a picture in L, RGB or RGBA. Raises whatever libvips, oxipng or Pillow do."""
    exact = _exact(picture) if quality == promise.LOSSLESS_QUALITY or _has_few_colours(picture) else None
    if picture.width * picture.height > _MOST_CAREFUL_PIXELS:
        return saved(exact or _octree(picture), "png", compress_level=_ZLIB_LEVEL)
    if exact is not None:
        return _packed(_quickly(exact), _EXACT_PACKING[effort])
    palette = _in_palette(picture, promise.encoder_quality("png", quality), effort)
    if quality >= _PALETTE_LIMIT and _colours(palette) == _PALETTE_COLOURS:
        return _packed(_quickly(picture), _EXACT_PACKING[effort])
    return _packed(palette, _PALETTE_PACKING[effort])


def _colours(png: bytes) -> int:
    with PngImageFile(BytesIO(png)) as opened:
        return len(opened.getpalette() or ()) // 3


def animation(plays: int, quality: int, effort: Effort) -> dict[str, Any]:  # noqa: ARG001 - animations are exact
    """What Pillow is told of an animation."""
    return {"loop": plays, "disposal": 0, "blend": 0, "compress_level": _ZLIB_LEVEL}


def _has_few_colours(picture: Image.Image) -> bool:
    return picture.getcolors(_PALETTE_COLOURS) is not None


def _quickly(picture: Image.Image) -> bytes:
    return saved(picture, "png", compress_level=1)  # it is packed anew


def _packed(png: bytes, level: int) -> bytes:
    from oxipng import optimize_from_memory  # noqa: PLC0415 - loaded for the first PNG

    return optimize_from_memory(png, level=level)


def _in_palette(picture: Image.Image, palette_quality: int, effort: Effort) -> bytes:
    """The quick way where it does, which is looked at; else the careful one."""
    if effort is Effort.FAST:
        made = vips.palette_png(picture, palette_quality, _QUICK, _DITHER)
        if not _has_patches(picture, made):
            return made
    return vips.palette_png(picture, palette_quality, _CAREFUL, _DITHER)


def _has_patches(picture: Image.Image, made: bytes) -> bool:
    with PngImageFile(BytesIO(made)) as opened:
        shown = opened.convert(picture.mode)
    grounds = ("black", "white") if picture.mode == "RGBA" else ("black",)
    return any(_largest_difference(_on(picture, ground), _on(shown, ground)) > _PATCH for ground in grounds)


def _on(picture: Image.Image, ground: str) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    shown = Image.new("RGB", picture.size, ground)
    shown.paste(picture, mask=picture)
    return shown


def _largest_difference(one: Image.Image, other: Image.Image) -> int:
    extrema = ImageChops.difference(one.reduce(_PATCH_EDGE), other.reduce(_PATCH_EDGE)).convert("RGB").getextrema()
    return max(int(most) for _least, most in cast("tuple[tuple[float, float], ...]", extrema))


def _exact(picture: Image.Image) -> Image.Image:
    """The same picture, as a palette where one can be made without loss."""
    counted = picture.getcolors(_PALETTE_COLOURS)
    if counted is None:
        return picture
    if picture.mode != "RGBA":
        return _in_these(picture, [colour for _count, colour in counted])
    palette = _octree(picture)
    return palette if _same(palette, picture) else picture


def _octree(picture: Image.Image) -> Image.Image:
    return picture.quantize(_PALETTE_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


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
