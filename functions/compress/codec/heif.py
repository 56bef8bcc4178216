"""Opening the pictures of phones with libheif, which is loaded for the first of them."""

from io import BytesIO

from PIL.ImageFile import ImageFile

from functions.compress.codec.formats import icc


def opened(file: BytesIO) -> ImageFile:
    """Its primary picture, turned as its own properties say. Raises whatever libheif does."""
    from pi_heif import HeifImageFile, options  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types

    options.DECODE_THREADS = 1
    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False  # nobody looks at them
    image: ImageFile = HeifImageFile(file)
    if "icc_profile" not in image.info:
        image.info["icc_profile"] = icc.of_primaries(image.info.get("nclx_profile", {}).get("color_primaries", 0))
    return image
