"""The ports of webhook URLs: deployed, the guard connects to 443 alone, so that another would wait in vain."""

import pytest

from functions.adapters.http.guard import STANDARD_PORTS, Guard
from functions.core.errors import PermanentError
from functions.core.network.addresses import AddressPolicy
from functions.core.webhooks.urls import WebhookUrlError, checked_webhook_url

USUAL = [
    "https://hook.example/x",
    "https://hook.example:/x",
    "https://hook.example:443/x",
    "https://[2001:db8::1]:443/",
]
OTHER = [
    "https://hook.example:8443/x",
    "https://hook.example:80/x",
    "https://hook.example:65535",
    "https://[::1]:8443/",
]


@pytest.mark.parametrize("url", USUAL)
@pytest.mark.parametrize("https_only", [True, False])
def test_the_port_of_https_is_taken_named_or_not(url: str, https_only: bool) -> None:
    assert checked_webhook_url(url, https_only) == url


@pytest.mark.parametrize("url", OTHER)
def test_another_port_is_refused_when_deployed(url: str) -> None:
    with pytest.raises(WebhookUrlError, match="must be on port 443"):
        checked_webhook_url(url, https_only=True)


@pytest.mark.parametrize("url", [*OTHER, "http://127.0.0.1:9000/x", "http://hook.example:8080/x"])
def test_another_port_is_taken_in_the_embedded_run(url: str) -> None:
    assert checked_webhook_url(url, https_only=False) == url


@pytest.mark.parametrize("url", [*USUAL, *OTHER])
def test_what_is_taken_when_deployed_is_what_the_guard_lets_out(url: str) -> None:
    """The one check is made when a URL is given, the other when it is posted to."""
    assert taken(url) == let_out(url)


def taken(url: str) -> bool:
    try:
        checked_webhook_url(url, https_only=True)
    except WebhookUrlError:
        return False
    return True


def let_out(url: str) -> bool:
    try:
        checked = Guard(AddressPolicy()).check_url(url)
    except PermanentError:
        return False
    return checked.port in {None, STANDARD_PORTS["https"]}
