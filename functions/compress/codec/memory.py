"""How much memory an image takes while it is decoded and encoded, as was measured."""

from functions.compress.codec import promise, recipe
from functions.core.options import ImageOptions

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
_ENCODING_BYTES = {"jpeg": 4, "png": 16, "gif": 8, "webp": 14, "avif": 26}
_FINE_BYTES = 6  # more where JPEG colours are not subsampled
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
    if options is None:
        encoding = max(_ENCODING_BYTES.values())
    else:
        target = recipe.target_format(source_format, options, has_alpha=True)
        fine = target == "jpeg" and options.quality >= promise.FINE_QUALITY
        encoding = _ENCODING_BYTES[target] + fine * _FINE_BYTES
    copies = _SOURCE_COPIES.get(source_format, _COPIES)
    held_frames = frames * (pixels * _PIXEL_BYTES + _FRAME_BYTES) if frames > 1 else 0
    return _FIXED_BYTES + pixels * (decoding + encoding) + held_frames + copies * source_bytes
