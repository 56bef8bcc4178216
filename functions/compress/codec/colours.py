"""The colours of a decoded picture: everything becomes L, RGB, or RGBA where something is transparent, in sRGB."""

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, cast

from PIL import Image

from functions.compress.codec import recipe
from functions.compress.codec.formats import icc

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

_PROFILED = {"L": "GRAY", "RGB": "RGB", "RGBA": "RGB", "CMYK": "CMYK"}  # modes, and the profiles that fit them
_CACHED_TRANSFORMS = 8


def in_srgb(image: Image.Image) -> Image.Image:
    """The picture in one of the three modes; without alpha where all of it is opaque."""
    if image.mode == "LAB":
        return _from_lab().apply(image)
    profile = image.info.get("icc_profile") or b""
    picture = _converted(image if image.mode == "CMYK" else _eight_bit(image), profile)
    opaque = picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255)
    return picture.convert("RGB") if opaque or picture.mode == "CMYK" else picture


def is_plain(image: Image.Image) -> bool:
    """Whether neighbouring pixels have a mean: no palette, nothing transparent, 8 bits."""
    return image.mode in ("L", "RGB", "CMYK") and not image.has_transparency_data


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _with_key(_scaled_grey(image), image.info.get("transparency"))
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    mode = "L" if image.mode in ("1", "L") else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _with_key(grey: Image.Image, key: int | None) -> Image.Image:
    if key is None:
        return grey
    grey.info["transparency"] = key
    return grey.convert("RGBA")


def _scaled_grey(image: Image.Image) -> Image.Image:
    """16-bit grey as 8 bits: the lower 8 bits go. Values above 16 bits are scaled by the brightest one."""
    if image.mode.startswith("I;16"):
        image = image.convert("I")
        scale = 1 / 256
    else:
        _darkest, brightest = image.getextrema()
        scale = recipe.grey_scale(cast("float", brightest))
    return image.point(lambda value: value * scale).convert("L")


def _converted(picture: Image.Image, profile: bytes) -> Image.Image:
    if icc.is_srgb(profile) or icc.colour_space(profile) != _PROFILED.get(picture.mode):
        return picture
    transform = _transform(profile, picture.mode)
    if transform is None:
        return picture
    converted = transform.apply(picture)
    return converted.convert("L") if picture.mode == "L" else converted


@lru_cache(maxsize=_CACHED_TRANSFORMS)
def _transform(profile: bytes, mode: str) -> "ImageCmsTransform | None":
    """From the profile's colours to sRGB; None where the profile is broken. Transforms may be shared by threads."""
    from PIL import ImageCms  # noqa: PLC0415 - the colour engine is loaded for the few images that need it

    output = "RGBA" if mode == "RGBA" else "RGB"
    try:
        return ImageCms.buildTransform(BytesIO(profile), ImageCms.createProfile("sRGB"), mode, output)
    except ImageCms.PyCMSError:
        return None


@lru_cache(maxsize=1)
def _from_lab() -> "ImageCmsTransform":
    """From CIELAB under D50, as a TIFF has it, to sRGB: not through a table, which is 18 levels off in pure colours."""
    from PIL import ImageCms  # noqa: PLC0415 - as above

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB", flags=ImageCms.Flags.NOOPTIMIZE)
