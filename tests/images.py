"""Images for the tests, made on the spot: small, deterministic, of every kind that the codec meets."""

import random
import struct
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops, ImageStat

ORIENTATION = 0x0112
ADOBE_RGB = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))  # its primaries, under D50


def encoded(picture: Image.Image, kind: str, **parameters: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **parameters)
    return file.getvalue()


def decoded(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


@cache
def _photo(width: int, height: int) -> Image.Image:
    seeded = random.Random(7)  # noqa: S311 - always the same picture
    coarse = Image.frombytes("RGB", (5, 4), bytes(seeded.randrange(60, 190) for _ in range(5 * 4 * 3)))
    fine = Image.frombytes("L", (width, height), seeded.randbytes(width * height))
    grain = fine.point([value // 24 for value in range(256)]).convert("RGB")
    return ImageChops.add(coarse.resize((width, height), Image.Resampling.BICUBIC), grain)


def photo(width: int = 120, height: int = 80) -> Image.Image:
    """Soft colours with grain: what lossy formats are for."""
    return _photo(width, height).copy()


def cut_out(width: int = 120, height: int = 80) -> Image.Image:
    """A photo that fades from transparent at the top to opaque at the bottom."""
    picture = photo(width, height)
    picture.putalpha(Image.linear_gradient("L").resize((width, height)))
    return picture


def turned(picture: Image.Image, orientation: int, **parameters: Any) -> bytes:
    """A JPEG of these pixels which says that they are to be shown in another orientation."""
    return encoded(picture, "JPEG", exif=orientation_exif(orientation), **parameters)


def orientation_exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def frames(count: int = 4, size: tuple[int, int] = (60, 40)) -> list[Image.Image]:
    """A square that moves over a photo."""
    pictures = []
    for n in range(count):
        picture = photo(*size)
        picture.paste((255, 0, 0), (n * 10, 5, n * 10 + 12, 25))
        pictures.append(picture)
    return pictures


def animation(kind: str, durations: Sequence[int] = (100, 200, 300, 400), /, **parameters: Any) -> bytes:
    first, *rest = frames(len(durations))
    return encoded(first, kind, save_all=True, append_images=rest, duration=list(durations), **parameters)


def durations(content: bytes) -> list[int]:
    picture = Image.open(BytesIO(content))
    found = []
    for n in range(getattr(picture, "n_frames", 1)):
        picture.seek(n)
        picture.load()
        found.append(round(picture.info["duration"]))
    return found


def difference(first: Image.Image, second: Image.Image) -> float:
    """The mean distance of two pictures' samples, 0 to 255."""
    assert first.size == second.size, f"{first.size} is not {second.size}"
    return max(ImageStat.Stat(ImageChops.difference(first.convert("RGB"), second.convert("RGB"))).mean)


def png_chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">L", len(payload)) + name + payload + struct.pack(">L", zlib.crc32(name + payload))


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and no more."""
    header = png_chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b"")


def rgb_profile(name: str, primaries: Sequence[Sequence[float]] = ADOBE_RGB) -> bytes:
    curve = b"curv" + struct.pack(">LLH", 0, 1, round(2.2 * 256))
    tags = {b"desc": _description(name), b"wtpt": _xyz((0.9642, 1.0, 0.8249))}
    tags |= {letter + b"XYZ": _xyz(primary) for letter, primary in zip((b"r", b"g", b"b"), primaries, strict=True)}
    return _profile(b"RGB ", b"XYZ ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def grey_profile(gamma: float) -> bytes:
    curve = b"curv" + struct.pack(">LLH", 0, 1, round(gamma * 256))
    return _profile(
        b"GRAY", b"XYZ ", {b"desc": _description("grey"), b"wtpt": _xyz((0.9642, 1.0, 0.8249)), b"kTRC": curve}
    )


def cmyk_profile_of_greys() -> bytes:
    """A press without colours: every ink darkens equally. It tells a conversion by profile from one without."""
    line = bytes(range(256))
    corners = [bytes((255 - bin(corner).count("1") * 255 // 4, 128, 128)) for corner in range(16)]
    identity = struct.pack(">9l", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity + line * 4 + b"".join(corners) + line * 3
    tags = {b"desc": _description("greys"), b"wtpt": _xyz((0.9642, 1.0, 0.8249)), b"A2B0": table}
    return _profile(b"CMYK", b"Lab ", tags)


def _profile(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    at, table, body = 132 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">LL", at + len(body), len(content))
        body += padded
    head = struct.pack(
        ">L4sL4s4s4s12s4s", at + len(body), b"lcms", 0x02100000, b"mntr", space, connection, bytes(12), b"acsp"
    )
    white = struct.pack(">3l", round(0.9642 * 65536), 65536, round(0.8249 * 65536))
    return (head.ljust(68, b"\0") + white).ljust(128, b"\0") + struct.pack(">L", len(tags)) + table + body


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3l", *(round(value * 65536) for value in values))


def _description(name: str) -> bytes:
    text = name.encode() + b"\0"
    return b"desc" + bytes(4) + struct.pack(">L", len(text)) + text + bytes(78)


SMALL: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: encoded(photo(48, 32), "JPEG", quality=92, exif=orientation_exif(6)),
    "png": lambda: encoded(photo(24, 16), "PNG"),
    "palette png": lambda: encoded(cut_out(24, 16).quantize(16), "PNG"),
    "webp": lambda: encoded(cut_out(48, 32), "WEBP", quality=90, exif=orientation_exif(3)),
    "avif": lambda: encoded(photo(48, 32), "AVIF", quality=90, speed=10),
    "gif": lambda: encoded(photo(24, 16).quantize(32), "GIF", comment=b"a comment"),
    "animated gif": lambda: animation("GIF", (50, 60)),
    "animated webp": lambda: animation("WEBP", (50, 60)),
    "animated png": lambda: animation("PNG", (50, 60)),
    "bmp": lambda: encoded(photo(24, 16), "BMP"),
    "tiff": lambda: encoded(photo(24, 16), "TIFF", compression="tiff_lzw"),
}


def kind_of(name: str) -> str:
    """The format of one of SMALL."""
    return name.rsplit(maxsplit=1)[-1]
