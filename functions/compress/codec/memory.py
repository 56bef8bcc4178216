"""How much memory an image takes while it is decoded and encoded, as was measured."""

from collections.abc import Iterable

from functions.compress.codec import choice, promise, recipe
from functions.compress.codec.encoders import png
from functions.core.options import Effort, Format, ImageOptions

# Peak resident bytes per pixel, measured at 12 megapixels
_PIXEL_BYTES = 4  # Pillow's own, of any mode but L and P
_DECODING_BYTES = {
    "jpeg": 12,
    "png": 12,
    "gif": 12,
    "webp": 20,
    "avif": 14,
    "bmp": 12,
    "tiff": 12,
    "heif": 17,
    "jpeg2000": 34,
}
_PLAIN_BYTES = {"jpeg": _PIXEL_BYTES, "heif": 6}  # without copies: the colours of a HEIF have its full resolution
_ENCODING_BYTES = {"jpeg": 4, "png": 8, "gif": 8, "webp": 14, "avif": 26}
_FINE_BYTES = {"jpeg": 6, "webp": 16, "avif": 14}  # more where colours keep their resolution
_SMALL_BYTES = {"jpeg": 8}  # more with effort=small: mozjpeg holds the picture and all of its coefficients
_QUANTISED_BYTES = 42  # of a pixel that the palette of a PNG is made of
_FIXED_BYTES = 2 * 1024 * 1024
_FRAME_BYTES = 4096  # of a frame that is held, beside its pixels
_SOURCE_COPIES = {
    "webp": 3,
    "avif": 5,
    "heif": 5,
}  # of the file at the worst: without metadata, the decoder's own, that kept
_COPIES = 2  # in the other formats


def needed(
    source_format: str, options: ImageOptions | None, pixels: int, frames: int, *, needs_copies: bool, source_bytes: int
) -> int:
    """Bytes of memory that decoding and encoding take at their peak, an upper estimate from measured ones."""
    decoding = (_DECODING_BYTES if needs_copies else _PLAIN_BYTES)[source_format]
    encoding = max(_encoding(kind, options, pixels) for kind in _targets(source_format, options))
    copies = _SOURCE_COPIES.get(source_format, _COPIES)
    held_frames = frames * (pixels * _PIXEL_BYTES + _FRAME_BYTES) if frames > 1 else 0
    return _FIXED_BYTES + pixels * decoding + encoding + held_frames + copies * source_bytes


def held(pixels: int) -> int:
    """Bytes of a picture that is kept while renditions are made of it."""
    return pixels * _PIXEL_BYTES


def _targets(source_format: str, options: ImageOptions | None) -> Iterable[str]:
    """What may be made of it."""
    if options is None:
        return _ENCODING_BYTES
    if options.format is Format.AUTO:
        return choice.allowed(options)
    return (recipe.target_format(source_format, options, has_alpha=True),)


def _encoding(kind: str, options: ImageOptions | None, pixels: int) -> int:
    fine = options is None or options.quality >= promise.FINE_QUALITY
    small = options is None or options.effort is Effort.SMALL
    plain = _ENCODING_BYTES[kind] + fine * _FINE_BYTES.get(kind, 0) + small * _SMALL_BYTES.get(kind, 0)
    quantised = min(pixels, png.CAREFUL_PIXELS) * _QUANTISED_BYTES if kind == "png" else 0
    return max(pixels * plain, quantised)
