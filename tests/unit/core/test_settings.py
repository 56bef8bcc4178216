"""What a function is told by its environment."""

import pytest

from functions.core.network.addresses import AddressPolicy
from functions.core.settings import PublicUrls, SettingsError, address_policy, setting


def test_a_setting_is_parsed() -> None:
    assert setting({"PATIENCE": "300"}, "PATIENCE", int) == 300


@pytest.mark.parametrize("environment", [{}, {"PATIENCE": ""}])
def test_a_setting_that_is_missing_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="PATIENCE is not set"):
        setting(environment, "PATIENCE", int)


def test_a_setting_that_cannot_be_used_is_named() -> None:
    with pytest.raises(SettingsError, match="PATIENCE cannot be 'soon'"):
        setting({"PATIENCE": "soon"}, "PATIENCE", int)


@pytest.mark.parametrize("environment", [{}, {"FIRST_WAIT": ""}])
def test_a_setting_that_is_missing_has_its_default(environment: dict[str, str]) -> None:
    assert setting(environment, "FIRST_WAIT", float, "10") == 10.0


@pytest.mark.parametrize("environment", [{}, {"ALLOWED_NETWORKS": ""}, {"ALLOWED_NETWORKS": " , "}])
def test_only_public_networks_are_allowed_unless_told_otherwise(environment: dict[str, str]) -> None:
    assert address_policy(environment) == AddressPolicy()


def test_private_networks_are_not_allowed_on_aws_itself() -> None:
    with pytest.raises(SettingsError, match="ALLOWED_NETWORKS"):
        address_policy({"ALLOWED_NETWORKS": "127.0.0.0/8"})


def test_private_networks_are_not_allowed_by_an_endpoint_that_is_empty() -> None:
    with pytest.raises(SettingsError, match="ALLOWED_NETWORKS"):
        address_policy({"ALLOWED_NETWORKS": "127.0.0.0/8", "AWS_ENDPOINT_URL": ""})


def test_private_networks_can_be_allowed_where_aws_is_emulated() -> None:
    environment = {"ALLOWED_NETWORKS": "127.0.0.0/8, ::1/128", "AWS_ENDPOINT_URL": "http://localhost:4566"}
    assert address_policy(environment) == AddressPolicy.parse(["127.0.0.0/8", "::1/128"])


def test_a_network_that_cannot_be_read_is_named() -> None:
    with pytest.raises(SettingsError, match=r"ALLOWED_NETWORKS.*localhost"):
        address_policy({"ALLOWED_NETWORKS": "localhost", "AWS_ENDPOINT_URL": "http://localhost:4566"})


def test_links_need_the_public_url() -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL"):
        PublicUrls.from_env({})


def test_pictures_are_served_by_the_api_where_there_is_no_cdn() -> None:
    links = PublicUrls.from_env({"PUBLIC_URL": "https://api.example/", "IMAGES_URL": ""})
    assert links.image("images/1/a.jpg") == "https://api.example/images/1/a.jpg"


def test_pictures_are_served_by_the_cdn_where_there_is_one() -> None:
    links = PublicUrls.from_env({"PUBLIC_URL": "https://api.example", "IMAGES_URL": "https://cdn.example/"})
    assert links.image("images/1/a.jpg") == "https://cdn.example/images/1/a.jpg"


def test_status_and_download_are_calls_of_the_api() -> None:
    links = PublicUrls("https://api.example", "https://cdn.example")
    assert (links.status("1"), links.download("1")) == (
        "https://api.example/status/1",
        "https://api.example/download/1",
    )
