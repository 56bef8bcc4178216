"""SSIMULACRA2 of a picture against its source, by the pieces of the package of that name; the source's half is kept.

From 0 to 100, more is better; below 0 it is beyond use. With alpha, a picture is judged over white, black and a mid
grey, and the worst of the three counts: an error of alpha shows on one of them.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import ssimulacra2.ssimulacra2 as package
from PIL import Image
from scipy import ndimage

GROUNDS = ("white", "black", "#808080")
SCALES = 6
LEAST_EDGE = 8  # pixels of a scale that is looked at
SIGMA, TRUNCATE = 1.5, 3.33
RADIUS = round(3.2795 * SIGMA + 0.2546)  # of the blur, as the package has it

Scale = tuple[Any, Any, Any]  # the picture in XYB, its blur, the blur of its square


def scores(source: Image.Image, made: Image.Image) -> dict[str, float]:
    """By ground; of an opaque source, over white alone."""
    grounds = GROUNDS if source.mode == "RGBA" else GROUNDS[:1]
    return {ground: _score(source.tobytes(), source.mode, source.size, made, ground) for ground in grounds}


def _score(pixels: bytes, mode: str, size: tuple[int, int], made: Image.Image, ground: str) -> float:
    result = package.Msssim()
    shown = _scales(_over(made, ground))
    for (x, mean_x, square_x), (y, mean_y, square_y) in zip(_reference(pixels, mode, size, ground), shown, strict=True):
        scale = package.MsssimScale()
        scale.avg_ssim = package.ssim_map(mean_x, mean_y, square_x, square_y, _blurred(x * y))
        scale.avg_edgediff = package.edge_diff_map(x, mean_x, y, mean_y)
        result.scales.append(scale)
    return float(result.score())


@lru_cache(maxsize=4)
def _reference(pixels: bytes, mode: str, size: tuple[int, int], ground: str) -> list[Scale]:
    return _scales(_over(Image.frombytes(mode, size, pixels), ground))


def _over(picture: Image.Image, ground: str) -> Any:
    below = Image.new("RGBA", picture.size, ground)
    return np.asarray(Image.alpha_composite(below, picture.convert("RGBA")).convert("RGB"), dtype=np.float64)


def _scales(pixels: Any) -> list[Scale]:
    linear, found = package.srgb_to_linear(pixels), []
    for _ in range(SCALES):
        if min(linear.shape[:2]) < LEAST_EDGE:
            break
        xyb = package.make_positive_xyb(package.linear_rgb_to_xyb(linear.copy())).astype(np.float32)
        found.append((xyb, _blurred(xyb), _blurred(xyb * xyb)))
        linear = package.downsample(linear, 2, 2)
    return found


def _blurred(image: Any) -> Any:
    """The package's own blur, in 32 bits: a fifth of the time, the same score to four digits."""
    height, width, channels = image.shape
    padded = np.zeros((height + 2 * RADIUS, width, channels), dtype=np.float32)
    padded[RADIUS : RADIUS + height] = image
    blurred = ndimage.gaussian_filter(padded, sigma=SIGMA, truncate=TRUNCATE, mode="reflect", axes=(0, 1))
    return blurred[RADIUS : RADIUS + height]
