"""Names of products and URLs that would lead out of a folder, or be none on Windows or macOS: all become names."""

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.core.catalogue import archive_names, archive_path
from functions.core.catalogue.plan import Cursor, SeenUrls, next_part
from functions.core.catalogue.products import read_rows, survey
from functions.core.options import CsvOptions

RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
FORBIDDEN = set('<>:"/\\|?*')
MAX_NAME = 255  # bytes, of most file systems

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=300)


def paths_of(product: str, stem: str) -> list[str]:
    """The paths in the ZIP of a product's two pictures."""
    quoted = product.replace('"', '""')
    safe = "".join(f"%{byte:02X}" for byte in stem.encode())
    text = f'Name,Images\n"{quoted}","https://x/{safe}.jpg,https://y/{safe}.jpg"\n'

    def source(offset: int) -> list[bytes]:
        return [text.encode()[offset:]]

    found = survey(source, CsvOptions())
    part = next_part(0, Cursor(found.layout.body), read_rows(source, found.layout), SeenUrls())
    return [archive_path(name, "images/1/0-abc/x.webp") for name in archive_names(part, found.layout).values()]


@settings(max_examples=300)
@given(texts, texts)
@example("../../etc/passwd", "..")
@example("CON", "NUL")
@example("COM1.txt", "aux")
@example("a" * 300, "b" * 300)
@example("ends with dots...", "and blanks   ")
@example("\u202ecod.exe", "\u200b")
@example("C:\\Windows\\system32", "\\\\server\\share")
@example("Ü" * 200, "é")
def test_a_name_is_one_file_in_the_folder_on_every_system(product: str, stem: str) -> None:
    if re.search(r"[\x01-\x1f\x7f]", product):
        return  # such a row is refused
    paths = paths_of(product, stem)
    assert len({unicodedata.normalize("NFC", path).casefold() for path in paths}) == len(paths) == 2
    for path in paths:
        folder, name = path.split("/", 1)
        assert (folder, "/" in name) == ("pictures", False)
        assert not FORBIDDEN & set(name)
        assert not any(unicodedata.category(character) in {"Cc", "Cf"} for character in name), name
        assert not RESERVED.fullmatch(name)
        assert name == name.rstrip(". ")
        assert len(name.encode()) <= MAX_NAME
        assert ".." not in PurePosixPath(path).parts
        assert PureWindowsPath(path).drive == ""


@pytest.mark.parametrize("product", ["", "   ", "...", "???"])
def test_a_product_without_a_name_still_has_one(product: str) -> None:
    first, second = paths_of(product, "front")
    assert (first, second) == ("pictures/000001 front.webp", "pictures/000002 front.webp")
