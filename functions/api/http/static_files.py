"""The files of the web page, under a name that changes with them: they are cached for good, and never mixed."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable

STATIC = "functions.api.static"
FOLDERS = ("app", "lib", "sample")
MEDIA_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is served."""

    content: bytes
    media_type: str

    @property
    def is_text(self) -> bool:
        """Whether packing makes it smaller: a picture is packed already."""
        return self.media_type.startswith("text/")


@cache
def static_file(folder: str, name: str) -> StaticFile | None:
    """A file of the page; None where the package has none of this name."""
    found = _listed().get((folder, name))
    return StaticFile(found.read_bytes(), MEDIA_TYPES[_ending(name)]) if found else None


@cache
def version() -> str:
    """Of all files together."""
    digest = sha256()
    for (folder, name), found in sorted(_listed().items(), key=lambda item: item[0]):
        digest.update(f"{folder}/{name}\n".encode() + found.read_bytes())
    return digest.hexdigest()[:12]


@cache
def _listed() -> dict[tuple[str, str], Traversable]:
    """What is there, by folder and name. Nothing else is read, whatever a path says."""
    root = resources.files(STATIC)
    return {
        (folder, found.name): found
        for folder in FOLDERS
        for found in root.joinpath(folder).iterdir()
        if _ending(found.name) in MEDIA_TYPES
    }


def _ending(name: str) -> str:
    return name.rpartition(".")[2]
