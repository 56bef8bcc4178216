"""Every rendition of an image out of one decoding, or for one that moves, out of one each."""

from collections.abc import Sequence

from PIL import Image
from PIL.ImageFile import ImageFile

from functions.compress.codec import placing, recipe
from functions.compress.codec.encoders.attempts import (
    encoded_somehow,
    encoder,
    moving_encoder,
    moving_kind,
    smaller_kind,
    smallest,
)
from functions.compress.codec.loading import frames_of, original_of, plays_of, whole_picture
from functions.compress.codec.picture import Made, Original, Probe, Size
from functions.core.options import Format, ImageOptions, Rendition

GAP = 2  # a picture is made of one that is this many times larger, if there is one, and not of the largest


def still_renditions(
    image: ImageFile, source: bytes, kind: str, wanted: Sequence[Rendition], options: ImageOptions
) -> dict[str, Made]:
    """All of them out of one decoding, the largest first."""
    original = original_of(image, source, kind, options)
    places = {each.name: placing.placement(original.size, each) for each in wanted}
    needed = (place.whole(original.size) for place in places.values())
    largest = max(needed, key=lambda size: size[0] * size[1])
    base = whole_picture(image, original, largest)
    made, wholes = {}, [base]
    for each in sorted(wanted, key=lambda each: places[each.name].whole(original.size), reverse=True):
        where = places[each.name]
        source_picture = _near(wholes, where.whole(original.size))
        picture = placing.scaled(source_picture, where)
        if where.shown == (1, 1):
            wholes.append(picture)
        made[each.name] = _rendition(picture, original, each, where, options.of(each))
    return made


def moving_rendition(image: ImageFile, source: bytes, probed: Probe, wanted: Rendition, options: ImageOptions) -> Made:
    """One of an animation."""
    own = options.of(wanted)
    original = original_of(image, source, probed.format, own)
    where = placing.placement(original.size, wanted)
    frames = []
    for frame in frames_of(image, original, probed.frames, where.whole(original.size)):
        shown = placing.on_canvas(placing.scaled(frame, where), where, wanted.colour, has_alpha=True).convert("RGBA")
        shown.info = frame.info
        frames.append(shown)
    encode = moving_encoder(frames, plays_of(image, probed.format), original, own)
    made = encoded_somehow(original, moving_kind(original, own), where.canvas, own, encode)
    return Made(wanted.name, made, where.warning)


def _near(wholes: Sequence[Image.Image], size: Size) -> Image.Image:
    """The smallest picture with at least GAP times the edges, from which a smaller one is as good; or the first."""
    enough = [each for each in wholes if each.width >= GAP * size[0] and each.height >= GAP * size[1]]
    return enough[-1] if enough else wholes[0]


def _rendition(
    scaled: Image.Image, original: Original, wanted: Rendition, where: placing.Placement, options: ImageOptions
) -> Made:
    target = recipe.target_format(original.format, options, has_alpha=scaled.mode == "RGBA")
    picture = placing.on_canvas(scaled, where, wanted.colour, has_alpha=target != "jpeg")
    encode = encoder(picture, original, options)
    if options.format is Format.AUTO:
        target = smaller_kind(picture, options, encode)
    if where.is_whole and original.will_do(target, where.canvas) and wanted.colour is None:
        made = smallest(original, target, where.canvas, options, encode)
    else:
        made = encoded_somehow(original, target, where.canvas, options, encode)
    return Made(wanted.name, made, where.warning)
