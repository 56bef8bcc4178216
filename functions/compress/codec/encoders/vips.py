"""libvips's encoders, for what Pillow's cannot do. It is loaded for the first picture that needs it."""

from functools import cache
from typing import Any, cast

from PIL import Image


def palette_png(picture: Image.Image, quality: int, effort: int, dither: float) -> bytes:
    """A PNG of up to 256 colours, hardly packed. `quality` is libimagequant's, from 1 to 100, `effort` from 1 to 10."""
    return _written(picture, "pngsave_buffer", palette=True, Q=quality, effort=effort, dither=dither, compression=1)


def sharp_webp(picture: Image.Image, quality: int, method: int) -> bytes:
    """A lossy WebP whose colours, stored at half the resolution, are fitted to what will be shown ("sharp YUV")."""
    return _written(picture, "webpsave_buffer", Q=quality, effort=method, smart_subsample=True)


def trellis_jpeg(picture: Image.Image, quality: int, *, full_colour: bool) -> bytes:
    """A progressive JPEG by mozjpeg: trellis quantisation, the best of many orders of scans."""
    return _written(
        picture,
        "jpegsave_buffer",
        Q=quality,
        quant_table=_KLEIN_SILVERSTEIN_CARNEY,
        trellis_quant=True,
        overshoot_deringing=True,
        optimize_coding=True,
        optimize_scans=True,
        interlace=True,
        subsample_mode="off" if full_colour else "on",
    )


_KLEIN_SILVERSTEIN_CARNEY = 5  # mozjpeg's number of the table that quantisation.py has, for colours too


def _written(picture: Image.Image, save: str, **parameters: Any) -> bytes:
    image = _library().Image.new_from_memory(
        picture.tobytes(), picture.width, picture.height, len(picture.getbands()), "uchar"
    )
    shown = image.copy(interpretation="b-w" if picture.mode == "L" else "srgb")
    return cast("bytes", getattr(shown, save)(keep="none", **parameters))


@cache
def _library() -> Any:
    """libvips without a cache, since every picture comes once, and with one thread for each picture."""
    import pyvips  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types; loaded where it is needed

    pyvips.cache_set_max(0)
    pyvips.vips_lib.vips_concurrency_set(1)
    return pyvips
