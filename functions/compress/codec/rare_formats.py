"""Opening what few images are: libraries and plugins that are loaded for the first of them."""

from io import BytesIO

from PIL.ImageFile import ImageFile

from functions.compress.codec.formats import icc
from functions.compress.codec.formats import jpeg2000 as codestream


def heif(file: BytesIO) -> ImageFile:
    """The primary picture of a phone's file, turned as its own properties say. Raises whatever libheif does."""
    from pi_heif import HeifImageFile, options  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types

    options.DECODE_THREADS = 1
    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False  # nobody looks at them
    image: ImageFile = HeifImageFile(file)
    if "icc_profile" not in image.info:
        image.info["icc_profile"] = icc.of_primaries(image.info.get("nclx_profile", {}).get("color_primaries", 0))
    return image


def jpeg2000(file: BytesIO) -> ImageFile:
    """Raises whatever Pillow's plugin does, which passes over the profile."""
    from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile  # noqa: PLC0415 - for the few

    image = Jpeg2KImageFile(file)
    image.info["icc_profile"] = codestream.profile(file.getvalue())
    return image
