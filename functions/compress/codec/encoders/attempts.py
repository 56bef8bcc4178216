"""Encodes a picture until there is a file that will do."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache

from PIL import Image

from functions.compress.codec import choice, recipe
from functions.compress.codec.encoders import EncodingError, encoded, encoded_frames
from functions.compress.codec.picture import Compressed, Original, Size
from functions.core.options import Format, ImageOptions

Encode = Callable[[str, int], bytes]  # the picture as a file of a format, of a quality


def encoder(picture: Image.Image, original: Original, options: ImageOptions) -> Encode:
    """Makes files of the picture, each once."""
    return cache(lambda kind, quality: encoded(picture, kind, quality, options.effort, credit=original.credit))


def moving_encoder(frames: list[Image.Image], plays: int, original: Original, options: ImageOptions) -> Encode:
    """Makes files of the animation."""

    def encode(kind: str, quality: int) -> bytes:
        return encoded_frames(frames, plays, kind, quality, effort=options.effort, credit=original.credit)

    return encode


def moving_kind(original: Original, options: ImageOptions) -> str:
    """The format of an animation that stays one."""
    of_auto = choice.of_animation(options) if options.format is Format.AUTO else None
    return of_auto or recipe.target_format(original.format, options, has_alpha=True)


def smaller_kind(picture: Image.Image, options: ImageOptions, encode: Encode) -> str:
    """The format that `auto` takes, whose file is smaller. If there is only one candidate, no file is made."""
    kinds = choice.candidates(picture, options)
    if len(kinds) == 1:
        return kinds[0]
    sizes = {}
    for kind in kinds:
        with suppress(EncodingError):
            sizes[kind] = len(encode(kind, options.quality))
    return min(sizes, key=lambda kind: sizes[kind], default=kinds[0])


def smallest(original: Original, target: str, size: Size, options: ImageOptions, encode: Encode) -> Compressed:
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


def encoded_somehow(original: Original, target: str, size: Size, options: ImageOptions, encode: Encode) -> Compressed:
    """The picture in its format; if no encoder takes it so, as PNG; if not even that, the original."""
    for kind, quality in [*recipe.attempts(original.format, target, options, False), ("png", options.quality)]:
        with suppress(EncodingError):
            return Compressed.of(encode(kind, quality), kind, size)
    return original.kept()
