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
    assert told["encoding, separator"] == "WINDOWS-1252, semicolons"
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


# --- what is wrong, and what becomes of it ---------------------------------------------------------------------------


def test_a_blank_in_a_url_is_shown_whole_with_how_to_mend_it_and_what_becomes_of_it(page: Page, given: Path) -> None:
    given.write_text(f'Name,Images\nLamp,"https://shop.example/my picture.jpg"\nVase,{URL}\n')
    page.goto("/")
    dropped(page, given)
    row = page.locator("#errors tbody tr")
    expect(row).to_contain_text("Write %20 for each blank in the address.")
    expect(row.locator("code")).to_have_text("https://shop.example/my picture.jpg")
    expect(page.get_by_role("button", name="Compress 2 images")).to_be_visible()
    expect(page.locator(".start .says")).to_have_text(
        "One thing that is wrong will be worked around, as the notes above say. Or mend the file, and drop it again."
    )
    expect(page.locator(".note.warn")).to_contain_text("blanks within, which are written as %20")


def test_one_row_that_is_left_out_is_one(page: Page, given: Path) -> None:
    given.write_text(f"Name,Images\nLamp,nothing\nVase,{URL}\n")
    page.goto("/")
    dropped(page, given)
    says = "The bad row stays as it is, and the new CSV says why. Or mend the file, and drop it again."
    expect(page.locator(".start .says")).to_have_text(says)


@pytest.mark.parametrize(
    ("cell", "mend"),
    [
        ("shop.example/a.jpg", "Write the whole address, from https:// on."),
        ("https:///a.jpg", "name behind https://, such as"),
        (f"{URL}?{'x' * 8_200}", "Take a shorter address of the picture."),
    ],
)
def test_a_hint_is_about_what_is_wrong(page: Page, given: Path, cell: str, mend: str) -> None:
    given.write_text(f"Name,Images\nLamp,{cell}\nVase,{URL}\n")
    page.goto("/")
    dropped(page, given)
    expect(page.locator("#errors .mend")).to_contain_text(mend)


def test_what_callers_of_the_api_say_is_said_as_a_field_of_the_page(page: Page, given: Path) -> None:
    given.write_bytes(f"Name,Images\nGröße,{URL}\n".encode("windows-1252"))
    page.goto("/")
    dropped(page, given)
    expect(page.locator(".note.warn")).to_contain_text("is not right, choose another under Options, at Encoding")
    expect(page.locator("main")).not_to_contain_text("the option")


# --- options that are about one file ---------------------------------------------------------------------------------


def test_a_column_that_was_picked_for_a_file_is_not_looked_for_in_the_next(
    page: Page, given: Path, tmp_path: Path, photos: list[Path], photo_origin: str
) -> None:
    given.write_text(f"Name,Bild-URL\nLamp,{URL}\n")
    other = tmp_path / "other.csv"
    other.write_text(f"Name,image_url\nVase,{photo_origin}/{photos[0].name}\n")
    page.goto("/")
    dropped(page, given)
    page.get_by_role("button", name="Bild-URL").click()
    expect(page.locator(".rows th.url")).to_contain_text("Bild-URL")
    expect(page.locator("#option-url_columns")).to_have_value("Bild-URL")
    dropped(page, other)
    expect(page.locator(".rows th.url")).to_contain_text("image_url")
    expect(page.locator(".chosen")).not_to_contain_text("more")
    expect(page.locator("#option-url_columns")).to_have_value("")
    page.locator(".start button").click()
    ended(page, "completed")


def test_a_file_that_was_mended_keeps_what_was_picked_for_it(page: Page, given: Path) -> None:
    given.write_text(f"Name,Bild-URL\nLamp,{URL}\nVase,nothing\n")
    page.goto("/")
    dropped(page, given)
    page.get_by_role("button", name="Bild-URL").click()
    expect(page.locator("#errors")).to_be_visible()
    given.write_text(f"Name,Bild-URL\nLamp,{URL}\nVase,{URL}?2\n")
    page.set_input_files("#file", [])  # as a click on the field does
    dropped(page, given)
    expect(page.get_by_role("button", name="Compress 2 images")).to_be_visible()


@pytest.mark.parametrize("label", ["URL columns", "Name column"])
def test_a_column_of_the_options_that_a_file_does_not_have_is_told_and_done_without(
    page: Page, given: Path, photos: list[Path], photo_origin: str, label: str
) -> None:
    given.write_text(f"Name,image_url\nVase,{photo_origin}/{photos[0].name}\n")
    page.goto("/")
    page.locator(".options summary").click()
    page.get_by_label(label).fill("Elsewhere")
    dropped(page, given)
    expect(page.locator(".note.warn")).to_contain_text("This file has no column “Elsewhere”, which the options name.")
    page.locator(".start button").click()
    ended(page, "completed")


def test_a_file_without_the_column_of_the_options_or_any_other_asks_which_it_is(page: Page, given: Path) -> None:
    given.write_text(f"Name,Hier\nLamp,{URL}\n")
    page.goto("/")
    page.locator(".options summary").click()
    page.get_by_label("URL columns").fill("Elsewhere")
    dropped(page, given)
    page.get_by_role("button", name="Hier").click()
    expect(page.locator(".rows th.url")).to_contain_text("Hier")


def test_an_encoding_that_was_chosen_for_a_file_is_not_that_of_the_next(
    page: Page, given: Path, tmp_path: Path
) -> None:
    given.write_bytes(f"Name,Images\nGrößen,{URL}\n".encode("iso-8859-2"))
    other = tmp_path / "other.csv"
    other.write_text(f"Name,Images\nGrößen,{URL}\n")
    page.goto("/")
    dropped(page, given)
    page.locator(".options summary").click()
    page.get_by_label("Encoding").select_option("iso-8859-2")
    expect(page.locator(".facts")).to_contain_text("ISO-8859-2")
    dropped(page, other)
    expect(page.locator(".facts")).to_contain_text("UTF-8, commas")
    expect(page.get_by_label("Encoding")).to_have_value("")


def test_a_sheet_that_a_workbook_does_not_have_is_told_and_done_without(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "products.xlsx"
    file.write_bytes(xlsx(("Autumn", [["Name", "Images"], ["Lamp", URL]])))
    page.goto("/")
    page.locator(".options summary").click()
    page.get_by_label("Sheet").fill("Spring")
    dropped(page, file)
    expect(page.locator(".note.warn").first).to_contain_text("This file has no sheet “Spring”")
    assert facts(page)["sheet"] == "Autumn"


def test_a_file_that_ran_before_is_told_to_have_and_how_to_save_time(
    page: Page, tmp_path: Path, photos: list[Path], photo_origin: str
) -> None:
    file = tmp_path / "twice.csv"
    file.write_text(f"Name,Images\nVase,{photo_origin}/{photos[0].name}\n")
    page.goto("/")
    dropped(page, file)
    expect(page.locator(".check")).not_to_contain_text("A file of this name")
    page.locator(".start button").click()
    ended(page, "completed")
    page.get_by_role("link", name="Compress").click()
    dropped(page, file)
    expect(page.locator(".check .note")).to_contain_text("A file of this name, with as many images, ran on")
    page.get_by_role("button", name="take what is unchanged").click()
    expect(page.get_by_label("Earlier results")).to_have_value("latest")
    expect(page.locator(".check .note")).to_have_count(0)
