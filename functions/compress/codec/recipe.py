"""What to make of an image: its format, its size, and what each encoder is told. Figures: docs/decisions.md."""

from dataclasses import dataclass

from functions.compress.codec import choice
from functions.compress.codec.promise import LOSSLESS_QUALITY
from functions.core.options import Format, ImageOptions


@dataclass(frozen=True, slots=True)
class FileType:
    """How the world names a format."""

    extension: str
    media_type: str


FILE_TYPES = {
    "jpeg": FileType(".jpg", "image/jpeg"),
    "png": FileType(".png", "image/png"),
    "webp": FileType(".webp", "image/webp"),
    "avif": FileType(".avif", "image/avif"),
    "gif": FileType(".gif", "image/gif"),
    "bmp": FileType(".bmp", "image/bmp"),
    "tiff": FileType(".tiff", "image/tiff"),
    "heif": FileType(".heic", "image/heic"),
    "jpeg2000": FileType(".jp2", "image/jp2"),
}

_WEB_FORMATS = ("jpeg", "png", "webp", "avif", "gif")
UNSHOWN_FORMATS = frozenset(
    {"heif", "jpeg2000"}
)  # by most browsers: what is made of them is returned even if it is larger
_LONGEST_EDGE = 65_500  # pixels; what libjpeg takes, the least of the formats but WebP
_LONGEST_WEBP_EDGE = 16_383


def target_format(source_format: str, options: ImageOptions, has_alpha: bool) -> str:
    """The output format: what was asked for, else the source's own; what is none of the web's becomes JPEG or PNG.

    For `auto` the one that is mostly taken: `choice` has the last word.
    """
    if options.format is Format.AUTO:
        return choice.usual(options)
    if options.format is not Format.KEEP:
        return options.format.value
    if source_format in _WEB_FORMATS:
        return source_format
    return "png" if has_alpha else "jpeg"


def fitted(width: int, height: int, options: ImageOptions, source_format: str) -> tuple[int, int]:
    """The size within what was asked for and what the format can hold: in proportion, never larger, 1 px at least."""
    limit = _LONGEST_WEBP_EDGE if target_format(source_format, options, False) == "webp" else _LONGEST_EDGE
    max_width = min(width, options.max_width or limit, limit)
    max_height = min(height, options.max_height or limit, limit)
    if max_width * height <= max_height * width:
        return max_width, max(1, min(max_height, round(height * max_width / width)))
    return max(1, min(max_width, round(width * max_height / height))), max_height


def attempts(source_format: str, target: str, options: ImageOptions, original_will_do: bool) -> list[tuple[str, int]]:
    """Formats and qualities to try until one is not larger than the source.

    Where the original would serve as well, there is one. Where it would not (it has another size or format than was
    asked for, or is not stored upright), lower qualities are tried before it is returned all the same.
    """
    if original_will_do:
        return [(target, options.quality)]
    qualities = [options.quality, max(1, options.quality * 4 // 5), max(1, options.quality * 3 // 5)]
    if target in ("png", "gif"):  # which know but one way, and PNG's lossless one
        qualities = qualities[:2] if options.quality == LOSSLESS_QUALITY else qualities[:1]
    tried = [(target, quality) for quality in qualities]
    is_scan = source_format not in _WEB_FORMATS and source_format not in UNSHOWN_FORMATS
    if is_scan and options.format is Format.KEEP and target == "jpeg":
        tried.append(("png", options.quality))  # drawings: smaller as a palette than as a JPEG
    return tried


def grey_scale(brightest: float) -> float:
    """What brings 32-bit or floating-point grey to 0…255: floats up to 1 are fractions, 16 bits are the usual range."""
    if brightest <= 1:
        return 255
    if brightest <= 255:  # noqa: PLR2004 - 8 bits already
        return 1
    return 1 / 256 if brightest <= 65_535 else 255 / brightest  # noqa: PLR2004 - 16 bits
