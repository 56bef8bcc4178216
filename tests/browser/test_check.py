"""Before anything runs: what was understood of a file, what is wrong in it, and how to mend that."""

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import compressed, dropped, ended
from tests.workbooks import xlsx

URL = "https://shop.example/a.jpg"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    return tmp_path / "products.csv"


def facts(page: Page) -> dict[str, str]:
    pairs = page.locator(".facts div").all()
    return {pair.locator("dt").inner_text(): pair.locator("dd").inner_text() for pair in pairs}


def test_what_was_understood_is_told(page: Page, given: Path) -> None:
    rows = "".join(f"Größe {number};{URL}?{number}|{URL}?b{number}\n" for number in range(9))
    given.write_bytes(f"Title;Image Src\n{rows}".encode("windows-1252"))
    page.goto("/")
    dropped(page, given)
    told = facts(page)
    assert (told["products"], told["images"], told["URL column"]) == ("9", "18", "Image Src")
    assert told["encoding, cells by"] == "WINDOWS-1252, semicolons"
    assert told["by AWS’s list prices"] == "less than 1 cent"  # noqa: RUF001 - as people write it
    expect(page.get_by_text("the file is not UTF-8")).to_be_visible()


def test_the_first_rows_are_shown_with_their_url_column_marked(page: Page, given: Path) -> None:
    given.write_text("Title,Image Src\n" + "".join(f"Lamp {number},{URL}?{number}\n" for number in range(9)))
    page.goto("/")
    dropped(page, given)
    expect(page.locator(".rows caption")).to_have_text("The first 5 of 9 rows")
    expect(page.locator(".rows tbody tr")).to_have_count(5)
    expect(page.locator(".rows th.url")).to_have_text("Image Srcimage URLs")
    expect(page.locator(".rows td.url").first).to_have_text(f"{URL}?0")


def test_a_file_with_an_unusual_column_asks_which_it_is(page: Page, given: Path) -> None:
    given.write_text(f"Name,Hier\nLamp,{URL}\n")
    page.goto("/")
    dropped(page, given)
    page.get_by_role("button", name="Hier").click()
    expect(page.locator(".rows th.url")).to_contain_text("Hier")
    expect(page.locator(".chosen")).to_contain_text("1 more")


def test_the_good_rows_can_be_run_where_some_are_bad(
    page: Page, given: Path, photos: list[Path], photo_origin: str
) -> None:
    given.write_text(f"Name,Images\nLamp,nothing\nVase,{photo_origin}/{photos[0].name}\n")
    page.goto("/")
    compressed(page, given)
    expect(page.locator("#errors tbody tr")).to_have_count(1)
    expect(page.locator("#numbers")).to_have_text("The image is done.")


def test_a_file_that_nothing_can_be_made_of_is_refused_with_every_reason(page: Page, given: Path) -> None:
    given.write_text("Name,Images\nLamp,nothing\nVase,neither\n")
    page.goto("/")
    dropped(page, given)
    expect(page.get_by_role("alert")).to_contain_text("cannot be used")
    expect(page.locator("#errors tbody tr")).to_have_count(2)
    expect(page.locator(".start")).to_have_count(0)


def test_a_file_without_an_image_has_nothing_to_start(page: Page, given: Path) -> None:
    given.write_text("Name,Images\nLamp,\n")
    page.goto("/")
    dropped(page, given)
    expect(page.get_by_role("alert")).to_contain_text("there is nothing to compress")
    expect(page.locator(".start")).to_have_count(0)


def test_a_workbook_says_which_sheet_was_read(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "products.xlsx"
    file.write_bytes(xlsx(("Notes", [["nothing"]]), ("Autumn", [["Name", "Images"], ["Lamp", URL]])))
    page.goto("/")
    dropped(page, file)
    assert facts(page)["sheet"] == "Autumn"


def test_of_a_large_packed_csv_the_beginning_is_checked(
    page: Page, tmp_path: Path, photos: list[Path], photo_origin: str
) -> None:
    file = tmp_path / "large.csv.gz"
    url = f"{photo_origin}/{photos[0].name}"
    file.write_bytes(gzip.compress(("Name,Images\n" + f'"{"a" * 400}\n",{url}\n' * 10_500).encode()))
    page.goto("/")
    dropped(page, file)
    expect(page.get_by_role("heading", name="Read so far")).to_be_visible()
    expect(page.locator("#errors")).to_have_count(0)
    page.get_by_role("button", name="Start with the whole file").click()
    ended(page, "completed")


def test_an_option_about_the_file_has_it_read_again(page: Page, given: Path) -> None:
    given.write_bytes(f"Name,Images\nGrößen,{URL}\n".encode("iso-8859-2"))
    page.goto("/")
    dropped(page, given)
    page.locator(".options summary").click()
    page.get_by_label("Encoding").select_option("iso-8859-2")
    expect(page.locator(".facts")).to_contain_text("ISO-8859-2, commas")


def test_a_hostile_cell_stays_text(page: Page, given: Path) -> None:
    given.write_text(f'Name,Images\n"<img src=x onerror=alert(1)>",{URL}\n')
    page.goto("/")
    dropped(page, given)
    expect(page.locator(".rows tbody td").first).to_have_text("<img src=x onerror=alert(1)>")
    expect(page.locator(".rows img")).to_have_count(0)
