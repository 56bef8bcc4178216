import errno
import os

import pytest

from functions.compress.codec import compress
from functions.core.options import Format, ImageOptions
from tests.images import encoded, photo


@pytest.mark.parametrize("format", [Format.JPEG, Format.WEBP, Format.AVIF])
def test_pictures_are_made_where_the_system_has_no_memfd(monkeypatch: pytest.MonkeyPatch, format: Format) -> None:
    def refused(name: str) -> int:
        raise OSError(errno.ENOSYS, "no such call")

    monkeypatch.setattr(os, "memfd_create", refused, raising=False)
    made = compress(encoded(photo(), "PNG"), ImageOptions(format=format))
    assert made.format == format.value
