"""Opening what strangers send: which decoder its bytes call for, how much it will decode, and what that may raise.

Plugins are used by class: exactly the decoder that the bytes call for, no registry to fill, and no MPO, which
Pillow would make of a JPEG that has others behind it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from functions.compress.codec import rare_formats
from functions.compress.codec.formats import av1, boxes, gif, heif, jpeg2000, sniff, stripping, tiff
from functions.core.errors import ImageCode, PermanentError

MAX_SOURCE_BYTES = 25 * 1024 * 1024

_DECODERS: dict[str, Callable[[BytesIO], ImageFile]] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "gif": GifImageFile,
    "webp": WebPImageFile,
    "avif": AvifImageFile,
    "bmp": BmpImageFile,
    "tiff": TiffImageFile,
    "heif": rare_formats.heif,
    "jpeg2000": rare_formats.jpeg2000,
}
TURNED = ("tiff", "heif")  # by their decoders, while they load
_OF_PAGES = ("tiff", "heif")  # of which one is shown: a TIFF's first, a HEIF's primary one
_PNG_DEPTH_AT = 24  # the byte of a PNG that says how many bits a sample has
_TWO_BYTES = 16  # bits
_UNKNOWN_PIXELS = "unknown pixel mode"  # how Pillow says that a TIFF is fine, but not of a kind it can read

# Pillow keeps the memory of some pictures for the next: fresh from the kernel, each of its pages is a fault. Blocks are
# small, so that they fit pictures of any size as they are.
_BLOCK_BYTES = 1024 * 1024
_KEPT_BYTES = 32 * _BLOCK_BYTES  # a photograph of 8 megapixels
_LARGE_BYTES = 128 * _BLOCK_BYTES
Image.core.set_block_size(_BLOCK_BYTES)  # type: ignore[attr-defined]
Image.core.set_blocks_max(_KEPT_BYTES // _BLOCK_BYTES)  # type: ignore[attr-defined]


def make_room(needed: int) -> None:
    """Before a large image, free the memory that the codec keeps: the image may need all that there is."""
    if needed > _LARGE_BYTES:
        Image.core.clear_cache()  # type: ignore[attr-defined]


def kind_of(source: bytes) -> str:
    """The name of its format. Raises PermanentError: too_large, not_an_image, unsupported_format."""
    if len(source) > MAX_SOURCE_BYTES:
        raise PermanentError(ImageCode.TOO_LARGE, f"{len(source)} bytes")
    kind = sniff.sniff(source)
    if kind is None:
        raise PermanentError(ImageCode.NOT_AN_IMAGE, sniff.other_kind(source))
    if kind not in sniff.DECODED:
        raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, kind)
    return kind


def hidden_pixels(source: bytes, kind: str) -> int:
    """The pixels that are decoded however small the picture claims to be: a TIFF's tile, an AVIF's or HEIF's items."""
    if kind == "avif":
        return av1.most_pixels(boxes.streams(source))
    if kind == "heif":
        return heif.most_pixels(source)
    if kind == "jpeg2000":
        return jpeg2000.pixels(source)
    return tiff.tile_pixels(source) if kind == "tiff" else 0


def opened(source: bytes, kind: str) -> ImageFile:
    """Its header read, its pixels not decoded. Raises whatever the decoder does."""
    try:
        image = _DECODERS[kind](BytesIO(stripping.stripped(source, kind)))
    except SyntaxError as error:
        if str(error) == _UNKNOWN_PIXELS:
            raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, f"{kind} of unusual pixels") from error
        raise
    key = image.info.get("transparency")
    if kind == "png" and image.mode != "P" and key is not None:
        image.info["transparency"] = _eight_bit_key(key, depth=source[_PNG_DEPTH_AT])
    return image


def _eight_bit_key(key: int | tuple[int, ...], depth: int) -> int | tuple[int, ...]:
    """The transparent colour of a PNG in the bits that its pixels are decoded to; Pillow sees to one bit only."""
    if isinstance(key, tuple):
        return tuple(value >> 8 for value in key) if depth == _TWO_BYTES else key
    return {2: key * 85, 4: key * 17, _TWO_BYTES: key >> 8}.get(depth, key)


@contextmanager
def decoding() -> Iterator[None]:
    """Turns whatever a decoder raises into a PermanentError."""
    try:
        yield
    except PermanentError:
        raise
    except Image.DecompressionBombError as error:
        raise PermanentError(ImageCode.TOO_MANY_PIXELS, str(error)) from error
    except Exception as error:  # nine decoders and five encoders, fed by strangers, keep no list
        raise PermanentError(ImageCode.CORRUPT, f"{type(error).__name__}: {error}") from error


def forget_decoder(image: ImageFile) -> None:
    """Drop the decoder of a loaded still picture. libwebp and libheif hold a second copy of it."""
    vars(image).pop("_decoder", None)
    vars(image).pop("_heif_file", None)


def extent(image: ImageFile, source: bytes, kind: str) -> tuple[int, int, int]:
    """Width, height and frames."""
    if kind == "gif":  # Pillow would decode it to count, and takes a canvas that only a later frame needs
        extent = gif.extent(source)
        return extent.width, extent.height, extent.frames
    frames = 1 if kind in _OF_PAGES else getattr(image, "n_frames", 1)
    return image.width, image.height, frames
