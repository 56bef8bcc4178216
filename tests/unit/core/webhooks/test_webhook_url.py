"""Webhook URLs as users give them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.webhooks.urls import MAX_URL, WebhookUrlError, checked_webhook_url, endpoint_id


@pytest.mark.parametrize("text", ["https://hook.example/x?y=1", "https://hook.example:443/", "HTTPS://hook.example"])
def test_an_https_url_is_taken_as_it_is(text: str) -> None:
    assert checked_webhook_url(text, https_only=True) == text


def test_space_around_a_url_is_dropped() -> None:
    assert checked_webhook_url(" https://hook.example/x\n", https_only=True) == "https://hook.example/x"


@pytest.mark.parametrize("text", ["", "  "])
def test_no_url_is_none(text: str) -> None:
    assert checked_webhook_url(text, https_only=True) == ""


def test_http_is_refused_when_deployed() -> None:
    with pytest.raises(WebhookUrlError, match="https URL"):
        checked_webhook_url("http://hook.example/x", https_only=True)


def test_another_port_is_refused_when_deployed() -> None:
    with pytest.raises(WebhookUrlError, match="port 443"):
        checked_webhook_url("https://hook.example:8443/x", https_only=True)


def test_http_is_taken_in_the_embedded_run() -> None:
    assert checked_webhook_url("http://127.0.0.1:9000/x", https_only=False) == "http://127.0.0.1:9000/x"


@pytest.mark.parametrize(
    "text",
    [
        "hook.example/x",
        "/x",
        "https:///x",
        "https://",
        "ftp://hook.example/x",
        "javascript:alert(1)",
        "https://user@hook.example/x",
        "https://user:secret@hook.example/x",
        "https://@hook.example/x",
        "https://hook.example:99999/x",
        "https://hook.example:0/x",
        "https://hook.example:port/x",
        "https://[::1/x",
        "https://hook.example/a b",
        "https://hook.example/\x00",
        "https://hook.example/ä",
        "https://hook.example/" + "a" * MAX_URL,
    ],
)
def test_what_cannot_be_posted_to_is_refused(text: str) -> None:
    with pytest.raises(WebhookUrlError):
        checked_webhook_url(text, https_only=False)


@given(st.text(max_size=60))
def test_whatever_is_given_is_taken_or_refused(text: str) -> None:
    try:
        taken = checked_webhook_url(f"https://{text}", https_only=True)
    except WebhookUrlError:
        return
    assert taken.isascii()


def test_the_same_url_of_an_owner_is_the_same_endpoint() -> None:
    assert endpoint_id("acme", "https://hook.example/x") == endpoint_id("acme", "https://hook.example/x")


@pytest.mark.parametrize(("owner", "url"), [("other", "https://hook.example/x"), ("acme", "https://hook.example/y")])
def test_another_owner_or_url_is_another_endpoint(owner: str, url: str) -> None:
    assert endpoint_id(owner, url) != endpoint_id("acme", "https://hook.example/x")


def test_the_id_of_an_endpoint_fits_into_the_key_of_a_delivery() -> None:
    assert re.fullmatch(r"we_[0-9a-f]{16}", endpoint_id("acme", "https://hook.example/#x"))
