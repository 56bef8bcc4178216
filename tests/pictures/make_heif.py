"""Draws the HEIF files of this folder: `python -m tests.pictures.make_heif`, where `pillow-heif` is installed.

It is the one package that encodes HEVC, and is under the GPL with its encoder: neither the service nor its tests have
it, and what it made is in the repository. `tests/heif.py` makes everything else out of these files.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif  # type: ignore[import-not-found]  # only where these files are drawn
from PIL import Image

from tests.hostile.images import COLOURS, RED, YELLOW, quadrants
from tests.hostile.images_odd import DISPLAY_P3, in_profile
from tests.images import orientation_exif, photo, rgb_profile

HERE = Path(__file__).parent
SIZE = (128, 64)  # whole blocks of HEVC: nothing is cut off
TILE = (64, 64)
LARGE = (7000, 7000)
HALF_CLEAR = (*COLOURS[:3], (*YELLOW[:3], 100))


def heif(*pictures: Image.Image, **told: Any) -> bytes:
    made = pillow_heif.HeifFile()
    for picture in pictures:
        made.add_from_pillow(picture)
    file = BytesIO()
    made.save(file, **{"quality": 90, "chroma": 444} | told)
    return file.getvalue()


def ten_bits() -> bytes:
    deep = b"".join((value * 257).to_bytes(2, "little") for value in plain().tobytes())
    made = pillow_heif.from_bytes("RGB;16", SIZE, deep)
    file = BytesIO()
    made.save(file, quality=90)
    return file.getvalue()


def plain() -> Image.Image:
    return quadrants(size=SIZE).convert("RGB")


def main() -> None:
    wide, profile = in_profile(rgb_profile("Display P3", DISPLAY_P3)), rgb_profile("Display P3", DISPLAY_P3)
    other = Image.new("RGB", SIZE, RED[:3])
    files = {
        "plain": heif(plain()),
        "alpha": heif(quadrants(HALF_CLEAR, SIZE)),
        "ten-bits": ten_bits(),
        "large-alpha": heif(quadrants(HALF_CLEAR, LARGE), quality=50, chroma=420),
        "grey": heif(plain().convert("L")),
        "photo": heif(photo(), quality=1, chroma=420),
        "display-p3": heif(wide.resize(SIZE, Image.Resampling.NEAREST), icc_profile=profile),
        "turned": heif(plain().transpose(Image.Transpose.ROTATE_90), exif=orientation_exif(6).tobytes()),
        "third-of-four": heif(other, other, plain(), other, primary_index=2),
        **{f"tile-{n}": heif(Image.new("RGB", TILE, colour[:3])) for n, colour in enumerate(COLOURS)},
    }
    for name, content in files.items():
        (HERE / f"{name}.heic").write_bytes(content)


if __name__ == "__main__":
    main()
