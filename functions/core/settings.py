"""What each function is told by its environment: read once, frozen, failing fast and by name.

This is the only place that knows the names of the variables; template.yaml sets them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self, TypeVar

from functions.core.network import AddressPolicy, SourcePolicy
from functions.core.options import parse_presets

HOUR, DAY = 3_600, 86_400  # seconds
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


def presets(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The deployment's sets of renditions, by name. Raises SettingsError."""
    try:
        return parse_presets(environment.get("RENDITIONS") or "")
    except ValueError as error:
        raise SettingsError(f"the environment variable RENDITIONS: {error}") from error


def source_policy(environment: Mapping[str, str]) -> SourcePolicy:
    """The buckets that images may come from. Raises SettingsError."""
    try:
        return SourcePolicy.parse(environment.get("SOURCE_BUCKETS") or "", environment.get("SOURCE_OWNERS") or "")
    except ValueError as error:
        raise SettingsError(f"the environment variable SOURCE_OWNERS: {error}") from error


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
        return f"{self.api}/status/{request_id}"

    def download(self, request_id: str) -> str:
        return f"{self.api}/download/{request_id}"

    def image(self, key: str) -> str:
        """A picture, by its object key `images/...`: it needs no credential and never expires."""
        return f"{self.images}/{key}"


# --- one type a function ----------------------------------------------------------------------------------------------


class Settings:
    """Fields that are read from the environment. Queues are URLs, times are in seconds."""

    __slots__ = ()

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """All fields. Raises SettingsError naming the first variable that is missing or cannot be used."""
        return cls(**{each.name: each.metadata["read"](environment) for each in fields(cls)})  # type: ignore[arg-type]  # dataclasses

    @classmethod
    def names(cls) -> set[str]:
        """The environment variables that are read."""
        return {name for each in fields(cls) for name in each.metadata["names"]}  # type: ignore[arg-type]  # likewise


def _variable(name: str, parse: Callable[[str], object] = str, default: str | None = None) -> Any:
    return field(metadata={"names": (name,), "read": lambda environment: setting(environment, name, parse, default)})


_ADDRESSES = {"names": ("ALLOWED_NETWORKS",), "read": address_policy}
_SOURCES = {
    "names": ("SOURCE_BUCKETS", "SOURCE_OWNERS"),
    "read": source_policy,
}
_PRESETS = {"names": ("RENDITIONS",), "read": presets}
_URLS = {"names": ("PUBLIC_URL", "IMAGES_URL"), "read": PublicUrls.from_env}


def _days(text: str) -> int:
    return int(text) * DAY


def _hours(text: str) -> float:
    return float(text) * HOUR


def _flag(text: str) -> bool:
    return text == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings(Settings):
    """`webhook_secret` is the stack's own, "" where each owner has one. `daily_images` is 0 for any number."""

    table: str = _variable("TABLE")
    uploads_bucket: str = _variable("UPLOADS_BUCKET")
    results_bucket: str = _variable("RESULTS_BUCKET")
    ingest_queue: str = _variable("INGEST_QUEUE")
    finalize_queue: str = _variable("FINALIZE_QUEUE")
    notify_queue: str = _variable("NOTIFY_QUEUE")
    urls: PublicUrls = field(metadata=_URLS)
    addresses: AddressPolicy = field(metadata=_ADDRESSES)
    presets: Mapping[str, str] = field(metadata=_PRESETS)
    requires_keys: bool = _variable("REQUIRE_KEYS", _flag)
    webhook_secret: str = _variable("WEBHOOK_SECRET", default="")
    daily_images: int = _variable("DAILY_IMAGES", int)
    record_lifetime: int = _variable("RECORD_DAYS", _days)
    patience: float = _variable("PATIENCE", float)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings(Settings):
    """`picture_lifetime` is how long S3 keeps pictures, 0 for ever. `daily_images` is 0 for any number."""

    table: str = _variable("TABLE")
    uploads_bucket: str = _variable("UPLOADS_BUCKET")
    results_bucket: str = _variable("RESULTS_BUCKET")
    ingest_queue: str = _variable("INGEST_QUEUE")
    compress_queue: str = _variable("COMPRESS_QUEUE")
    finalize_queue: str = _variable("FINALIZE_QUEUE")
    notify_queue: str = _variable("NOTIFY_QUEUE")
    addresses: AddressPolicy = field(metadata=_ADDRESSES)
    presets: Mapping[str, str] = field(metadata=_PRESETS)
    daily_images: int = _variable("DAILY_IMAGES", int)
    record_lifetime: int = _variable("RECORD_DAYS", _days)
    picture_lifetime: int = _variable("PICTURE_DAYS", _days)
    patience: float = _variable("PATIENCE", float)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompressSettings(Settings):
    """`memory` is the function's, in MiB. `origin_connections` are downloads from a host at a time."""

    table: str = _variable("TABLE")
    results_bucket: str = _variable("RESULTS_BUCKET")
    compress_queue: str = _variable("COMPRESS_QUEUE")
    alone_queue: str = _variable("ALONE_QUEUE")
    alone_queue_arn: str = _variable("ALONE_QUEUE_ARN")
    addresses: AddressPolicy = field(metadata=_ADDRESSES)
    sources: SourcePolicy = field(metadata=_SOURCES)
    memory: int = _variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", int, "1024")
    origin_connections: int = _variable("ORIGIN_CONNECTIONS", int, "13")
    first_wait: float = _variable("FIRST_WAIT", float, "10")


@dataclass(frozen=True, slots=True, kw_only=True)
class TallySettings(Settings):
    """What counting needs."""

    table: str = _variable("TABLE")
    finalize_queue: str = _variable("FINALIZE_QUEUE")
    patience: float = _variable("PATIENCE", float)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalizeSettings(Settings):
    """What ending a request needs."""

    table: str = _variable("TABLE")
    results_bucket: str = _variable("RESULTS_BUCKET")
    finalize_queue: str = _variable("FINALIZE_QUEUE")
    notify_queue: str = _variable("NOTIFY_QUEUE")
    urls: PublicUrls = field(metadata=_URLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings(Settings):
    """`webhook_secret` is the stack's own, "" where each owner has one."""

    table: str = _variable("TABLE")
    results_bucket: str = _variable("RESULTS_BUCKET")
    notify_queue: str = _variable("NOTIFY_QUEUE")
    urls: PublicUrls = field(metadata=_URLS)
    addresses: AddressPolicy = field(metadata=_ADDRESSES)
    webhook_secret: str = _variable("WEBHOOK_SECRET", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverSettings(Settings):
    """`patience` is when recover looks again, `deadline` when it gives up."""

    table: str = _variable("TABLE")
    results_bucket: str = _variable("RESULTS_BUCKET")
    ingest_queue: str = _variable("INGEST_QUEUE")
    compress_queue: str = _variable("COMPRESS_QUEUE")
    alone_queue: str = _variable("ALONE_QUEUE")
    alone_dlq: str = _variable("ALONE_DLQ")
    finalize_queue: str = _variable("FINALIZE_QUEUE")
    notify_queue: str = _variable("NOTIFY_QUEUE")
    record_lifetime: int = _variable("RECORD_DAYS", _days)
    patience: float = _variable("PATIENCE", float)
    deadline: float = _variable("DEADLINE_HOURS", _hours)
