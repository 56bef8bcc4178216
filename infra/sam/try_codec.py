"""Whether what was built can make pictures: `try_codec.py ARTEFACT`, with the functions' own Python and nothing else.

Libraries that are loaded for the first picture that needs them are not noticed by an import of the handler.
"""

import sys
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[2]

sys.path[:0] = [sys.argv[1]]

from PIL import Image  # noqa: E402

from functions.compress.codec import compress  # noqa: E402 - from the artefact
from functions.core.options import Effort, Format, ImageOptions  # noqa: E402


def drawn(mode: str) -> bytes:
    """A picture of more colours than a palette holds."""
    across = Image.linear_gradient("L")
    picture = Image.merge("RGBA", [across, across.rotate(90), across.rotate(180), across]).convert(mode)
    file = BytesIO()
    picture.save(file, "TIFF")
    return file.getvalue()


def main() -> None:
    """Every encoder, and the decoders that are packages of their own."""
    for source in (drawn("RGB"), drawn("RGBA"), (ROOT / "tests/pictures/plain.heic").read_bytes()):
        for kind in (Format.JPEG, Format.PNG, Format.WEBP, Format.AVIF, Format.AUTO):
            for quality in (50, 95, 100):
                for effort in Effort:
                    made = compress(source, ImageOptions(quality, kind, effort=effort))
                    if not made.content:
                        sys.exit(f"an empty {made.format}")
    sys.stdout.write(f"compress: makes every format from {sys.argv[1]}\n")


if __name__ == "__main__":
    main()
