"""A picture of every format that is read."""

from pathlib import Path

from tests.heif import heic
from tests.images import animation, cut_out, encoded, photo

SIZE = (320, 240)


def sources() -> dict[str, bytes]:
    """Files by name."""
    picture, transparent = photo(*SIZE), cut_out(*SIZE)
    return {
        "photo.jpg": encoded(picture, "JPEG", quality=98),
        "photo.png": encoded(picture, "PNG"),
        "cut-out.png": encoded(transparent, "PNG"),
        "photo.webp": encoded(picture, "WEBP", quality=98),
        "photo.avif": encoded(picture, "AVIF", quality=95),
        "still.gif": encoded(picture.quantize(), "GIF"),
        "moving.gif": animation("GIF"),
        "photo.tiff": encoded(picture, "TIFF"),
        "photo.bmp": encoded(picture, "BMP"),
        "photo.heic": heic("photo"),
        "photo.jp2": encoded(picture, "JPEG2000"),
    }


def write_sources(folder: Path) -> None:
    for name, content in sources().items():
        (folder / name).write_bytes(content)
