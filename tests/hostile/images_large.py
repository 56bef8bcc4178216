"""The largest pictures that are taken, in the ways that cost most: what was promised for them must hold."""

import struct
import zlib
from functools import partial

from PIL import Image

from functions.core.options import DEFAULT_QUALITY, Effort, Format, ImageOptions, Rendition
from tests.heif import heic
from tests.hostile.images import BLUE, GREEN, RED, YELLOW, Case, Cases, Shown, bmp, grey_tiff, png, quadrants
from tests.hostile.images_bombs import scans
from tests.hostile.images_odd import DISPLAY_P3
from tests.images import cmyk_profile_of_greys, encoded, orientation_exif, photo, png_chunk, rgb_profile

EDGE = 7000  # pixels; squared, 49 megapixels
P3 = rgb_profile("Display P3", DISPLAY_P3)
ANY = Shown((EDGE, EDGE), None)
HALF_CLEAR = (RED, GREEN, BLUE, (*YELLOW[:3], 128))


def plain(mode: str = "RGB") -> Image.Image:
    return quadrants(HALF_CLEAR, (EDGE, EDGE)).convert(mode)


def colourful() -> Image.Image:
    """Of so many colours that nothing is as simple as a drawing."""
    return photo(500, 500).resize((EDGE, EDGE))


def deep_png() -> bytes:
    row = b"\0" + struct.pack(">HHHH", 1, 20_000, 40_000, 30_000) * EDGE
    profile = png_chunk(b"iCCP", b"P3\0\0" + zlib.compress(P3))
    return png(EDGE, EDGE, 16, 6, row * EDGE, extra=profile)


def one_tile() -> bytes:
    data = zlib.compress(bytes(EDGE * EDGE))
    return grey_tiff(
        16, 16, {259: (3, [8]), 322: (4, [EDGE]), 323: (4, [EDGE]), 324: (4, [8]), 325: (4, [len(data)])}, data
    )


def runs() -> bytes:
    row = b"\xfa\1" * (EDGE // 250) + b"\0\0"
    return bmp(EDGE, EDGE, 8, 1, palette=bytes(range(256)) * 4, data=row * EDGE + b"\0\1")


def soft_edged(edge: int) -> Image.Image:
    """As many colours as there are pixels, of every transparency: what a palette is hardest to make of."""
    picture = colourful().resize((edge, edge))
    picture.putalpha(Image.linear_gradient("L").resize((edge, edge)))
    return picture


def to(kind: Format, quality: int = DEFAULT_QUALITY, max_width: int | None = None) -> ImageOptions:
    return ImageOptions(format=kind, quality=quality, max_width=max_width)


def renditions(*texts: str) -> ImageOptions:
    return ImageOptions(renditions=tuple(str(Rendition.parse(text)) for text in texts))


LARGE: Cases = {
    "progressive inks, turned, in a profile": Case(
        lambda: encoded(
            plain("CMYK"), "JPEG", progressive=True, exif=orientation_exif(6), icc_profile=cmyk_profile_of_greys()
        ),
        ANY,
    ),
    "progressive jpeg in a profile": Case(
        lambda: encoded(colourful(), "JPEG", progressive=True, icc_profile=P3), ANY, ImageOptions(quality=95)
    ),
    "jpeg": Case(lambda: encoded(colourful(), "JPEG"), ANY),
    "progressive jpeg of 90 scans": Case(partial(scans, 80, EDGE), ANY),
    "16-bit png with alpha in a profile": Case(deep_png, ANY),
    "png of many colours": Case(lambda: encoded(colourful(), "PNG", compress_level=1), ANY),
    "png with alpha to avif": Case(lambda: encoded(plain("RGBA"), "PNG", compress_level=1), ANY, to(Format.AVIF)),
    "png with alpha to webp": Case(lambda: encoded(plain("RGBA"), "PNG", compress_level=1), ANY, to(Format.WEBP)),
    "png with alpha to fine webp": Case(
        lambda: encoded(plain("RGBA"), "PNG", compress_level=1), ANY, to(Format.WEBP, quality=95)
    ),
    "png with alpha to fine avif": Case(
        lambda: encoded(plain("RGBA"), "PNG", compress_level=1), ANY, to(Format.AVIF, quality=95)
    ),
    "png of soft alpha to a palette": Case(
        lambda: encoded(soft_edged(2_040), "PNG", compress_level=1), Shown((2_040, 2_040), None)
    ),
    "jpeg with much effort": Case(
        lambda: encoded(colourful().resize((3_400, 3_400)), "JPEG"),
        Shown((3_400, 3_400), None),
        ImageOptions(quality=95, effort=Effort.SMALL),
    ),
    "webp with alpha": Case(lambda: encoded(plain("RGBA"), "WEBP", lossless=True, method=0), ANY),
    "avif": Case(lambda: encoded(plain(), "AVIF", speed=10, max_threads=2), ANY),
    "gif": Case(lambda: encoded(plain("P"), "GIF"), Shown((3500, 3500), None), ImageOptions(max_width=3500)),
    "floating-point tiff": Case(lambda: encoded(plain("F"), "TIFF", compression="tiff_lzw"), ANY),
    "16-bit tiff": Case(lambda: encoded(plain("I").convert("I;16"), "TIFF", compression="tiff_lzw"), ANY),
    "tiff of inks": Case(lambda: encoded(plain("CMYK"), "TIFF", compression="tiff_lzw"), ANY),
    "tiff of one tile": Case(one_tile, Shown((16, 16), None)),
    "bmp of runs": Case(runs, ANY),
    "heif with alpha": Case(partial(heic, "large-alpha"), ANY),
    "heif with alpha to jpeg": Case(partial(heic, "large-alpha"), ANY, to(Format.JPEG)),
    "heif with alpha to webp": Case(partial(heic, "large-alpha"), ANY, to(Format.WEBP)),
    "jpeg 2000 with alpha": Case(lambda: encoded(plain("RGBA"), "JPEG2000", codeblock_size=(16, 16)), ANY),
    "tiff in Lab": Case(lambda: encoded(plain().convert("LAB"), "TIFF", compression="tiff_lzw"), ANY),
    "jpeg in renditions": Case(
        lambda: encoded(colourful(), "JPEG"),
        Shown((5_000, 5_000), None),
        renditions("thumb=320x320,pad,webp", "zoom=4000x,avif", "canvas=5000x5000,pad,white,jpeg"),
    ),
    "png of soft alpha in renditions": Case(
        lambda: encoded(soft_edged(2_040), "PNG", compress_level=1),
        Shown((2_000, 2_000), None),
        renditions("thumb=320x320,cover", "zoom=2040x2040,webp", "palette=2000x2000,pad,png"),
    ),
    "small jpeg on a large canvas": Case(
        lambda: encoded(photo(500, 500), "JPEG"),
        Shown((5_000, 5_000), None),
        renditions("a=5000x5000,pad,png", "b=5000x5000,cover,enlarge,avif", "c=5000x5000,pad,webp"),
    ),
    "line": Case(lambda: png(49_000_000, 1, 8, 6, b"\0" + bytes(RED) * 49_000_000), Shown((65_500, 1), (RED,) * 4)),
}
