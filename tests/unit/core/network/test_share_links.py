"""Links that people share, and where the file itself is."""

import pytest

from functions.core.network.share_links import direct_url

ID = "1aB_cdEFgh-IJklmnopQRstuvWXyz0123"


@pytest.mark.parametrize(
    ("shared", "direct"),
    [
        (
            f"https://drive.google.com/file/d/{ID}/view?usp=sharing",
            f"https://drive.google.com/uc?export=download&id={ID}",
        ),
        (f"https://drive.google.com/file/d/{ID}", f"https://drive.google.com/uc?export=download&id={ID}"),
        (f"https://drive.google.com/open?id={ID}&x=1", f"https://drive.google.com/uc?export=download&id={ID}"),
        ("https://www.dropbox.com/s/abc123/shoe.jpg?dl=0", "https://www.dropbox.com/s/abc123/shoe.jpg?raw=1"),
        ("https://www.dropbox.com/s/abc123/shoe.jpg", "https://www.dropbox.com/s/abc123/shoe.jpg?raw=1"),
        (
            "https://www.dropbox.com/scl/fi/ab/shoe.jpg?rlkey=q%2Fz&st=1&dl=0",
            "https://www.dropbox.com/scl/fi/ab/shoe.jpg?rlkey=q%2Fz&st=1&raw=1",
        ),
        ("https://github.com/me/shop/blob/main/a.jpg", "https://github.com/me/shop/blob/main/a.jpg?raw=1"),
    ],
)
def test_a_share_link_is_fetched_by_its_direct_form(shared: str, direct: str) -> None:
    assert direct_url(shared) == direct
    assert direct_url(direct) == direct


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/file/d/x/view",
        "https://drive.google.com/drive/folders/abc",
        "https://drive.google.com/open?id=../../etc",
        "https://drive.google.com.evil.example/file/d/" + ID + "/view",
        "https://www.dropbox.com/login",
        "https://github.com/me/shop/raw/main/a.jpg",
        "http://[broken",
    ],
)
def test_any_other_url_stays_as_it_is(url: str) -> None:
    assert direct_url(url) == url
