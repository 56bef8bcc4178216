"""What is known of an image before it is compressed, and what came out of it."""

from dataclasses import dataclass

from functions.compress.codec import recipe
from functions.compress.codec.formats import metadata
from functions.compress.codec.formats.credits import Credits, with_credits
from functions.core.options import ImageOptions

Size = tuple[int, int]  # width and height in pixels


@dataclass(frozen=True, slots=True)
class Probe:
    """What a header says. `decoded_bytes` is an upper estimate of the memory that `compress` takes for it."""

    format: str
    width: int
    height: int
    frames: int
    decoded_bytes: int


@dataclass(frozen=True, slots=True)
class Compressed:
    """An output image, its size as shown. `original_kept`: the source's own pixels, without its metadata.

    `format` is jpeg, png, webp, avif or gif; or bmp or tiff where nothing smaller could be made of such a source.
    """

    content: bytes
    format: str
    extension: str
    media_type: str
    width: int
    height: int
    original_kept: bool

    @classmethod
    def of(cls, content: bytes, kind: str, size: Size, *, original_kept: bool = False) -> "Compressed":
        """With the names that go with the format."""
        named = recipe.FILE_TYPES[kind]
        return cls(content, kind, named.extension, named.media_type, *size, original_kept)


@dataclass(frozen=True, slots=True)
class Made:
    """A rendition, and a word on what could not be as it was asked for."""

    name: str
    picture: Compressed
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """A source, the size that it is shown in, and the EXIF orientation that does it."""

    content: bytes
    format: str
    size: Size
    orientation: int
    credit: Credits

    def will_do(self, target: str, size: Size) -> bool:
        """Whether its pixels, as they are stored, are what was asked for."""
        return (self.format, self.size, self.orientation) == (target, size, metadata.UPRIGHT)

    def fitted(self, options: ImageOptions) -> Size:
        """The size of its output."""
        return recipe.fitted(*self.size, options, self.format)

    def kept(self) -> Compressed:
        """Its own pixels, without its metadata but for its credit, where there is room for them."""
        content = metadata.without_metadata(self.content, self.format, self.orientation)
        credited = with_credits(content, self.format, self.size, self.credit)
        if len(credited) <= len(self.content):
            content = credited
        return Compressed.of(content, self.format, self.size, original_kept=True)
