"""What a function is told by its environment: read once, frozen, failing fast and by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from functions.core.network import AddressPolicy

Value = TypeVar("Value")


class SettingsError(Exception):
    """A setting that is missing or cannot be used; the message names it."""


def setting(
    environment: Mapping[str, str], name: str, parse: Callable[[str], Value], default: str | None = None
) -> Value:
    """One setting. Raises SettingsError naming it."""
    text = environment.get(name) or default
    if text is None:
        raise SettingsError(f"the environment variable {name} is not set")
    try:
        return parse(text)
    except ValueError as error:
        raise SettingsError(f"the environment variable {name} cannot be {text!r}: {error}") from error


def address_policy(environment: Mapping[str, str]) -> AddressPolicy:
    """Where the service may connect to; other than public networks only where AWS itself is an emulation."""
    networks = (environment.get("ALLOWED_NETWORKS") or "").split(",")
    try:
        policy = AddressPolicy.parse(networks)
    except ValueError as error:
        raise SettingsError(f"the environment variable ALLOWED_NETWORKS: {error}") from error
    if policy.allowed and not environment.get("AWS_ENDPOINT_URL"):
        raise SettingsError("ALLOWED_NETWORKS opens private addresses to users; it is for emulated AWS only")
    return policy


@dataclass(frozen=True, slots=True)
class PublicUrls:
    """Where users find what was made: `api` and `images` are base URLs without a slash at the end."""

    api: str
    images: str

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """PUBLIC_URL, and IMAGES_URL where a CDN serves the pictures."""
        api = setting(environment, "PUBLIC_URL", str).rstrip("/")
        return cls(api, setting(environment, "IMAGES_URL", str, api).rstrip("/"))

    def status(self, request_id: str) -> str:
        """The status answer."""
        return f"{self.api}/status/{request_id}"

    def download(self, request_id: str) -> str:
        """The output CSV."""
        return f"{self.api}/download/{request_id}"

    def image(self, key: str) -> str:
        """A picture, by its object key `images/...`: it needs no credential and never expires."""
        return f"{self.images}/{key}"
