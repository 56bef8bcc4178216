"""What an uploader can ask for: parsing, limits and defaults.

The same names arrive as multipart fields, query parameters, JSON members and S3 object metadata, always as text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self, TypeVar

from functions.core.options.renditions import EXAMPLE, MAX_EDGE, Rendition, parse_renditions

MAX_HEADERS = 1_000  # characters of header names in an option: a request's record holds 400 KB, and headers are short
DEFAULT_QUALITY = 50  # what the replaced services gave
LATEST = "latest"  # of `reuse`: the owner's newest completed request with the same image options
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Value = TypeVar("Value")


class Format(StrEnum):
    """The format of an output image; KEEP is the format of its source."""

    KEEP = "keep"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    AVIF = "avif"
    AUTO = "auto"  # the smallest of those four


ENCODED_FORMATS = (Format.JPEG, Format.PNG, Format.WEBP, Format.AVIF)


class Effort(StrEnum):
    """How much CPU an image may take: SMALL spends up to five times as much for fewer bytes of the same look."""

    FAST = "fast"
    SMALL = "small"


class KeptMetadata(StrEnum):
    """What stays of the metadata: COPYRIGHT is creator, copyright notice and licence, never place or camera."""

    NONE = "none"
    COPYRIGHT = "copyright"


class Mode(StrEnum):
    """Whether one bad row refuses the CSV, or is reported beside the good ones."""

    STRICT = "strict"
    LENIENT = "lenient"


class Output(StrEnum):
    """Whether output URLs get a column of their own, or replace the input URLs."""

    APPEND = "append"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class OptionError:
    """One option that cannot be taken: its name, and why."""

    name: str
    message: str


class InvalidOptionsError(Exception):
    """Options that cannot be taken, all of them at once."""

    def __init__(self, errors: list[OptionError]) -> None:
        super().__init__("; ".join(f"{error.name}: {error.message}" for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """How each image is compressed. Edges are pixels; proportions are kept and nothing is enlarged.

    `formats` are those that `Format.AUTO` may take; none are all. `renditions` are as `Rendition` writes them, and
    `primary` names one.
    """

    quality: int = DEFAULT_QUALITY
    format: Format = Format.KEEP
    max_width: int | None = None
    max_height: int | None = None
    formats: tuple[Format, ...] = ()
    effort: Effort = Effort.FAST
    keep_metadata: KeptMetadata = KeptMetadata.NONE
    renditions: tuple[str, ...] = ()
    primary: str | None = None

    def made(self) -> tuple[Rendition, ...]:
        """The renditions that are asked for."""
        return tuple(map(Rendition.parse, self.renditions))

    def of(self, rendition: Rendition) -> "ImageOptions":
        """What a rendition is made with: its own format and quality, where it has them."""
        return replace(
            self,
            format=Format(rendition.format) if rendition.format else self.format,
            quality=rendition.quality or self.quality,
            max_width=None,
            max_height=None,
            renditions=(),
            primary=None,
        )

    @property
    def primary_name(self) -> str | None:
        """The rendition that stands for the image; None without renditions."""
        return (self.primary or Rendition.parse(self.renditions[0]).name) if self.renditions else None


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """How the CSV is read and written. `url_columns` and `name_column` name headers, instead of the known ones.

    `sheet` is the sheet of a workbook, by its name or its number.
    """

    mode: Mode = Mode.STRICT
    output: Output = Output.APPEND
    formula_safe: bool = False
    url_columns: tuple[str, ...] = ()
    name_column: str | None = None
    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How the request runs. `reuse`: whose results are adopted where the origin has nothing newer, an id or LATEST."""

    dry_run: bool = False
    reuse: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """All that can be asked for with a CSV."""

    image: ImageOptions = ImageOptions()
    csv: CsvOptions = CsvOptions()
    run: RunOptions = RunOptions()

    def to_json(self) -> dict[str, Any]:
        """Flat, by public name, without what is at its default."""
        return {
            name: getattr(group, name)
            for group, usual in ((self.image, _USUAL.image), (self.csv, _USUAL.csv), (self.run, _USUAL.run))
            for name in usual.__slots__
            if getattr(group, name) != getattr(usual, name)
        }

    @classmethod
    def from_json(cls, flat: Mapping[str, Any]) -> Self:
        return cls.of({name: _STORED[name](value) for name, value in flat.items()})

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """From values by public name."""
        groups = [
            {name: value for name, value in options.items() if name in group.__slots__}
            for group in (ImageOptions, CsvOptions, RunOptions)
        ]
        return cls(ImageOptions(**groups[0]), CsvOptions(**groups[1]), RunOptions(**groups[2]))


_USUAL = Options()


def parse_options(given: Mapping[str, str], default_mode: Mode = Mode.STRICT) -> Options:
    """Options from text, empty text meaning the default. Raises InvalidOptionsError naming every unknown or bad one."""
    errors: list[OptionError] = []
    options: dict[str, Any] = {"mode": default_mode}
    for name, text in given.items():
        parse = _PARSERS.get(name)
        if parse is None:
            errors.append(OptionError(name, f"unknown option; known are {', '.join([*_PARSERS, 'webhook_url'])}"))
        elif text.strip():
            try:
                options[name] = parse(text.strip())
            except ValueError as error:
                shown = "" if name == "renditions" else f", not {text.strip()[:80]!r}"
                errors.append(OptionError(name, f"{error}{shown}"))
    if not errors and options.get("formats") and options.get("format") is not Format.AUTO:
        errors.append(OptionError("formats", "is what auto may take: add format=auto, or leave formats out"))
    if not errors:
        errors += _wrong_renditions(options)
    if errors:
        raise InvalidOptionsError(errors)
    return Options.of(options)


def _wrong_renditions(options: Mapping[str, Any]) -> list[OptionError]:
    names = [Rendition.parse(text).name for text in options.get("renditions", ())]
    primary = options.get("primary")
    if primary and primary not in names:
        known = f"the renditions are {', '.join(names)}" if names else "there are no renditions"
        return [OptionError("primary", f"must name one of the renditions; {known}")]
    if names and (options.get("max_width") or options.get("max_height")):
        return [OptionError("renditions", "have their own sizes: leave max_width and max_height out")]
    return []


def _renditions(text: str) -> tuple[str, ...]:
    try:
        return tuple(map(str, parse_renditions(text)))
    except ValueError as error:
        raise ValueError(f"{error}; an example is {EXAMPLE}") from error


def _whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(high)) and low <= int(text) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def _one_of(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    def parse(text: str) -> StrEnum:
        try:
            return kind(text.lower())
        except ValueError:
            raise ValueError(f"must be one of {', '.join(kind)}") from None

    return parse


def _formats(text: str) -> tuple[Format, ...]:
    """Each once, in the order of the enumeration: the same choice is the same option, however it is written."""
    named = {name.strip().lower() for name in text.split(",") if name.strip()}
    if not named or not named <= set(ENCODED_FORMATS):
        raise ValueError(f"must be some of {', '.join(ENCODED_FORMATS)}, separated by commas")
    return tuple(kind for kind in ENCODED_FORMATS if kind in named)


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false", "1", "0"}:
        raise ValueError("must be true or false")
    return text.lower() in {"true", "1"}


def _column_name(text: str) -> str:
    if len(text) > MAX_HEADERS:
        raise ValueError(f"must have at most {MAX_HEADERS:,} characters")
    return text


def _column_names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in _column_name(text).split(",") if name.strip())


def _encoding(text: str) -> str:
    if text.lower() not in ENCODINGS:
        raise ValueError(f"must be one of {', '.join(ENCODINGS)}")
    return text.lower()


def _reuse(text: str) -> str:
    if text.lower() != LATEST and not UUID.fullmatch(text.lower()):
        raise ValueError(f"must be a request_id or {LATEST}")
    return text.lower()


ENCODINGS = (
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1250", "windows-1251", "windows-1252", "windows-1253",
    "windows-1254", "iso-8859-1", "iso-8859-2", "iso-8859-9", "iso-8859-15",
    "shift_jis", "euc-jp", "gb18030", "big5", "euc-kr",
)  # fmt: skip

_PARSERS: dict[str, Callable[[str], Any]] = {
    "quality": _whole_number(1, 100),
    "format": _one_of(Format),
    "formats": _formats,
    "effort": _one_of(Effort),
    "keep_metadata": _one_of(KeptMetadata),
    "max_width": _whole_number(1, MAX_EDGE),
    "max_height": _whole_number(1, MAX_EDGE),
    "renditions": _renditions,
    "primary": lambda text: text.lower(),
    "mode": _one_of(Mode),
    "output": _one_of(Output),
    "formula_safe": _flag,
    "url_columns": _column_names,
    "name_column": _column_name,
    "encoding": _encoding,
    "sheet": _column_name,
    "dry_run": _flag,
    "reuse": _reuse,
}

_STORED: dict[str, Callable[[Any], Any]] = {
    "quality": int,
    "format": Format,
    "formats": lambda names: tuple(map(Format, names)),
    "effort": Effort,
    "keep_metadata": KeptMetadata,
    "max_width": int,
    "max_height": int,
    "renditions": tuple,
    "primary": str,
    "mode": Mode,
    "output": Output,
    "formula_safe": bool,
    "url_columns": tuple,
    "name_column": str,
    "sheet": str,
    "encoding": str,
    "dry_run": bool,
    "reuse": str,
}
