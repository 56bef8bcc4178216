"""A cell that lists image URLs."""

import pytest

from functions.core.catalogue.cell_urls import (
    MAX_URL,
    NotAUrlError,
    Note,
    slots_of,
    strict_slots_of,
    urls_of,
    with_urls,
)


@pytest.mark.parametrize("separator", [",", ", ", ";", " ; ", "|", " | ", "\n", "\r\n", " ", "  ,\n ", ",,", "\xa0"])
def test_urls_are_split_at_every_separator(separator: str) -> None:
    assert urls_of(f"http://a.com/1.jpg{separator}https://b.com/2.jpg") == ("http://a.com/1.jpg", "https://b.com/2.jpg")


@pytest.mark.parametrize(
    "url",
    [
        "http://a.com/w_100,h_200/x.jpg",
        "http://a.com/x;y.jpg",
        "http://a.com/x|y.jpg",
        "https://a.com/fetch/https://b.com/x.jpg",
        "https://a.com/?u=http://b.com/x.jpg",
        "HTTPS://A.COM/X.JPG",
        "http://a.com",
        "http://a.com:8080/x.jpg?y=1#z",
        "http://user:word@a.com/x.jpg",
        "http://[2001:db8::1]/x.jpg",
        "http://bücher.example/größe.jpg",
    ],
)
def test_a_url_survives_whatever_is_in_it(url: str) -> None:
    assert urls_of(url) == (url,)
    assert urls_of(f"{url}, {url}") == (url, url)


@pytest.mark.parametrize("cell", ["", " ", ",", " ;|\n"])
def test_a_cell_of_nothing_but_separators_has_no_urls(cell: str) -> None:
    assert urls_of(cell) == ()


def test_separators_around_the_list_are_dropped() -> None:
    assert urls_of(" ,http://a.com/1.jpg,; ") == ("http://a.com/1.jpg",)


def test_a_url_that_occurs_twice_stays_twice() -> None:
    assert urls_of("http://a.com/1 http://a.com/1") == ("http://a.com/1", "http://a.com/1")


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ("n/a", "n/a"),
        ("photo.jpg", "photo.jpg"),
        ("//cdn.com/x.jpg", "//cdn.com/x.jpg"),
        ("/x.jpg, http://a.com/1.jpg", "/x.jpg"),
        ("ftp://a.com/x.jpg", "ftp://a.com/x.jpg"),
        ("http://a.com/1.jpg, ftp://b.com/2.jpg", "ftp://b.com/2.jpg"),
        ("http://a.com/1.jpg,//b.com/2.jpg", "//b.com/2.jpg"),
        ("http://a.com/1.jpg, 2.jpg", "2.jpg"),
        ("http://a.com/my photo.jpg", "photo.jpg"),
        ("http://", "http://"),
        ("http:///x.jpg", "http:///x.jpg"),
        ("https://?x", "https://?x"),
        ("http://a.com/1.jpg https://", "https://"),
        ('"http://a.com/1.jpg"', '"http://a.com/1.jpg"'),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("http:\\\\a.com\\x.jpg", "http:\\\\a.com\\x.jpg"),
    ],
)
def test_what_is_no_url_is_named(cell: str, part: str) -> None:
    with pytest.raises(NotAUrlError) as caught:
        urls_of(cell)
    assert caught.value.part == part


def test_a_url_may_have_so_many_characters_and_no_more() -> None:
    longest = "http://a.com/".ljust(MAX_URL, "x")
    assert urls_of(longest) == (longest,)
    with pytest.raises(NotAUrlError, match="8,192"):
        urls_of(longest + "x")


def test_a_cell_of_a_million_separators_is_read_at_once() -> None:
    assert urls_of(" " * 500_000 + "," * 500_000) == ()


def test_outputs_take_the_places_of_urls_between_the_same_separators() -> None:
    cell = " http://a.com/1,x.jpg | http://a.com/2.jpg\nhttp://a.com/3.jpg, "
    outputs = ("https://o/1", None, "https://o/3")
    assert with_urls(cell, urls_of(cell), outputs) == "https://o/1 | http://a.com/2.jpg\nhttps://o/3"


def test_a_url_that_starts_like_another_is_not_mistaken_for_it() -> None:
    cell = "http://a.com/1 http://a.com/11 http://a.com/1"
    assert with_urls(cell, urls_of(cell), ("https://o/x", "https://o/y", "https://o/z")) == (
        "https://o/x https://o/y https://o/z"
    )


# --- what people write -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("invisible", ["\u200b", "\ufeff", "\u2060\u200b"])
@pytest.mark.parametrize(
    "form", ["{url}{unseen}", "{url}{unseen}; {url}", "{unseen}{url}", "{unseen}{url}{unseen}, {url}"]
)
def test_invisible_characters_around_a_url_are_left_out_with_a_note(form: str, invisible: str) -> None:
    url = "http://a.com/a.jpg"
    for slots in (strict_slots_of, slots_of):
        found = slots(form.format(url=url, unseen=invisible))
        assert {slot.url for slot in found} == {url}
        assert found[0].notes == (Note.TRIMMED,)


def test_an_invisible_character_is_left_out_before_an_entry_that_is_no_url() -> None:
    good, bad = slots_of("http://a.com/a.jpg\u200b, n/a")
    assert (good.url, good.notes, good.written("http://a.com/a.jpg\u200b, n/a")) == (
        "http://a.com/a.jpg",
        (Note.TRIMMED,),
        "http://a.com/a.jpg\u200b",
    )
    assert (bad.url, bad.written("http://a.com/a.jpg\u200b, n/a")) == ("n/a", "n/a")


def test_an_invisible_character_within_a_url_stays_with_a_note() -> None:
    (slot,) = strict_slots_of("http://a.com/a\u200b.jpg")
    assert (slot.url, slot.notes) == ("http://a.com/a\u200b.jpg", (Note.INVISIBLE,))


def test_an_ampersand_as_in_html_stays_with_a_note() -> None:
    (slot,) = strict_slots_of("http://a.com/a?x=1&amp;y=2")
    assert (slot.url, slot.notes) == ("http://a.com/a?x=1&amp;y=2", (Note.AMPERSAND,))


@pytest.mark.parametrize(
    ("cell", "urls", "notes"),
    [
        ("//cdn.com/x.jpg", ["https://cdn.com/x.jpg"], [Note.SCHEME]),
        ("http://a.com/1.jpg,//b.com/2.jpg", ["http://a.com/1.jpg", "https://b.com/2.jpg"], [None, Note.SCHEME]),
        ("http://a.com/my photo.jpg", ["http://a.com/my%20photo.jpg"], [Note.BLANK]),
        ("http://a.com/1.jpg, 2.jpg", ["http://a.com/1.jpg", "2.jpg"], [None, Note.BAD]),
        (
            "http://a.com/1.jpg; n/a | https://b.com/2.jpg",
            ["http://a.com/1.jpg", "n/a", "https://b.com/2.jpg"],
            [None, Note.BAD, None],
        ),
        ("photo.jpg, http://a.com/1.jpg", ["photo.jpg", "http://a.com/1.jpg"], [Note.BAD, None]),
        ("http://a.com/1.jpg, ftp://b.com/2.jpg", ["http://a.com/1.jpg", "ftp://b.com/2.jpg"], [None, Note.BAD]),
        ("http:///x.jpg http://a.com/1.jpg", ["http:///x.jpg", "http://a.com/1.jpg"], [Note.BAD, None]),
        ("n/a", ["n/a"], [Note.BAD]),
        ("", [], []),
        (" ,; ", [], []),
    ],
)  # fmt: skip
def test_every_entry_has_its_place(cell: str, urls: list[str], notes: list[Note | None]) -> None:
    slots = slots_of(cell)
    assert [slot.url for slot in slots] == urls
    assert [slot.notes[0] if slot.notes else None for slot in slots] == notes


def test_an_entry_that_was_mended_is_replaced_where_it_stands() -> None:
    cell = "http://a.com/my photo.jpg, //b.com/2.jpg, n/a"
    urls = [slot.url for slot in slots_of(cell)]
    assert with_urls(cell, urls, ["https://cdn/1", None, None]) == "https://cdn/1, //b.com/2.jpg, n/a"
    assert with_urls(cell, urls, [None, "https://cdn/2", None]) == "http://a.com/my photo.jpg, https://cdn/2, n/a"


@pytest.mark.parametrize(
    ("cell", "hint"),
    [("//cdn.com/x.jpg", 'begin it with "https:"'), ("cdn.com/x.jpg", 'begin it with "https://"')],
)
def test_what_is_nearly_a_url_has_a_hint(cell: str, hint: str) -> None:
    with pytest.raises(NotAUrlError, match=hint):
        urls_of(cell)


@pytest.mark.parametrize("cell", ["n/a", "photo.jpg", "/x.jpg"])
def test_what_is_no_url_at_all_has_none(cell: str) -> None:
    with pytest.raises(NotAUrlError) as caught:
        urls_of(cell)
    assert "begin it" not in caught.value.reason
