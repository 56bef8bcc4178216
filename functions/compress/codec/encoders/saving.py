"""Pillow's encoders, writing to memory."""

import os
import tempfile
from contextlib import suppress
from typing import IO, Any

from PIL import Image


def saved(picture: Image.Image, kind: str, **parameters: Any) -> bytes:
    """The picture as a file of that kind; `parameters` are those of Pillow's `save`."""
    with _scratch_file() as file:
        picture.save(file, kind, **parameters)
        file.seek(0)
        return file.read()


def _scratch_file() -> IO[bytes]:
    """A file with a real descriptor. Only then does Pillow's JPEG encoder release the interpreter's lock."""
    with suppress(AttributeError, OSError):  # macOS has no such call, and a sandbox may refuse it
        return os.fdopen(os.memfd_create("image"), "w+b")
    return tempfile.TemporaryFile()
