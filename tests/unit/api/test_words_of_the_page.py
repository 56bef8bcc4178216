"""The page's lists are those of the service: what it offers, and what it has a sentence for."""

import re
from pathlib import Path

import functions.api.static
from functions.core.csv import CsvCode
from functions.core.errors import ImageCode
from functions.core.options import ENCODINGS

APP = Path(functions.api.static.__path__[0]) / "app"


def keys_of(module: str, name: str) -> list[str]:
    """The keys of an object literal of the page."""
    found = re.search(rf"const {name} = {{\n(.*?)^}};", (APP / module).read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{module} has no {name}"
    return re.findall(r'(?:^|[{,]) *"?([\w-]+)"?: ["[]', found[1], re.MULTILINE)


def test_the_page_offers_every_encoding_that_the_service_takes() -> None:
    assert keys_of("choices.js", "ENCODINGS") == list(ENCODINGS)


def test_the_page_says_how_to_mend_whatever_is_wrong_with_a_csv() -> None:
    assert set(keys_of("mending.js", "MENDS")) == set(CsvCode) - {CsvCode.NOT_A_URL}  # which it tells apart further


def test_the_page_says_what_to_do_about_every_failure_of_an_image() -> None:
    assert set(keys_of("reasons.js", "REASONS")) == set(ImageCode)
