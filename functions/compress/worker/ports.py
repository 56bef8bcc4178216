"""What the worker needs of the world."""

from collections.abc import Callable
from typing import Protocol

from functions.core.messages import CompressTask
from functions.core.model import Prior, Result
from functions.core.network import Fetched


class Picture(Protocol):
    """A compressed image."""

    @property
    def content(self) -> bytes: ...
    @property
    def format(self) -> str: ...
    @property
    def extension(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


class MadePicture(Protocol):
    """A rendition: its name, the picture, and a word on what could not be as it was asked for."""

    @property
    def name(self) -> str: ...
    @property
    def picture(self) -> Picture: ...
    @property
    def warning(self) -> str | None: ...


class Fetcher(Protocol):
    """Brings images; asks `reserve` for memory before it reads a body. Raises PermanentError or TransientError."""

    def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched: ...
    def fetch_newer(self, url: str, reserve: Callable[[int], None], prior: Prior) -> Fetched | None: ...


class Buckets(Protocol):
    """Gives a fetcher for `s3://` URLs, of what an owner may read."""

    def of(self, owner: str) -> Fetcher: ...


class Pictures(Protocol):
    """Where pictures are kept. Raises StorageError."""

    def put_picture(self, key: str, content: bytes, media_type: str) -> None: ...
    def exists(self, key: str) -> bool: ...


class Results(Protocol):
    """Where results are recorded: the first one of an image stays. Raises StorageError."""

    def record(self, request_id: str, chunk: int, result: Result, expires_at: int) -> bool: ...


class CompressQueue(Protocol):
    """CompressQueue or AloneQueue; `delay` and `seconds` are seconds. Raises StorageError."""

    def send(self, task: CompressTask, delay: int = 0) -> None: ...
    def hide(self, receipt: str, seconds: float) -> None: ...
