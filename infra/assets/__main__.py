"""Takes ReDoc out of the package that ships it, at build time: `python -m infra.assets WHEELS TARGET`."""

import sys
import zipfile
from pathlib import Path

FILES = ("redoc/bundles/redoc.standalone.js.LICENSE.txt", "redoc/bundles/redoc.standalone.js")
FETCHED = b"https://cdn.redoc.ly/redoc/logo-mini.svg"  # a logo that the page would get from elsewhere


def main(wheels: Path, target: Path) -> None:
    """Write the script, and beside it the licence texts that it asks for."""
    (wheel,) = wheels.glob("*.whl")
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for file in FILES:
            (entry,) = (name for name in archive.namelist() if name.endswith(file))
            content = archive.read(entry).replace(
                FETCHED, b"data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'/%3E"
            )
            (target.parent / Path(file).name).write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
