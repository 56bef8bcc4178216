"""PNG: exact with up to 256 colours and at quality 100, else a dithered palette. Figures: docs/decisions.md.

libvips makes the palette, with libimagequant; oxipng packs it. Both are loaded for the first PNG, not before.
"""

from functools import cache
from types import ModuleType
from typing import Any, cast

from PIL import Image, ImageChops

from functions.compress.codec import recipe
from functions.compress.codec.encoders.saving import saved

_PALETTE_COLOURS = 256
_FOUR_BITS = 16  # colours that half a byte can number
_EFFORT = 5  # of 10, libvips's: 6 takes 1.5 times the CPU for a tenth fewer bytes
_DITHER = 0.5  # of 1: soft alpha and gradients show no bands, and it takes 5 % fewer bytes than 1
_PALETTE_PACKING = 1  # oxipng's level: 2 finds nothing more in a palette
_EXACT_PACKING = 2
_CAREFUL_PIXELS = 8_000_000  # a megapixel takes 0.75 s of CPU: 10 s on the half core of a worker, which has 20
_QUICK_PACKING = 4  # zlib's level


def encoded(picture: Image.Image, quality: int) -> bytes:
    """A PNG of a picture in L, RGB or RGBA. Raises whatever libvips, oxipng or Pillow do."""
    exact = _exact(picture) if quality == recipe.LOSSLESS_QUALITY or _has_few_colours(picture) else None
    if picture.width * picture.height > _CAREFUL_PIXELS:
        return saved(exact or _octree(picture), "png", compress_level=_QUICK_PACKING)
    if exact is not None:
        return _packed(_quickly(exact), _EXACT_PACKING)
    return _packed(_quantised(picture, quality), _PALETTE_PACKING)


def _has_few_colours(picture: Image.Image) -> bool:
    return picture.getcolors(_PALETTE_COLOURS) is not None


def _quickly(picture: Image.Image) -> bytes:
    return saved(picture, "png", compress_level=1)  # it is packed anew


def _packed(png: bytes, level: int) -> bytes:
    from oxipng import optimize_from_memory  # noqa: PLC0415 - loaded for the first PNG

    return optimize_from_memory(png, level=level)


def _quantised(picture: Image.Image, quality: int) -> bytes:
    bands = len(picture.getbands())
    pixels = _vips().Image.new_from_memory(picture.tobytes(), picture.width, picture.height, bands, "uchar")
    made: Any = pixels.copy(interpretation="srgb").pngsave_buffer(
        palette=True, Q=quality, effort=_EFFORT, dither=_DITHER, compression=1, keep="none"
    )
    return cast("bytes", made)


@cache
def _vips() -> ModuleType:
    """Without a cache of what was done: every picture comes once."""
    import pyvips  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types; loaded for the first PNG

    pyvips.cache_set_max(0)
    return cast("ModuleType", pyvips)


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
