"""Mutates valid files of every format and compresses what comes out: a valid picture, or a code of the project's.

It runs as a process of its own, which a decoder may kill: the file that it was at is found at the path it was given.
"""

import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from PIL import Image

from functions.compress.codec import compress, compress_all, probe
from functions.compress.codec.recipe import UNSHOWN_FORMATS
from functions.core.errors import PermanentError
from functions.core.options import Format, ImageOptions
from tests.hostile.images import quadrants, rgb
from tests.hostile.images_odd import DISPLAY_P3, lying, moving, png_of, table_profile, ycck
from tests.hostile.images_rare import SOURCES
from tests.images import SMALL, decoded, encoded, rgb_profile

MOST_MEMORY = 64 << 20  # bytes; what promises to take more is right, and too slow to be tried
HEAD = 12  # bytes by which a format is told, and which are left as they are
WHOLE = 1 << 16
Edit = tuple[str, int, int, int]

SEEDS: dict[str, Callable[[], bytes]] = (
    SMALL
    | SOURCES
    | {
        "progressive jpeg": lambda: encoded(rgb(), "JPEG", progressive=True, icc_profile=rgb_profile("P3", DISPLAY_P3)),
        "restarted jpeg": lambda: encoded(rgb(), "JPEG", restart_marker_blocks=1, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
        "ycck jpeg": ycck,
        "interlaced png": lambda: png_of(6, 16, True, False, b""),
        "keyed png": lambda: png_of(0, 4, True, True, b""),
        "table png": lambda: encoded(rgb(), "PNG", icc_profile=table_profile()),
        "turned png": lambda: lying("PNG", 6),
        "cleared gif": lambda: moving("GIF", disposal=2),
        "lossless webp": lambda: encoded(quadrants(), "WEBP", lossless=True, icc_profile=rgb_profile("P3", DISPLAY_P3)),
        "moving webp": lambda: moving("WEBP"),
        "moving avif": lambda: moving("AVIF", speed=10, max_threads=1),
        "turned avif": lambda: lying("AVIF", 5),
        "palette bmp": lambda: encoded(rgb().quantize(16), "BMP"),
        "jpeg tiff": lambda: encoded(rgb(), "TIFF", compression="jpeg"),
        "deflate tiff": lambda: encoded(rgb(), "TIFF", compression="tiff_adobe_deflate", tiffinfo={274: 6}),
        "fax tiff": lambda: encoded(rgb().convert("1"), "TIFF", compression="group4"),
        "inks tiff": lambda: encoded(rgb().convert("CMYK"), "TIFF", compression="tiff_lzw"),
        "big tiff": lambda: encoded(Image.new("I;16", (9, 9), 999), "TIFF", big_tiff=True),
    }
)
_TELLING = (
    0,
    1,
    2,
    3,
    7,
    8,
    127,
    128,
    255,
    256,
    32_767,
    65_535,
    65_536,
    1 << 24,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 1,
)


@cache
def valid(name: str) -> bytes:
    return SEEDS[name]()


def edited(source: bytes, other: bytes, edits: list[Edit]) -> bytes:
    """Each edit is at a part of the file, in so many of WHOLE; most of a file's structure is at its beginning."""
    made = bytearray(source)
    for way, where, value, length in edits:
        at = HEAD + (len(made) - HEAD) * where * where // (WHOLE * WHOLE)
        if way == "byte":
            made[at : at + 1] = bytes((value & 255,))
        elif way == "bit":
            made[at : at + 1] = bytes(byte ^ 1 << value % 8 for byte in made[at : at + 1])
        elif way == "number":
            size, order = (2, 4, 8)[length % 3], "little" if value % 2 else "big"
            number = _TELLING[value % len(_TELLING)] & ((1 << size * 8) - 1)
            made[at : at + size] = number.to_bytes(size, "little" if order == "little" else "big")
        elif way == "cut":
            del made[at:]
        elif way == "drop":
            del made[at : at + length]
        elif way == "double":
            made[at:at] = made[at : at + length] * (value % 5)
        else:
            start = value % max(1, len(other))
            made[at : at + length] = other[start : start + length]
    return bytes(made)


_EDITS = st.tuples(
    st.sampled_from(("byte", "bit", "number", "number", "drop", "double", "splice", "cut")),
    st.integers(0, WHOLE - 1),
    st.integers(0, 65_535),
    st.integers(0, 64),
)
FILES = st.builds(edited, *[st.sampled_from(sorted(SEEDS)).map(valid)] * 2, st.lists(_EDITS, min_size=1, max_size=8))
OPTIONS = st.builds(
    ImageOptions, format=st.sampled_from(Format), max_width=st.none() | st.integers(1, 64), quality=st.integers(1, 100)
)


SHAPES = ("a=40x40,pad", "b=30x50,cover", "c=16x,enlarge")


def renditions_end_well(source: bytes, options: ImageOptions) -> None:
    """What can be compressed has its renditions, each in the size that was told. One file in four is tried."""
    wanted = replace(options, max_width=None, renditions=SHAPES)
    if options.quality % 4 or probe(source, wanted).decoded_bytes > MOST_MEMORY:
        return
    try:
        made = compress_all(source, wanted)
    except PermanentError:  # damage that a smaller decoding does not see
        return
    for each in made:
        assert decoded(each.picture.content).size == (each.picture.width, each.picture.height), each.name


def ends_well(source: bytes, options: ImageOptions) -> str:
    """How it ended; anything but a picture that opens or a code is raised."""
    try:
        probed = probe(source, options)
        if probed.decoded_bytes > MOST_MEMORY:
            return "large"
        made = compress(source, options)
    except PermanentError as error:
        return error.code
    renditions_end_well(source, options)
    assert probed.format in UNSHOWN_FORMATS or len(made.content) <= len(source), "it has grown"
    picture = decoded(made.content)
    assert picture.size in ((made.width, made.height), (made.height, made.width)), (
        f"{picture.size} is not what was told"
    )
    return "shown"


def main(examples: int, first: int | None, last_file: Path) -> None:
    """Tell how so many files ended; the same ones each time if there is no number to begin with."""
    warnings.simplefilter("ignore")  # as deployed, where they are only printed
    ended: dict[str, int] = {}

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=first is None,
        suppress_health_check=list(HealthCheck),
    )
    @given(FILES, OPTIONS)
    def run(source: bytes, options: ImageOptions) -> None:
        last_file.write_bytes(source)
        how = ends_well(source, options)
        ended[how] = ended.get(how, 0) + 1

    (run if first is None else seed(first)(run))()
    sys.stdout.write(f"{sum(ended.values())} files: {ended}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2] else None, Path(sys.argv[3]))
