"""Renditions: the sizes and shapes that are made of each image, as an uploader asks for them.

`thumb=320x320,pad,webp; listing=800x; zoom=2000x2000,auto,q70; amazon=2000x2000,pad,white,jpeg`

A blank separates them as well: `curl -F` ends a value at a `;`, without a word.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

MAX_RENDITIONS = 8
MAX_EDGE = 16_383  # pixels; what WebP can hold
MAX_CANVAS = 25_000_000  # pixels of a canvas that may be larger than the source
EXAMPLE = "thumb=320x320,pad,webp zoom=2000x"
FORMATS = ("keep", "jpeg", "png", "webp", "avif", "auto")
COLOURS = {  # those that merchants name; any other as #rrggbb
    "white": "#ffffff",
    "black": "#000000",
    "grey": "#808080",
    "gray": "#808080",
    "silver": "#c0c0c0",
}

_BETWEEN = re.compile(r";|\s+(?=[^\s;,=]+=)")  # a blank is one where the next word is a name with its =
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")
_BOX = re.compile(r"(?P<width>[0-9]{0,6})x(?P<height>[0-9]{0,6})")
_QUALITY = re.compile(r"q([0-9]{1,3})")
_HEX = re.compile(r"#[0-9a-f]{6}")


class Fit(StrEnum):
    """How a picture goes into its box."""

    MAX = "max"  # inside it, in proportion
    COVER = "cover"  # it fills the box, and what hangs over is cut off on both sides
    PAD = "pad"  # the whole picture on a canvas of the box's size


@dataclass(frozen=True, slots=True)
class Rendition:
    """One size and shape. What is None comes from the request's own options; `colour` None is transparent, or white."""

    name: str
    width: int | None = None
    height: int | None = None
    fit: Fit = Fit.MAX
    format: str | None = None
    quality: int | None = None
    colour: str | None = None
    enlarge: bool = False

    def __str__(self) -> str:
        parts = [f"{self.width or ''}x{self.height or ''}", self.fit.value if self.fit is not Fit.MAX else ""]
        parts += [self.format or "", f"q{self.quality}" if self.quality else "", self.colour or ""]
        return f"{self.name}={','.join(filter(None, [*parts, 'enlarge' if self.enlarge else '']))}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `thumb=320x320,pad,webp`. Raises ValueError."""
        name, equals, rest = text.partition("=")
        name = name.strip().lower()
        if not equals:
            raise ValueError(f"{text.strip()[:40]!r} is no set of this deployment, and no rendition: write name=size")
        if not _NAME.fullmatch(name):
            raise ValueError(f"{text.strip()[:40]!r} has no name of letters, digits, - and _ before a =")
        made = cls(name)
        for word in filter(None, (part.strip().lower() for part in rest.split(","))):
            made = replace(made, **_meaning(name, word))
        return made._checked()

    def _checked(self) -> Self:
        edges = [edge for edge in (self.width, self.height) if edge is not None]
        if not edges:
            raise ValueError(f"{self.name} has no size: write 320x320, 320x or x320")
        if not all(1 <= edge <= MAX_EDGE for edge in edges):
            raise ValueError(f"{self.name}: edges are 1 to {MAX_EDGE:,} pixels")
        may_grow = self.enlarge or self.fit is Fit.PAD
        if may_grow and (self.width or edges[0]) * (self.height or edges[0]) > MAX_CANVAS:
            raise ValueError(f"{self.name}: with pad or enlarge a box has at most {MAX_CANVAS:,} pixels")
        if self.colour and self.fit is not Fit.PAD:
            raise ValueError(f"{self.name}: a colour goes with pad")
        return self


def parse_renditions(text: str) -> tuple[Rendition, ...]:
    """From the text, or from JSON: a list of objects, or an object of texts by name. Raises ValueError."""
    texts = _from_json(text) if text.lstrip().startswith(("[", "{")) else _BETWEEN.split(text)
    found = [Rendition.parse(each) for each in texts if each.strip()]
    names = [each.name for each in found]
    if not found or len(found) > MAX_RENDITIONS:
        raise ValueError(f"1 to {MAX_RENDITIONS} renditions are taken")
    if len(set(names)) < len(names):
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)} is there twice")
    return tuple(found)


def parse_presets(text: str) -> dict[str, str]:
    """The presets of a deployment: `shop: thumb=320x320,pad; zoom=2000x | fashion: …`. Raises ValueError."""
    presets = {}
    for part in filter(None, map(str.strip, text.split("|"))):
        name, colon, renditions = part.partition(":")
        if not colon or not _NAME.fullmatch(name.strip()):
            raise ValueError(f"{part[:40]!r} is no preset: write name: {EXAMPLE}")
        parse_renditions(renditions)
        presets[name.strip()] = renditions.strip()
    return presets


def _meaning(name: str, word: str) -> dict[str, Any]:
    """What a word of a rendition says. Raises ValueError."""
    box, quality = _BOX.fullmatch(word), _QUALITY.fullmatch(word)
    if box:
        return {edge: int(box[edge]) if box[edge] else None for edge in ("width", "height")}
    if quality and 1 <= int(quality[1]) <= 100:  # noqa: PLR2004 - the scale of `quality`
        return {"quality": int(quality[1])}
    if word in set(Fit):
        return {"fit": Fit(word)}
    if word in FORMATS:
        return {"format": word}
    if word in COLOURS or _HEX.fullmatch(word):
        return {"colour": COLOURS.get(word, word)}
    if word == "enlarge":
        return {"enlarge": True}
    kinds = f"a size, {', '.join(Fit)}, {', '.join(FORMATS)}, q1 to q100, {', '.join(COLOURS)}, #rrggbb or enlarge"
    raise ValueError(f"{name}: {word[:40]!r} is none of {kinds}")


def _from_json(text: str) -> Iterable[str]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ValueError(f"the JSON cannot be read: {error}") from error
    if isinstance(given, Mapping):
        return [f"{name}={words}" for name, words in given.items()]
    if not all(isinstance(each, Mapping) and "name" in each for each in given):
        raise ValueError("in JSON each rendition is an object with a name")
    return [_as_text(each) for each in given]


def _as_text(given: Mapping[str, Any]) -> str:
    unknown = set(given) - set(Rendition.__slots__)
    if unknown:
        raise ValueError(f"{given['name']}: {sorted(unknown)[0]!r} is none of {', '.join(Rendition.__slots__)}")
    words = [f"{given.get('width') or ''}x{given.get('height') or ''}", given.get("fit"), given.get("format")]
    words += [f"q{given['quality']}" if given.get("quality") else None, given.get("colour")]
    words += ["enlarge" if given.get("enlarge") else None]
    return f"{given['name']}={','.join(str(word) for word in words if word)}"
