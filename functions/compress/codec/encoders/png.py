"""PNG: exact with up to 256 colours and at quality 100, else a dithered palette. Figures: docs/decisions.md.

libvips makes the palette, with libimagequant; oxipng packs it. Both are loaded for the first PNG, not before.
"""

from io import BytesIO
from math import ceil, sqrt
from typing import Any

from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngImageFile

from functions.compress.codec import promise
from functions.compress.codec.drawings import is_drawing
from functions.compress.codec.encoders import vips
from functions.compress.codec.encoders.saving import saved
from functions.core.options import Effort

_PALETTE_COLOURS = 256
_FOUR_BITS = 16  # colours that half a byte can number
_LEAST_FOR_DRAWINGS = 50  # below, patches of one colour take another's, and not 2 % of the bytes are saved
_DITHER = 0.5  # of 1: soft alpha and gradients show no bands, and it takes 5 % fewer bytes than 1
_EFFORT = {Effort.FAST: 6, Effort.SMALL: 7}  # libvips's, of 10: below 6 whole patches come out in another colour
_PALETTE_LIMIT = 86  # the quality from which on more than 256 colours are all kept: a palette scores 80 to 85
_PALETTE_PACKING = {Effort.FAST: 1, Effort.SMALL: 2}  # oxipng's level
_EXACT_PACKING = 2
_TRIED_PIXELS = 1_000_000  # a larger picture that a palette will hardly do for is not tried with one
CAREFUL_PIXELS = 4_200_000  # 2,048 in square: 6 s of CPU, 15 where all of it is soft alpha, and the worker has 30
_SAMPLE_PIXELS = 1_000_000  # of which a larger picture's palette is made
_ZLIB_LEVEL = 4


def encoded(picture: Image.Image, quality: int, effort: Effort) -> bytes:
    """A PNG of a picture in L, RGB or RGBA. Raises whatever libvips, oxipng or Pillow do."""
    pixels = picture.width * picture.height
    is_beyond = quality >= _PALETTE_LIMIT and pixels > _TRIED_PIXELS
    is_exact = is_beyond or quality == promise.LOSSLESS_QUALITY or _has_few_colours(picture)
    if pixels > CAREFUL_PIXELS:
        made = _exact(picture) if is_exact else _coarsely(picture, _palette_quality(picture, quality))
        return saved(made, "png", compress_level=_ZLIB_LEVEL)
    if is_exact:
        return _packed(_quickly(_exact(picture)), _EXACT_PACKING)
    palette = vips.palette_png(picture, _palette_quality(picture, quality), _EFFORT[effort], _DITHER)
    if quality >= _PALETTE_LIMIT and _colours(palette) == _PALETTE_COLOURS:
        return _packed(_quickly(picture), _EXACT_PACKING)
    return _packed(palette, _PALETTE_PACKING[effort])


def _palette_quality(picture: Image.Image, quality: int) -> int:
    """libimagequant's quality. Soft alpha uses palette colours, too; in a drawing every missed colour shows."""
    if is_drawing(picture):
        return max(quality, _LEAST_FOR_DRAWINGS)
    return promise.encoder_quality("png with alpha" if picture.mode == "RGBA" else "png", quality)


def _coarsely(picture: Image.Image, palette_quality: int) -> Image.Image:
    """A palette made from a smaller copy, in a fifth of the CPU.

    Transparent pixels keep their colours for soft edges.
    """
    if picture.mode == "RGBA":
        return picture
    sample = picture.reduce(ceil(sqrt(picture.width * picture.height / _SAMPLE_PIXELS)))
    with PngImageFile(BytesIO(vips.palette_png(sample, palette_quality, _EFFORT[Effort.FAST], 0))) as palette:
        return picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


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
    """The picture with this palette, exactly. Pillow's quick way may confuse near colours; its slow way does not."""
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
