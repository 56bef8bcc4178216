"""Where a picture goes in the box of a rendition: what part of it is shown, how large, and the canvas around it."""

from dataclasses import dataclass
from math import sqrt

from PIL import Image

from functions.compress.codec.loading import REDUCING_GAP
from functions.compress.codec.picture import Size
from functions.core.options import MAX_CANVAS, MAX_EDGE, Fit, Rendition

SMALLER = "the source is smaller than the box; it was not enlarged"
OPAQUE = "#ffffff"  # the canvas of a format without transparency


@dataclass(frozen=True, slots=True)
class Placement:
    """The middle of the picture, `shown` of its width and height, is scaled to `scaled`, in the middle of `canvas`."""

    shown: tuple[float, float]
    scaled: Size
    canvas: Size
    warning: str | None = None

    def whole(self, source: Size) -> Size:
        """The size that the whole picture has to be decoded at; never more than the source has."""
        width, height = (round(edge / part) for edge, part in zip(self.scaled, self.shown, strict=True))
        return (width, height) if width <= source[0] and height <= source[1] else source

    @property
    def is_whole(self) -> bool:
        """Whether it is the scaled picture, and nothing else."""
        return self.shown == (1, 1) and self.canvas == self.scaled


def placement(size: Size, rendition: Rendition) -> Placement:
    """How a picture of this size becomes the rendition. A box without one edge is as `max`."""
    width, height = rendition.width, rendition.height
    if width is None or height is None or rendition.fit is Fit.MAX:
        scaled = _inside(size, width, height, rendition.enlarge)
        return Placement((1, 1), scaled, scaled)
    if rendition.fit is Fit.COVER:
        return _covering(size, (width, height), rendition.enlarge)
    return Placement((1, 1), _inside(size, width, height, rendition.enlarge), (width, height))


def _inside(size: Size, width: int | None, height: int | None, enlarge: bool) -> Size:
    scale = min(edge / own for edge, own in zip((width, height), size, strict=True) if edge)
    scale = min(scale, _largest(size) if enlarge else 1.0)
    scaled = [max(1, round(edge * scale)) for edge in size]
    return min(scaled[0], width or scaled[0]), min(scaled[1], height or scaled[1])


def _largest(size: Size) -> float:
    """The most that a picture is enlarged, however narrow it is: to what a canvas may have."""
    return max(1.0, min(sqrt(MAX_CANVAS / (size[0] * size[1])), MAX_EDGE / max(size)))


def _covering(size: Size, box: Size, enlarge: bool) -> Placement:
    """The middle of the picture, in the proportions of the box; where the source is too small, at its own size."""
    needed = max(box[0] / size[0], box[1] / size[1])
    shown = box[0] / needed / size[0], box[1] / needed / size[1]
    if needed <= 1 or enlarge:
        return Placement(shown, box, box)
    own = max(1, round(size[0] * shown[0])), max(1, round(size[1] * shown[1]))
    return Placement(shown, own, own, SMALLER)


def on_canvas(picture: Image.Image, where: Placement, colour: str | None, has_alpha: bool) -> Image.Image:
    """The scaled picture on its canvas. `has_alpha`: whether the format can be transparent."""
    if colour is None and where.canvas == picture.size:
        return picture
    if colour is None and has_alpha:
        canvas = Image.new("RGBA", where.canvas)
    else:
        canvas = Image.new("RGB", where.canvas, colour or OPAQUE)
    offset = ((where.canvas[0] - picture.width) // 2, (where.canvas[1] - picture.height) // 2)
    if picture.mode == "RGBA" and canvas.mode == "RGB":
        canvas.paste(picture, offset, picture)
    else:
        canvas.paste(picture.convert(canvas.mode), offset)
    return canvas


def scaled(picture: Image.Image, where: Placement) -> Image.Image:
    """The part of the whole picture that is shown, in its size."""
    if where.shown == (1, 1) and picture.size == where.scaled:
        return picture
    width, height = (edge * part for edge, part in zip(picture.size, where.shown, strict=True))
    left, top = (picture.width - width) / 2, (picture.height - height) / 2
    box = (left, top, left + width, top + height)
    return picture.resize(where.scaled, Image.Resampling.LANCZOS, box=box, reducing_gap=REDUCING_GAP)
