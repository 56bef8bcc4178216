"""A picture out of its file: upright, in sRGB, in the size that is needed of it."""

from collections.abc import Iterator

from PIL import Image
from PIL.ImageFile import ImageFile

from functions.compress.codec.colours import in_srgb, is_plain
from functions.compress.codec.decoders import TURNED, forget_decoder
from functions.compress.codec.formats import metadata
from functions.compress.codec.formats.credits import Credits, credits_of
from functions.compress.codec.picture import Original, Size
from functions.core.options import ImageOptions, KeptMetadata

REDUCING_GAP = 1.5  # pictures are averaged down to that many times the size, and filtered from there

_ORIENTATION = 0x0112  # the EXIF tag
_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({5, 6, 7, 8})
_DRAFT_GAP = 1.25  # a JPEG is decoded at no less than this many times the size: its own filter is finer than averaging
_DEFAULT_FRAME_MS = 100  # what browsers make of a frame without a duration

_Box = tuple[float, float, float, float]


def original_of(image: ImageFile, source: bytes, kind: str, options: ImageOptions) -> Original:
    """What is to be known of the source. A JPEG waits to be loaded, so that it can be loaded at a smaller size."""
    if kind != "jpeg":
        image.load()  # a PNG's EXIF may stand after its pixels
    orientation = metadata.UPRIGHT if kind in TURNED else orientation_of(image)
    credit = credits_of(source) if options.keep_metadata is KeptMetadata.COPYRIGHT else Credits()
    return Original(source, kind, _turned(image.size, orientation), orientation, credit)


def orientation_of(image: ImageFile) -> int:
    """What EXIF says; upright where that cannot be used."""
    try:
        orientation = image.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001 - a damaged EXIF block, in whichever of its ways, is like none
        return metadata.UPRIGHT
    return orientation if orientation in _TRANSPOSITIONS else metadata.UPRIGHT


def whole_picture(image: ImageFile, original: Original, size: Size) -> Image.Image:
    """The whole of the picture, upright and in this size, without anything that Pillow would write beside pixels."""
    stored = _turned(size, original.orientation)
    box = _drafted(image, stored)
    image.load()
    forget_decoder(image)
    picture = _upright(_shown(image, stored, box), original.orientation)
    picture.info = {}  # or Pillow would write comments and profiles out of it
    return picture


def frames_of(image: ImageFile, original: Original, count: int, size: Size) -> Iterator[Image.Image]:
    """Each frame of the animation as it is shown, in RGBA, its milliseconds in `info["duration"]`."""
    stored = _turned(size, original.orientation)
    for number in range(1 if image.info.get("default_image") else 0, count):
        image.seek(number)
        image.load()
        duration = round(image.info.get("duration") or _DEFAULT_FRAME_MS)
        frame = _upright(_resized(in_srgb(image).convert("RGBA"), stored), original.orientation)
        frame.info = {"duration": duration}
        yield frame


def plays_of(image: ImageFile, kind: str) -> int:
    """How often it is played, 0 being for ever. A GIF says how often it is repeated, or nothing if it is not."""
    loop: int | None = image.info.get("loop")
    if kind == "gif":
        return 1 if loop is None else loop + (loop > 0)
    return loop or 0


def _shown(image: Image.Image, size: Size, box: _Box | None) -> Image.Image:
    """The picture of this size, in sRGB. It is made smaller first where possible: colours cost CPU for every pixel."""
    if is_plain(image):
        return in_srgb(_resized(image, size, box))
    return _resized(in_srgb(image), size, box)


def _turned(size: Size, orientation: int) -> Size:
    return size[::-1] if orientation in _SIDEWAYS else size


def _drafted(image: ImageFile, size: Size) -> _Box | None:
    """Lets libjpeg decode at 1/8, 1/4 or 1/2 of the size where that is enough. Returns the box that it then fills."""
    drafted = image.draft(None, (round(size[0] * _DRAFT_GAP), round(size[1] * _DRAFT_GAP)))
    return drafted[1] if drafted else None


def _resized(picture: Image.Image, size: Size, box: _Box | None = None) -> Image.Image:
    """The picture in this size. Pillow multiplies by alpha meanwhile, so transparent pixels give no colour."""
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=REDUCING_GAP)


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    return picture if orientation == metadata.UPRIGHT else picture.transpose(_TRANSPOSITIONS[orientation])
