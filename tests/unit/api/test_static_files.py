"""The files of the page: which there are, under which name, and what may be done with them."""

import re
from hashlib import sha256

import pytest

from functions.api.http import STATIC, static_file, version
from functions.api.http.static_files import _listed
from infra.local.deploy import ROOT

FOLDER = ROOT / STATIC.replace(".", "/")
LIBRARY = "72284e8e9079c87817145df1110f74e8a2aa040b2fc384922e18dfcb46fc1fd7"  # htm 3.1.1, preact/standalone.module.js


@pytest.mark.parametrize(
    ("folder", "name"),
    [("app", "../index.html"), ("..", "handler.py"), ("app", ""), ("", "index.html"), ("lib", "none.js"), ("a/b", "c")],
)
def test_nothing_else_is_served(folder: str, name: str) -> None:
    assert static_file(folder, name) is None


def test_a_module_and_a_picture_are_served_as_what_they_are() -> None:
    module, picture = static_file("app", "main.js"), static_file("sample", "gift-box-1.jpg")
    assert module is not None
    assert picture is not None
    assert (module.media_type, module.is_text) == ("text/javascript; charset=utf-8", True)
    assert (picture.media_type, picture.is_text) == ("image/jpeg", False)


def test_the_version_is_a_name_that_a_path_may_have() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", version())


def test_every_module_that_is_imported_is_there() -> None:
    for folder, name in _listed():
        if folder == "app" and name.endswith(".js"):
            text = (FOLDER / folder / name).read_text()
            for wanted in re.findall(r'(?:from|import)\(? ?"(\.[^"]+)"', text):
                assert (FOLDER / folder / wanted).resolve().is_file(), f"{name} imports {wanted}"


def test_every_file_of_the_page_is_there() -> None:
    for path in re.findall(r"{{assets}}/([^\"]+)", (FOLDER / "index.html").read_text()):
        assert static_file(*path.split("/")), path


def test_the_library_is_the_one_that_was_looked_at_and_comes_with_its_licences() -> None:
    assert sha256((FOLDER / "lib" / "preact-htm.js").read_bytes()).hexdigest() == LIBRARY
    licences = (FOLDER / "lib" / "LICENSE.txt").read_text()
    assert "The MIT License (MIT)" in licences
    assert "Apache License" in licences
