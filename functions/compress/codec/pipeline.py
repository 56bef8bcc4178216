"""From the bytes of one image to fewer bytes of the same image."""

from collections.abc import Iterator
from contextlib import contextmanager

from PIL.ImageFile import ImageFile

from functions.compress.codec import choice, memory, placing, recipe
from functions.compress.codec.decoders import (
    MAX_SOURCE_BYTES,
    decoding,
    extent,
    hidden_pixels,
    kind_of,
    make_room,
    opened,
)
from functions.compress.codec.encoders.attempts import encoder, moving_encoder, moving_kind, smaller_kind, smallest
from functions.compress.codec.formats import metadata
from functions.compress.codec.loading import frames_of, orientation_of, original_of, plays_of, whole_picture
from functions.compress.codec.picture import Compressed, Made, Probe
from functions.compress.codec.renditions import moving_rendition, still_renditions
from functions.core.errors import ImageCode, PermanentError
from functions.core.options import Format, ImageOptions

__all__ = ["MAX_SOURCE_BYTES", "compress", "compress_all", "probe"]

MAX_PIXELS = 50_000_000  # a 200 MB bitmap, of which a conversion needs two
MAX_ANIMATION_PIXELS = 100_000_000  # canvas times frames: all output frames are held at once
MAX_FRAMES = 10_000  # each takes time, however small it is: a second for all of them


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
        made = {each.name: moving_rendition(image, source, probed, each, options) for each in moving}
        still = [each for each in options.made() if each not in moving]
        if still:
            image.seek(0)
            made |= still_renditions(image, source, probed.format, still, options)
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
    return bool(special) or image.mode == "CMYK" or orientation_of(image) != metadata.UPRIGHT


def _still(image: ImageFile, source: bytes, kind: str, options: ImageOptions) -> Compressed:
    original = original_of(image, source, kind, options)
    size = original.fitted(options)
    if kind == "gif" and original.will_do(recipe.target_format(kind, options, False), size):
        return original.kept()
    picture = whole_picture(image, original, size)
    encode = encoder(picture, original, options)
    if options.format is Format.AUTO:
        target = smaller_kind(picture, options, encode)
    else:
        target = recipe.target_format(kind, options, has_alpha=picture.mode == "RGBA")
    return smallest(original, target, size, options, encode)


def _animation(image: ImageFile, source: bytes, probed: Probe, options: ImageOptions) -> Compressed:
    original = original_of(image, source, probed.format, options)
    size, target = original.fitted(options), moving_kind(original, options)
    plays = plays_of(image, probed.format)
    frames = frames_of(image, original, probed.frames, size)
    if target in ("gif", "png") and original.will_do(target, size):
        for _frame in frames:  # decoded, so that a damaged file is told from a good one
            pass
        return original.kept()
    return smallest(original, target, size, options, moving_encoder(list(frames), plays, original, options))
