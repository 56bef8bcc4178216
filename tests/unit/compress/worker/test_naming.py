"""The object keys of pictures."""

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.compress.worker.naming import MAX_STEM, picture_key, safe_stem
from tests.fakes import REQUEST_ID


def test_the_key_names_request_number_hash_and_original_stem() -> None:
    digest = sha256(b"picture").hexdigest()[:12]
    key = picture_key(REQUEST_ID, 17, "https://shop.example/img/Red%20Shoe.JPG?w=1", b"picture", ".webp")
    assert key == f"images/{REQUEST_ID}/17-{digest}/Red-Shoe.webp"


def test_other_bytes_get_another_key() -> None:
    first, second = (picture_key(REQUEST_ID, 1, "https://x/a.jpg", content, ".jpg") for content in (b"1", b"2"))
    assert first != second


@pytest.mark.parametrize(
    ("url", "stem"),
    [
        ("https://x/a/shoe.jpg", "shoe"),
        ("https://x/a/shoe", "shoe"),
        ("https://x/a/shoe.min.png", "shoe.min"),
        ("https://x/a/shoe/", "shoe"),
        ("https://x/", "image"),
        ("https://x", "image"),
        ("https://x/..", "image"),
        ("https://x/%2e%2e%2fetc%2fpasswd", "passwd"),
        ("https://x/.hidden", "hidden"),
        ("https://x/Schuh%C3%A4.jpg", "Schuh"),
        ("https://x/%E9%9E%8B.jpg", "image"),
        ("https://x/a%00b.jpg", "a-b"),
        ("https://[broken/a.jpg", "image"),
    ],
)
def test_the_stem_is_made_safe(url: str, stem: str) -> None:
    assert safe_stem(url) == stem


def test_a_long_stem_is_cut() -> None:
    assert len(safe_stem(f"https://x/{'a' * 500}.jpg")) == MAX_STEM


@given(st.text(max_size=50))
def test_whatever_the_url_is_the_key_is_one_that_the_api_serves(tail: str) -> None:
    key = picture_key(REQUEST_ID, 1, f"https://x/{tail}", b"picture", ".jpg")
    assert re.fullmatch(r"images/[0-9a-f-]{36}/[0-9]+-[0-9a-f]{12}/[A-Za-z0-9._-]+", key)
