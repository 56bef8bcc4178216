"""JPEG's quantisation tables: how coarsely each frequency is stored, by what eyes see. Why these: docs/decisions.md."""

from functools import cache

# At quality 50, in rows of ascending horizontal frequency
_LUMINANCE = (  # Klein, Silverstein and Carney, "Relevance of human vision to JPEG-DCT compression", SPIE 1666 (1992)
    *(10, 12, 14, 19, 26, 38, 57, 86),
    *(12, 18, 21, 28, 35, 41, 54, 76),
    *(14, 21, 25, 32, 44, 63, 92, 136),
    *(19, 28, 32, 41, 54, 75, 107, 157),
    *(26, 35, 44, 54, 70, 95, 132, 190),
    *(38, 41, 63, 75, 95, 125, 170, 239),
    *(57, 54, 92, 107, 132, 170, 227, 312),
    *(86, 76, 136, 157, 190, 239, 312, 419),
)
_CHROMINANCE = (  # ITU-T T.81, table K.2
    *(17, 18, 24, 47, 99, 99, 99, 99),
    *(18, 21, 26, 66, 99, 99, 99, 99),
    *(24, 26, 56, 99, 99, 99, 99, 99),
    *(47, 66, 99, 99, 99, 99, 99, 99),
    *(99,) * 32,
)
_LARGEST = 255  # what a baseline JPEG holds


@cache
def tables(quality: int) -> tuple[list[int], ...]:
    """Luminance and chrominance of a quality from 1 to 100, scaled as libjpeg scales its own."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality  # noqa: PLR2004 - where libjpeg's scale bends
    return tuple([_scaled(step, percent) for step in table] for table in (_LUMINANCE, _CHROMINANCE))


def _scaled(step: int, percent: int) -> int:
    return min(max((step * percent + 50) // 100, 1), _LARGEST)
