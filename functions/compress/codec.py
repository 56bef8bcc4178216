"""From the bytes of one image to fewer bytes of the same image. The only module that knows Pillow.

Plugins are used by class: exactly the decoder that the bytes call for, no registry to fill, and no MPO, which
Pillow would make of a JPEG that has others behind it.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, cast

from PIL import Image, ImageChops
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from functions.compress import av1, boxes, gif, icc, lean, metadata, recipe, sniff, tiff
from functions.compress.outcome import Compressed, Original, Probe, Size
from functions.core.errors import ImageCode, PermanentError
from functions.core.options import Format, ImageOptions

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

MAX_SOURCE_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000  # a 200 MB bitmap, of which a conversion needs two
MAX_ANIMATION_PIXELS = 100_000_000  # canvas times frames: all output frames are held at once
MAX_FRAMES = 10_000  # each takes time, however small it is: a second for all of them

Box = tuple[float, float, float, float]

_DECODERS: dict[str, type[ImageFile]] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "gif": GifImageFile,
    "webp": WebPImageFile,
    "avif": AvifImageFile,
    "bmp": BmpImageFile,
    "tiff": TiffImageFile,
}
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
_SHRINK_GAP = 1.5  # a JPEG is decoded at no less than this many times the size, and filtered from there
_PNG_DEPTH_AT = 24  # the byte of a PNG that says how many bits a sample has
_TWO_BYTES = 16  # bits
_PALETTE_COLOURS = 256
_FOUR_BITS = 16  # colours that half a byte can number
_PROFILED = {"L": "GRAY", "RGB": "RGB", "RGBA": "RGB", "CMYK": "CMYK"}  # modes, and the profiles that fit them
_CACHED_TRANSFORMS = 8
_DEFAULT_FRAME_MS = 100  # what browsers make of a frame without a duration


def probe(source: bytes, options: ImageOptions | None = None) -> Probe:
    """What the header says, without decoding pixels; `decoded_bytes` for these options, or for any if there are none.

    Raises PermanentError: not_an_image, unsupported_format, corrupt, too_large (MAX_SOURCE_BYTES), too_many_pixels
    (MAX_PIXELS, MAX_ANIMATION_PIXELS over all frames, MAX_FRAMES).
    """
    kind = _kind(source)
    with _decoding():
        hidden = _hidden_pixels(source, kind)
        with _opened(source, kind) as image:
            width, height, frames = _extent(image, source, kind)
            needs_copies = kind != "jpeg" or _needs_copies(image)
    pixels = max(width * height, hidden)
    if pixels > MAX_PIXELS or pixels * frames > MAX_ANIMATION_PIXELS or frames > MAX_FRAMES:
        raise PermanentError(ImageCode.TOO_MANY_PIXELS, f"{width} x {height} pixels, {frames} frames")
    needed = recipe.memory_needed(kind, options, pixels, frames, needs_copies=needs_copies, source_bytes=len(source))
    return Probe(kind, width, height, frames, needed)


def compress(source: bytes, options: ImageOptions) -> Compressed:
    """The image in fewer bytes: upright, in sRGB, without metadata, of the format and within the size asked for.

    The result never has more bytes than `source`. Where it would, a few lower qualities are tried if the original
    would not do, and then the original's pixels are returned in their own format and size (`original_kept`), even if
    others were asked for; an orientation or a wide-gamut profile that they need stays with them.
    Transparency stays, except in JPEG, where it becomes white. Animations stay animated: as GIF, PNG, WebP and AVIF; as
    JPEG, which was asked for by name then, they are their first frame. Animated PNGs, and all GIFs, are only made
    anew for another size or format. PNGs become palettes of 256 colours, or stay lossless where they have no more, and
    at quality 100. The same bytes and options give the same bytes. Raises PermanentError only, with `probe`'s codes.
    """
    probed = probe(source, options)
    with _decoding(), _opened(source, probed.format) as image:
        if probed.frames > 1 and options.format is not Format.JPEG:
            return _animation(image, source, probed, options)
        return _still(image, source, probed.format, options)


def _hidden_pixels(source: bytes, kind: str) -> int:
    """How many are decoded however small the picture is said to be: a TIFF's tile, what an AVIF is made of."""
    if kind == "avif":
        return av1.most_pixels(boxes.streams(source))
    return tiff.tile_pixels(source) if kind == "tiff" else 0


def _opened(source: bytes, kind: str) -> ImageFile:
    image = _DECODERS[kind](BytesIO(lean.lean(source, kind)))
    key = image.info.get("transparency")
    if kind == "png" and image.mode != "P" and key is not None:
        image.info["transparency"] = _eight_bit_key(key, depth=source[_PNG_DEPTH_AT])
    return image


def _eight_bit_key(key: int | tuple[int, ...], depth: int) -> int | tuple[int, ...]:
    """The transparent colour of a PNG in the bits that its pixels are decoded to; Pillow sees to one bit only."""
    if isinstance(key, tuple):
        return tuple(value >> 8 for value in key) if depth == _TWO_BYTES else key
    return {2: key * 85, 4: key * 17, _TWO_BYTES: key >> 8}.get(depth, key)


def _kind(source: bytes) -> str:
    if len(source) > MAX_SOURCE_BYTES:
        raise PermanentError(ImageCode.TOO_LARGE, f"{len(source)} bytes")
    kind = sniff.sniff(source)
    if kind is None:
        raise PermanentError(ImageCode.NOT_AN_IMAGE, f"begins with {source[:16]!r}")
    if kind not in sniff.DECODED:
        raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, kind)
    return kind


@contextmanager
def _decoding() -> Iterator[None]:
    """Turns whatever a decoder raises into a PermanentError."""
    try:
        yield
    except PermanentError:
        raise
    except Image.DecompressionBombError as error:
        raise PermanentError(ImageCode.TOO_MANY_PIXELS, str(error)) from error
    except Exception as error:  # seven decoders and five encoders, fed by strangers, keep no list
        raise PermanentError(ImageCode.CORRUPT, f"{type(error).__name__}: {error}") from error


def _extent(image: ImageFile, source: bytes, kind: str) -> tuple[int, int, int]:
    """Width, height and frames."""
    if kind == "gif":  # Pillow would decode it to count, and takes a canvas that only a later frame needs
        extent = gif.extent(source)
        return extent.width, extent.height, extent.frames
    frames = 1 if kind == "tiff" else getattr(image, "n_frames", 1)  # further pages of a TIFF are not shown
    return image.width, image.height, frames


def _needs_copies(image: ImageFile) -> bool:
    """Whether a JPEG is more than decoded and encoded: turned, converted, or held as coefficients first."""
    special = {"progressive", "icc_profile"} & image.info.keys()
    return bool(special) or image.mode == "CMYK" or _orientation(image) != metadata.UPRIGHT


# One image


def _still(image: ImageFile, source: bytes, kind: str, options: ImageOptions) -> Compressed:
    original = _original(image, source, kind)
    size = original.fitted(options)
    stored = _turned(size, original.orientation)
    box = _drafted(image, stored)
    image.load()
    if kind == "gif" and original.will_do(recipe.target_format(kind, options.format, False), size):
        return original.kept()
    picture = _upright(_resized(_in_srgb(image), stored, box), original.orientation)
    picture.info = {}  # or Pillow would write comments and profiles out of it
    target = recipe.target_format(kind, options.format, has_alpha=picture.mode == "RGBA")
    return _smallest(original, target, size, options, lambda kind, quality: _encoded(picture, kind, quality))


def _original(image: ImageFile, source: bytes, kind: str) -> Original:
    if kind != "jpeg":
        image.load()  # a PNG's EXIF may stand after its pixels; a JPEG waits, to be loaded at a smaller size
    orientation = metadata.UPRIGHT if kind == "tiff" else _orientation(image)  # Pillow turns a TIFF while it loads
    return Original(source, kind, _turned(image.size, orientation), orientation)


def _orientation(image: ImageFile) -> int:
    try:
        orientation = image.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001 - a damaged EXIF block, in whichever of its ways, is like none
        return metadata.UPRIGHT
    return orientation if orientation in _TRANSPOSITIONS else metadata.UPRIGHT


def _turned(size: Size, orientation: int) -> Size:
    return size[::-1] if orientation in _SIDEWAYS else size


def _drafted(image: ImageFile, size: Size) -> Box | None:
    """Has a JPEG decoded at an eighth, a quarter or half of its size where that will do; the box that it then fills."""
    drafted = image.draft(None, (round(size[0] * _SHRINK_GAP), round(size[1] * _SHRINK_GAP)))
    return drafted[1] if drafted else None


def _resized(picture: Image.Image, size: Size, box: Box | None = None) -> Image.Image:
    """Pillow multiplies by alpha meanwhile, so that nothing shines through from transparent pixels."""
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=_SHRINK_GAP)


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    return picture if orientation == metadata.UPRIGHT else picture.transpose(_TRANSPOSITIONS[orientation])


def _smallest(
    original: Original, target: str, size: Size, options: ImageOptions, encode: Callable[[str, int], bytes]
) -> Compressed:
    """The first attempt that is no larger than what it replaces, else the original."""
    will_do = original.will_do(target, size)
    most = len(original.kept().content if will_do else original.content)
    for kind, quality in recipe.attempts(original.format, target, options, will_do):
        content = encode(kind, quality)
        if len(content) <= most:
            return Compressed.of(content, kind, size)
    return original.kept()


# An animation


def _animation(image: ImageFile, source: bytes, probed: Probe, options: ImageOptions) -> Compressed:
    original = _original(image, source, probed.format)
    size = original.fitted(options)
    target = recipe.target_format(probed.format, options.format, has_alpha=True)
    plays = _plays(image, probed.format)
    frames = _frames(image, probed.frames, _turned(size, original.orientation), original.orientation)
    if target in ("gif", "png") and original.will_do(target, size):
        for _frame in frames:  # decoded, so that a damaged file is told from a good one
            pass
        return original.kept()
    shown = list(frames)
    return _smallest(
        original, target, size, options, lambda kind, quality: _encoded_frames(shown, plays, kind, quality)
    )


def _plays(image: ImageFile, kind: str) -> int:
    """How often it is played, 0 being for ever. A GIF says how often it is repeated, or nothing if it is not."""
    loop: int | None = image.info.get("loop")
    if kind == "gif":
        return 1 if loop is None else loop + (loop > 0)
    return loop or 0


def _frames(image: ImageFile, count: int, size: Size, orientation: int) -> Iterator[Image.Image]:
    """Each frame of the animation as it is shown, in RGBA, its milliseconds in `info["duration"]`."""
    for number in range(1 if image.info.get("default_image") else 0, count):
        image.seek(number)
        image.load()
        duration = round(image.info.get("duration") or _DEFAULT_FRAME_MS)
        frame = _upright(_resized(_in_srgb(image).convert("RGBA"), size), orientation)
        frame.info = {"duration": duration}
        yield frame


def _encoded_frames(frames: list[Image.Image], plays: int, kind: str, quality: int) -> bytes:
    parameters = recipe.save_parameters(kind, quality) | recipe.animation_parameters(kind, plays)
    durations = [frame.info["duration"] for frame in frames]
    return _saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=durations, **parameters)


# Colours: everything becomes L, RGB, or RGBA where something is transparent, in sRGB


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile") or b""
    picture = _converted(image if image.mode == "CMYK" else _eight_bit(image), profile)
    opaque = picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255)
    return picture.convert("RGB") if opaque or picture.mode == "CMYK" else picture


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _with_key(_scaled_grey(image), image.info.get("transparency"))
    if image.mode == "LAB":
        raise PermanentError(ImageCode.UNSUPPORTED_FORMAT, "a TIFF in CIELAB")
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
    """16 bits lose the lower 8, where `convert` alone would clip them; what is brighter is scaled to its brightest."""
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


# Encoding


def _encoded(picture: Image.Image, kind: str, quality: int) -> bytes:
    if kind == "jpeg" and picture.mode == "RGBA":
        picture = _on_white(picture)
    if kind == "png":
        picture = _in_palette(picture, quality)
    return _saved(picture, kind, **recipe.save_parameters(kind, quality))


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _in_palette(picture: Image.Image, quality: int) -> Image.Image:
    """Lossless with up to 256 colours; with more, an approximation by 256, but at full quality."""
    counted = picture.getcolors(_PALETTE_COLOURS)
    if counted is None and quality == recipe.LOSSLESS_QUALITY:
        return picture
    if counted is not None and picture.mode != "RGBA":
        return _in_these(picture, [colour for _count, colour in counted])
    palette = picture.quantize(_PALETTE_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return palette if counted is None or _same(palette, picture) else picture


def _in_these(picture: Image.Image, colours: list[Any]) -> Image.Image:
    """As a palette, without loss. Pillow's quick way may take a colour for its neighbour, its slow one does not."""
    if picture.mode == "L":
        if len(colours) > _FOUR_BITS:
            return picture  # its 8 bits need no palette
        colours = [(grey, grey, grey) for grey in colours]
    wanted, rgb = Image.new("P", (1, 1)), picture.convert("RGB")
    wanted.putpalette([value for colour in colours for value in colour])
    palette = rgb.quantize(palette=wanted, dither=Image.Dither.NONE)
    if not _same(palette, rgb):
        palette = rgb.quantize(_PALETTE_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return palette if _same(palette, rgb) else picture


def _same(palette: Image.Image, picture: Image.Image) -> bool:
    return ImageChops.difference(palette.convert(picture.mode), picture).getbbox(alpha_only=False) is None


def _saved(picture: Image.Image, kind: str, **parameters: Any) -> bytes:
    with _scratch_file() as file:
        picture.save(file, kind, **parameters)
        file.seek(0)
        return file.read()


def _scratch_file() -> IO[bytes]:
    """With a real descriptor: only to one does Pillow's JPEG encoder write without the interpreter's lock."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("image"), "w+b")
    return tempfile.TemporaryFile()
