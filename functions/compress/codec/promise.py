"""What `quality` promises: how a picture looks, which is the same in every format. Figures: docs/quality.md.

The measure is JPEG's own look at that number. The other encoders are told what gives the same SSIMULACRA2, in the
median of some 25 pictures (photographs, products on white, cut-outs): `make quality` measures it again.
"""

from bisect import bisect_left

LOSSLESS_QUALITY = 100  # of a PNG
FINE_QUALITY = 90  # from here on, colours keep their resolution

# Points (quality, what the encoder is told), with straight lines between them
_WEBP = ((1, 1), (10, 2), (20, 16), (30, 33), (40, 45), (50, 59), (60, 68), (70, 78), (75, 82), (80, 85), (89, 91))
_ALPHA_WEBP = (
    (1, 1),
    (10, 2),
    (20, 13),
    (30, 28),
    (40, 41),
    (50, 55),
    (60, 65),
    (70, 75),
    (75, 80),
    (80, 83),
    (89, 91),
)
_FINE_WEBP = ((90, 93), (95, 99), (100, 100))
_AVIF = ((1, 1), (10, 12), (20, 29), (30, 35), (40, 44), (50, 48), (60, 52), (70, 58), (75, 60), (80, 65), (89, 76))
_FINE_AVIF = ((90, 84), (95, 91), (100, 100))
_PNG = ((1, 3), (20, 9), (30, 17), (40, 32), (50, 44), (60, 55), (70, 67), (75, 74), (80, 86), (85, 96), (99, 100))
_ALPHA_PNG = (
    (1, 3),
    (20, 9),
    (30, 29),
    (40, 45),
    (50, 59),
    (60, 67),
    (70, 76),
    (75, 83),
    (80, 88),
    (85, 91),
    (99, 100),
)
_SMALL_JPEG = ((1, 1), (30, 29), (50, 49), (75, 74), (90, 89), (100, 100))
_POINTS = {  # below FINE_QUALITY, and from there on
    "webp": (_WEBP, _FINE_WEBP),
    "webp with alpha": (_ALPHA_WEBP, _FINE_WEBP),
    "avif": (_AVIF, _FINE_AVIF),
    "png": (_PNG, _PNG),
    "png with alpha": (_ALPHA_PNG, _ALPHA_PNG),
    "small jpeg": (_SMALL_JPEG, _SMALL_JPEG),
}


def encoder_quality(kind: str, quality: int) -> int:
    """What the encoder is told for the look of a JPEG of that quality: one of _POINTS; mozjpeg is `small jpeg`."""
    coarse, fine = _POINTS[kind]
    points = fine if quality >= FINE_QUALITY else coarse
    place = bisect_left(points, (quality, 0))
    if place == 0:
        return points[0][1]
    if place == len(points):
        return points[-1][1]
    (low, least), (high, most) = points[place - 1], points[place]
    return round(least + (most - least) * (quality - low) / (high - low))
