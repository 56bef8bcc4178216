"""A photographer's studio made of gradients: backdrop, soft shadows, shaded bodies, film grain. Nothing but Pillow.

Places are given in units: a square of 1,000 by 1,000 around the middle of the picture, whatever its size in pixels.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Place = tuple[float, float]
Stops = Sequence[tuple[float, float]]  # position 0…1 and light: 0 is black, 1 the colour itself, 2 is white

UNITS = 1000
GRAIN = 14  # of 255 levels; with as much a file has a photograph's size
_CLOSE_UP = 1.13  # nothing reaches the edge of the units
_SMOOTH = 2  # silhouettes are drawn this much larger, and reduced
_SOFT = 8  # what is blurred anyway is drawn this much smaller

ROUND = ((0, 0.35), (0.12, 0.75), (0.3, 1.35), (0.42, 1.05), (0.75, 0.7), (0.93, 0.38), (1, 0.5))  # a cylinder's side
GLOSSY = ((0, 0.3), (0.1, 0.7), (0.2, 1.75), (0.27, 1.1), (0.7, 0.65), (0.9, 0.35), (0.95, 0.8), (1, 0.4))
BALL = ((0, 1.75), (0.12, 1.35), (0.45, 1.0), (0.8, 0.55), (1, 0.25))  # from the light to the rim
FLAT = ((0, 1.15), (1, 0.85))


def colour(name: str) -> Colour:
    """Of a name or hex code, as CSS has them."""
    red, green, blue, *_ = ImageColor.getrgb(name)
    return red, green, blue


@dataclass(frozen=True)
class Pen:
    """Draws in pixels what is said in units."""

    draw: ImageDraw.ImageDraw
    zoom: float
    origin: Place

    def at(self, *places: Place) -> list[Place]:
        """The places in pixels."""
        left, top = self.origin
        return [((x * self.zoom) + left, (y * self.zoom) + top) for x, y in places]


Shape = Callable[[Pen], None]


def ellipse(left: float, top: float, right: float, bottom: float, level: int = 255) -> Shape:
    """Within a box."""
    return lambda pen: pen.draw.ellipse(pen.at((left, top), (right, bottom)), fill=level)


def block(left: float, top: float, right: float, bottom: float, corner: float = 0) -> Shape:
    """A rectangle with round corners."""
    return lambda pen: pen.draw.rounded_rectangle(
        pen.at((left, top), (right, bottom)), radius=corner * pen.zoom, fill=255
    )


def polygon(*places: Place) -> Shape:
    """Its corners in order."""
    return lambda pen: pen.draw.polygon(pen.at(*places), fill=255)


def blob(*controls: Place) -> Shape:
    """What a closed Bézier curve surrounds."""
    return polygon(*bezier([*controls, controls[0]]))


def line(*places: Place, width: float) -> Shape:
    """Through places, with round joints and ends."""

    def draw(pen: Pen) -> None:
        radius = width * pen.zoom / 2
        points = pen.at(*places)
        pen.draw.line(points, fill=255, width=max(1, round(radius * 2)))
        for x, y in points:
            pen.draw.ellipse([(x - radius, y - radius), (x + radius, y + radius)], fill=255)

    return draw


def curve(*controls: Place, width: float) -> Shape:
    """A Bézier curve, as thick as a line."""
    return line(*bezier(controls), width=width)


def bezier(controls: Sequence[Place], steps: int = 40) -> list[Place]:
    """Points on the Bézier curve of any degree (de Casteljau)."""
    return [_on_bezier(controls, step / steps) for step in range(steps + 1)]


def _on_bezier(controls: Sequence[Place], at: float) -> Place:
    places = list(controls)
    while len(places) > 1:
        pairs = pairwise(places)
        places = [(a[0] + (b[0] - a[0]) * at, a[1] + (b[1] - a[1]) * at) for a, b in pairs]
    return places[0]


class Studio:
    """One picture in the making, of a size in pixels; `picture` is the result, `cut_out` where its objects are."""

    def __init__(self, size: tuple[int, int], backdrop: str) -> None:
        self._scale = min(size) / UNITS * _CLOSE_UP
        self._origin = ((size[0] - self._scale * UNITS) / 2, (size[1] - self._scale * UNITS) / 2)
        self.picture = _gradient(
            Image.linear_gradient("L").resize(size), colour(backdrop), ((0, 0.8), (0.72, 1.2), (1, 0.9))
        )
        self.cut_out = Image.new("L", size, 0)
        spot = Image.radial_gradient("L").resize(size).point([max(0, 120 - value) // 2 for value in range(256)])
        self.picture.paste("white", mask=spot)

    def shadow(self, left: float, right: float, floor: float, depth: float = 60) -> None:
        """A soft one on the floor, and a narrow dark one where the object touches it."""
        self._darken(ellipse(left - 60, floor - depth, right + 120, floor + depth, 130), 30)
        self._darken(ellipse(left - 6, floor - depth / 4, right + 24, floor + depth / 4, 170), 9)

    def _darken(self, shape: Shape, radius: float) -> None:
        shade = self._mask([shape], 1 / _SOFT).filter(ImageFilter.GaussianBlur(radius * self._scale / _SOFT))
        self.picture.paste((20, 18, 24), mask=shade.resize(self.picture.size, Image.Resampling.BICUBIC))

    def body(self, tint: str, *shapes: Shape, light: Stops = ROUND, direction: str = "across") -> None:
        """Shapes in one colour, shaded across, down or around the box that holds them all."""
        mask = self._mask(shapes, _SMOOTH).reduce(_SMOOTH)
        box = mask.getbbox() or (0, 0, 1, 1)
        size = (box[2] - box[0], box[3] - box[1])
        self.picture.paste(_gradient(_ramp(direction, size), colour(tint), light), box, mask.crop(box))
        self.cut_out = ImageChops.lighter(self.cut_out, mask)

    def gleam(self, *shapes: Shape, softness: float = 6, strength: int = 130, tint: str = "white") -> None:
        """A reflection of the lamps, or a shade, on what is there already."""
        mask = self._mask(shapes, 1 / 2).filter(ImageFilter.GaussianBlur(softness * self._scale / 2))
        mask = mask.resize(self.picture.size, Image.Resampling.BILINEAR).point(
            [v * strength // 255 for v in range(256)]
        )
        self.picture.paste(tint, mask=ImageChops.multiply(mask, self.cut_out))

    def grain(self, seed: str, strength: int = GRAIN) -> None:
        """The noise of a sensor."""
        width, height = self.picture.size
        noise = Image.frombytes("L", (width, height), random.Random(seed).randbytes(width * height))  # noqa: S311 - grain
        noise = noise.point([value * strength // 255 for value in range(256)])
        self.picture = ImageChops.add(self.picture, noise.convert("RGB"), 1, -strength // 2)

    def _mask(self, shapes: Sequence[Shape], zoom: float) -> Image.Image:
        width, height = self.picture.size
        mask = Image.new("L", (max(1, round(width * zoom)), max(1, round(height * zoom))), 0)
        left, top = self._origin
        pen = Pen(ImageDraw.Draw(mask), self._scale * zoom, (left * zoom, top * zoom))
        for shape in shapes:
            shape(pen)
        return mask


def _ramp(direction: str, size: tuple[int, int]) -> Image.Image:
    down = Image.linear_gradient("L")
    if direction == "around":
        wide = Image.radial_gradient("L").resize((size[0] * 5 // 4, size[1] * 5 // 4))
        return wide.crop((size[0] // 5, size[1] // 5, size[0] // 5 + size[0], size[1] // 5 + size[1]))
    return (down if direction == "down" else down.rotate(90)).resize(size)


def _gradient(ramp: Image.Image, tint: Colour, stops: Stops) -> Image.Image:
    """The colour under the light that the stops have at each level of the ramp."""
    lights = [_light(level / 255, stops) for level in range(256)]
    return Image.merge("RGB", [ramp.point([_lit(channel, light) for light in lights]) for channel in tint])


def _light(at: float, stops: Stops) -> float:
    for (start, first), (end, second) in pairwise(stops):
        if at <= end:
            part = (at - start) / (end - start)
            return first + (second - first) * part * part * (3 - 2 * part)
    return stops[-1][1]


def _lit(channel: int, light: float) -> int:
    lit = channel * light if light <= 1 else channel + (255 - channel) * (light - 1)
    return max(0, min(255, round(lit)))
