"""A cell that lists image URLs."""

import pytest

from functions.core.catalogue.cell_urls import MAX_URL, NotAUrlError, urls_of, with_urls


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
