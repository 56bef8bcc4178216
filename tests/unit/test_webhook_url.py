"""Webhook URLs as users give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.webhook_url import MAX_URL, WebhookUrlError, checked_webhook_url


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
