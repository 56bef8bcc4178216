"""From the bytes of one image to fewer bytes of the same image."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache

from PIL import Image
from PIL.ImageFile import ImageFile

from functions.compress.codec import choice, memory, placing, recipe
from functions.compress.codec.colours import in_srgb, is_plain
from functions.compress.codec.decoders import (
    MAX_SOURCE_BYTES,
    TURNED,
    decoding,
    extent,
    forget_decoder,
    hidden_pixels,
    kind_of,
    make_room,
    opened,
)
from functions.compress.codec.encoders import EncodingError, encoded, encoded_frames
from functions.compress.codec.formats import metadata
from functions.compress.codec.formats.credits import Credits, credits_of
from functions.compress.codec.picture import Compressed, Made, Original, Probe, Size
from functions.core.errors import ImageCode, PermanentError
from functions.core.options import Format, ImageOptions, KeptMetadata, Rendition

__all__ = ["MAX_SOURCE_BYTES", "compress", "compress_all", "probe"]

MAX_PIXELS = 50_000_000  # a 200 MB bitmap, of which a conversion needs two
MAX_ANIMATION_PIXELS = 100_000_000  # canvas times frames: all output frames are held at once
MAX_FRAMES = 10_000  # each takes time, however small it is: a second for all of them

Box = tuple[float, float, float, float]
Encode = Callable[[str, int], bytes]  # the picture as a file of a format, of a quality

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
_DRAFT_GAP = 1.25  # a JPEG is decoded at no less than this many times the size, and filtered from there
_REDUCING_GAP = 1.5  # other pictures are averaged down to that, which is a coarser filter than a JPEG's own
GAP = 2  # a picture is made of one that is this many times larger, if there is one, and not of the largest
_DEFAULT_FRAME_MS = 100  # what browsers make of a frame without a duration


def probe(source: bytes, options: ImageOptions | None = None) -> Probe:
    """What the header says, without decoding pixels; `decoded_bytes` for these options, or for any if there are none.

    Raises PermanentError: not_an_image, unsupported_format, corrupt, too_large (MAX_SOURCE_BYTES), too_many_pixels
    (MAX_PIXELS, MAX_ANIMATION_PIXELS over all frames, MAX_FRAMES).
    """
    with _begun(source, options) as (_image, probed):
        return probed


def compress(source: bytes, options: ImageOptions) -> Compressed:
    """The image in fewer bytes: upright, in sRGB, without metadata, of the format and within the size asked for.

    The result never has more bytes than `source`. Where it would, a few lower qualities are tried if the original
    would not do, and then the original's pixels are returned in their own format and size (`original_kept`), even if
    others were asked for; an orientation or a wide-gamut profile that they need stays with them.
    What browsers do not show, HEIF and JPEG 2000, is never returned: there it is the smallest of what was tried, then.
    Transparency stays, except in JPEG, where it becomes white. Animations stay animated: as GIF, PNG, WebP and AVIF; as
    JPEG, which was asked for by name then, they are their first frame. Animated PNGs, and all GIFs, are only made
    anew for another size or format. PNGs become palettes of 256 colours, or stay lossless where they have no more, and
    at quality 100. The same bytes and options give the same bytes. Raises PermanentError only, with `probe`'s codes.
    """
    with _begun(source, options) as (image, probed):
        make_room(probed.decoded_bytes)
        if probed.frames > 1 and choice.keeps_moving(options):
            return _animation(image, source, probed, options)
        return _still(image, source, probed.format, options)


def compress_all(source: bytes, options: ImageOptions) -> list[Made]:
    """The renditions that the options ask for, in their order; the picture is decoded once, as large as any needs it.

    An animation is decoded once for each rendition that moves. Raises PermanentError only, with `probe`'s codes.
    """
    with _begun(source, options) as (image, probed):
        make_room(probed.decoded_bytes)
        moving = [each for each in options.made() if probed.frames > 1 and choice.keeps_moving(options.of(each))]
        made = {each.name: _moving_rendition(image, source, probed, each, options) for each in moving}
        still = [each for each in options.made() if each not in moving]
        if still:
            image.seek(0)
            made |= _still_renditions(image, source, probed.format, still, options)
        return [made[each.name] for each in options.made()]


@contextmanager
def _begun(source: bytes, options: ImageOptions | None) -> Iterator[tuple[ImageFile, Probe]]:
    """The opened image and what its header says; whatever a decoder raises within is a PermanentError."""
    kind = kind_of(source)
    with decoding():
        hidden = hidden_pixels(source, kind)  # first: it refuses what would cost too much to open
        with opened(source, kind) as image:
            yield image, _probed(image, source, kind, hidden, options)


def _probed(image: ImageFile, source: bytes, kind: str, hidden: int, options: ImageOptions | None) -> Probe:
    width, height, frames = extent(image, source, kind)
    pixels = max(width * height, hidden)
    if pixels > MAX_PIXELS or pixels * frames > MAX_ANIMATION_PIXELS or frames > MAX_FRAMES:
        raise PermanentError(ImageCode.TOO_MANY_PIXELS, f"{width} x {height} pixels, {frames} frames")
    copies = _needs_copies(image, kind)
    if options is None or not options.renditions:
        needed = memory.needed(kind, options, pixels, frames, needs_copies=copies, source_bytes=len(source))
        return Probe(kind, width, height, frames, needed)
    each_needs = []
    for rendition in options.made():
        canvas = placing.placement((width, height), rendition).canvas
        held = max(pixels, canvas[0] * canvas[1])
        own = options.of(rendition)
        each_needs.append(memory.needed(kind, own, held, frames, needs_copies=copies, source_bytes=len(source)))
    return Probe(kind, width, height, frames, max(each_needs) + memory.held(pixels))


def _needs_copies(image: ImageFile, kind: str) -> bool:
    """Whether it is more than decoded and encoded: turned, converted, or held as coefficients or more bits first."""
    if kind == "heif":
        return image.mode not in ("L", "RGB") or image.info["bit_depth"] > 8  # noqa: PLR2004 - of a byte
    if kind != "jpeg":
        return True
    special = {"progressive", "icc_profile"} & image.info.keys()
    return bool(special) or image.mode == "CMYK" or _orientation(image) != metadata.UPRIGHT


# One image


def _still(image: ImageFile, source: bytes, kind: str, options: ImageOptions) -> Compressed:
    original = _original(image, source, kind, options)
    size = original.fitted(options)
    stored = _turned(size, original.orientation)
    box = _drafted(image, stored)
    image.load()
    if kind == "gif" and original.will_do(recipe.target_format(kind, options, False), size):
        return original.kept()
    forget_decoder(image)
    picture = _upright(_shown(image, stored, box), original.orientation)
    picture.info = {}  # or Pillow would write comments and profiles out of it
    encode = cache(lambda kind, quality: encoded(picture, kind, quality, options.effort, credit=original.credit))
    if options.format is Format.AUTO:
        target = _smaller_kind(choice.candidates(picture, options), options.quality, encode)
    else:
        target = recipe.target_format(kind, options, has_alpha=picture.mode == "RGBA")
    return _smallest(original, target, size, options, encode)


def _smaller_kind(kinds: Sequence[str], quality: int, encode: Encode) -> str:
    """The format whose file is smaller. If there is only one candidate, no file is made to find out."""
    if len(kinds) == 1:
        return kinds[0]
    sizes = {}
    for kind in kinds:
        with suppress(EncodingError):
            sizes[kind] = len(encode(kind, quality))
    return min(sizes, key=lambda kind: sizes[kind], default=kinds[0])


def _shown(image: Image.Image, size: Size, box: Box | None) -> Image.Image:
    """The picture of this size, in sRGB. It is made smaller first where possible: colours cost CPU for every pixel."""
    if is_plain(image):
        return in_srgb(_resized(image, size, box))
    return _resized(in_srgb(image), size, box)


def _original(image: ImageFile, source: bytes, kind: str, options: ImageOptions) -> Original:
    if kind != "jpeg":
        image.load()  # a PNG's EXIF may stand after its pixels; a JPEG waits, to be loaded at a smaller size
    orientation = metadata.UPRIGHT if kind in TURNED else _orientation(image)
    credit = credits_of(source) if options.keep_metadata is KeptMetadata.COPYRIGHT else Credits()
    return Original(source, kind, _turned(image.size, orientation), orientation, credit)


def _orientation(image: ImageFile) -> int:
    try:
        orientation = image.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001 - a damaged EXIF block, in whichever of its ways, is like none
        return metadata.UPRIGHT
    return orientation if orientation in _TRANSPOSITIONS else metadata.UPRIGHT


def _turned(size: Size, orientation: int) -> Size:
    return size[::-1] if orientation in _SIDEWAYS else size


def _drafted(image: ImageFile, size: Size) -> Box | None:
    """Lets libjpeg decode at 1/8, 1/4 or 1/2 of the size where that is enough. Returns the box that it then fills."""
    drafted = image.draft(None, (round(size[0] * _DRAFT_GAP), round(size[1] * _DRAFT_GAP)))
    return drafted[1] if drafted else None


def _resized(picture: Image.Image, size: Size, box: Box | None = None) -> Image.Image:
    """The picture in this size. Pillow multiplies by alpha meanwhile, so transparent pixels give no colour."""
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=_REDUCING_GAP)


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    return picture if orientation == metadata.UPRIGHT else picture.transpose(_TRANSPOSITIONS[orientation])


def _smallest(original: Original, target: str, size: Size, options: ImageOptions, encode: Encode) -> Compressed:
    """The first attempt that is no larger than what it replaces, else the original, if browsers show it."""
    will_do = original.will_do(target, size) or (
        options.format is Format.AUTO
        and original.format in choice.allowed(options)
        and original.will_do(original.format, size)
    )
    most = len(original.kept().content if will_do else original.content)
    made = []
    for kind, quality in recipe.attempts(original.format, target, options, will_do):
        try:
            made.append(Compressed.of(encode(kind, quality), kind, size))
        except EncodingError:
            continue  # no fault of the source: a lower quality may do, and the original always does
        if len(made[-1].content) <= most:
            return made[-1]
    if made and original.format in recipe.UNSHOWN_FORMATS:
        return min(made, key=lambda attempt: len(attempt.content))
    return original.kept()


# Renditions


def _still_renditions(
    image: ImageFile, source: bytes, kind: str, wanted: Sequence[Rendition], options: ImageOptions
) -> dict[str, Made]:
    """All of them out of one decoding, the largest first."""
    original = _original(image, source, kind, options)
    places = {each.name: placing.placement(original.size, each) for each in wanted}
    needed = (place.whole(original.size) for place in places.values())
    largest = max(needed, key=lambda size: size[0] * size[1])
    stored = _turned(largest, original.orientation)
    box = _drafted(image, stored)
    image.load()
    forget_decoder(image)
    base = _upright(_shown(image, stored, box), original.orientation)
    base.info = {}
    made, wholes = {}, [base]
    for each in sorted(wanted, key=lambda each: places[each.name].whole(original.size), reverse=True):
        where = places[each.name]
        source_picture = _near(wholes, where.whole(original.size))
        picture = placing.scaled(source_picture, where)
        if where.shown == (1, 1):
            wholes.append(picture)
        made[each.name] = _rendition(picture, original, each, where, options.of(each))
    return made


def _near(wholes: Sequence[Image.Image], size: Size) -> Image.Image:
    """The smallest picture with at least GAP times the edges, from which a smaller one is as good; or the first."""
    enough = [each for each in wholes if each.width >= GAP * size[0] and each.height >= GAP * size[1]]
    return enough[-1] if enough else wholes[0]


def _rendition(
    scaled: Image.Image, original: Original, wanted: Rendition, where: placing.Placement, options: ImageOptions
) -> Made:
    target = recipe.target_format(original.format, options, has_alpha=scaled.mode == "RGBA")
    picture = placing.on_canvas(scaled, where, wanted.colour, has_alpha=target != "jpeg")
    encode = cache(lambda kind, quality: encoded(picture, kind, quality, options.effort, credit=original.credit))
    if options.format is Format.AUTO:
        target = _smaller_kind(choice.candidates(picture, options), options.quality, encode)
    if where.is_whole and original.will_do(target, where.canvas) and wanted.colour is None:
        made = _smallest(original, target, where.canvas, options, encode)
    else:
        made = _encoded_somehow(original, target, where.canvas, options, encode)
    return Made(wanted.name, made, where.warning)


def _encoded_somehow(original: Original, target: str, size: Size, options: ImageOptions, encode: Encode) -> Compressed:
    """The picture in its format; if no encoder takes it so, as PNG; if not even that, the original."""
    for kind, quality in [*recipe.attempts(original.format, target, options, False), ("png", options.quality)]:
        with suppress(EncodingError):
            return Compressed.of(encode(kind, quality), kind, size)
    return original.kept()


def _moving_rendition(image: ImageFile, source: bytes, probed: Probe, wanted: Rendition, options: ImageOptions) -> Made:
    own = options.of(wanted)
    original = _original(image, source, probed.format, own)
    where = placing.placement(original.size, wanted)
    target = recipe.target_format(probed.format, own, has_alpha=True)
    if own.format is Format.AUTO:
        target = choice.of_animation(own) or target
    frames = []
    for frame in _frames(
        image, probed.frames, _turned(where.whole(original.size), original.orientation), original.orientation
    ):
        shown = placing.on_canvas(placing.scaled(frame, where), where, wanted.colour, has_alpha=True).convert("RGBA")
        shown.info = frame.info
        frames.append(shown)
    plays = _plays(image, probed.format)

    def encode(kind: str, quality: int) -> bytes:
        return encoded_frames(frames, plays, kind, quality, effort=own.effort, credit=original.credit)

    return Made(wanted.name, _encoded_somehow(original, target, where.canvas, own, encode), where.warning)


# An animation


def _animation(image: ImageFile, source: bytes, probed: Probe, options: ImageOptions) -> Compressed:
    original = _original(image, source, probed.format, options)
    size = original.fitted(options)
    target = recipe.target_format(probed.format, options, has_alpha=True)
    if options.format is Format.AUTO:
        target = choice.of_animation(options) or target
    plays = _plays(image, probed.format)
    frames = _frames(image, probed.frames, _turned(size, original.orientation), original.orientation)
    if target in ("gif", "png") and original.will_do(target, size):
        for _frame in frames:  # decoded, so that a damaged file is told from a good one
            pass
        return original.kept()
    shown = list(frames)
    return _smallest(
        original,
        target,
        size,
        options,
        lambda kind, quality: encoded_frames(
            shown, plays, kind, quality, effort=options.effort, credit=original.credit
        ),
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
        frame = _upright(_resized(in_srgb(image).convert("RGBA"), size), orientation)
        frame.info = {"duration": duration}
        yield frame
