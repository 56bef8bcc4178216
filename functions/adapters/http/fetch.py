"""The only way out: images in, webhooks out, both through the guard."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from io import BytesIO
from typing import Self
from urllib.parse import urljoin

import urllib3
from urllib3 import exceptions
from urllib3.exceptions import HTTPError

from functions.adapters.http.guard import USER_AGENT, Guard, StaleConnectionError, deadline, off_the_clock
from functions.adapters.http.unpacking import codings_of, unpacked
from functions.core.errors import ImageCode, ImageError, OverloadedError, PermanentError, TransientError
from functions.core.model import Prior
from functions.core.network import AddressPolicy, Fetched, direct_url

MAX_REDIRECTS = 3
MAX_SECONDS = 20.0  # wall clock for one image, redirects included
READ_SIZE = 1 << 18  # bytes: a picture comes in two or three reads
MAX_VALIDATOR = 500  # characters of an ETag or date that is kept: it travels in messages, 200 of them in one query
_NON_ASCII = 0x80
MAX_DIGITS = 19  # of a Content-Length that are looked at: more than any limit has, and little work for int()
OVERLOADED = {429, 503}
REDIRECTS = {301, 302, 303, 307, 308}
IMAGES = "image/*,*/*;q=0.5"  # what is asked for


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches images over connections that are kept open and shared between threads."""

    guard: Guard
    max_bytes: int
    pools: urllib3.PoolManager = field(repr=False)
    max_seconds: float = MAX_SECONDS
    clock: Callable[[], float] = time.time
    accept: str = IMAGES

    @classmethod
    def connect(cls, policy: AddressPolicy, max_bytes: int) -> Self:
        """A fetcher with its own connection pools."""
        guard = Guard(policy)
        return cls(guard, max_bytes, guard.pools())

    def fetch(self, url: str, reserve: Callable[[int], None]) -> Fetched:
        """The bytes behind a URL, after at most MAX_REDIRECTS. Raises PermanentError or TransientError.

        `reserve` is called once, before the body is read, with the bytes of memory it may take.
        """
        return self._follow(url, reserve, {})

    def fetch_newer(self, url: str, reserve: Callable[[int], None], prior: Prior) -> Fetched | None:
        """As `fetch`; None when the origin answers (304) that it still has what `prior` was made of.

        Validators belong to the resource that gave them (RFC 9110, 8.8). So only the URL itself is asked with them and
        never what it redirects to, whose own could match by chance; and `fetch` keeps none that come after a redirect.
        """
        try:
            return self._follow(url, reserve, _conditions(prior))
        except _NotModifiedError:
            return None

    def _follow(self, url: str, reserve: Callable[[int], None], conditions: Mapping[str, str]) -> Fetched:
        url = direct_url(url)
        with deadline(self.max_seconds):
            for hop in range(MAX_REDIRECTS + 1):
                response = self._request(url, {} if hop else conditions)
                try:
                    if response.status not in REDIRECTS:
                        self._check(response, is_conditional=not hop and bool(conditions))
                        content = self._content(response, reserve)
                        return Fetched(content) if hop else Fetched(content, *_validators(response.headers))
                    url = _target(url, response)
                finally:
                    response.close()  # gives a connection back only when its body was read to the end
        raise PermanentError(ImageCode.TOO_MANY_REDIRECTS, url)

    def _content(self, response: urllib3.BaseHTTPResponse, reserve: Callable[[int], None]) -> bytes:
        """The body, unpacked. Memory is reserved first: for the body, and if it is packed, for the unpacked one too."""
        size = self._declared_size(response)
        codings = codings_of(response.headers.get("Content-Encoding", ""))
        with off_the_clock():
            reserve((self.max_bytes if size is None else size) + (self.max_bytes if codings else 0))
        return unpacked(self._read(response, size or 0), codings, self.max_bytes)

    def _request(self, url: str, conditions: Mapping[str, str], again: bool = True) -> urllib3.BaseHTTPResponse:
        """The answer. If a kept connection turns out to be dead, the request is sent once more (`again`)."""
        checked = self.guard.check_url(url)
        asked = {"User-Agent": USER_AGENT, "Accept": self.accept, "Accept-Encoding": "identity"}
        headers = {**asked, **conditions}
        try:
            return self.pools.urlopen(
                "GET", checked.url, headers=headers, redirect=False, retries=False, preload_content=False
            )
        except (HTTPError, OSError) as error:
            if again and _is_stale(error):
                return self._request(url, conditions, again=False)
            raise _network_error(error) from error

    def _read(self, response: urllib3.BaseHTTPResponse, size: int = 0) -> bytes:
        """The body, read into one buffer of the declared size. Joining blocks would need the memory twice."""
        content = BytesIO()
        if size:
            content.seek(size - 1)
            content.write(b"\0")
            content.seek(0)
        try:
            while block := response.read(READ_SIZE, decode_content=False):
                if content.tell() + len(block) > self.max_bytes:
                    raise PermanentError(ImageCode.TOO_LARGE, f"more than {self.max_bytes} bytes")
                content.write(block)
        except (HTTPError, OSError) as error:
            raise _network_error(error) from error
        content.truncate()
        return content.getvalue()

    def _check(self, response: urllib3.BaseHTTPResponse, is_conditional: bool) -> None:
        if response.status == HTTPStatus.OK:
            return
        if response.status == HTTPStatus.NOT_MODIFIED and is_conditional:
            if not response.chunked:  # it has no body, whatever it declares; http.client would wait for chunks
                self._read(response)
            raise _NotModifiedError
        detail = f"status {response.status}"
        code = _CODES.get(response.status, ImageCode.ORIGIN_ERROR)
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR or response.status in {408, 425, 429}:
            pause = retry_after(response.headers, self.clock())
            is_overloaded = pause is not None or response.status in OVERLOADED
            raise (OverloadedError if is_overloaded else TransientError)(code, detail, pause)
        raise PermanentError(code, detail)

    def _declared_size(self, response: urllib3.BaseHTTPResponse) -> int | None:
        """The bytes of the body, None where nothing keeps the origin from sending more."""
        declared = response.headers.get("Content-Length", "")
        if not (declared.isascii() and declared.isdigit()):
            return None
        digits = declared.lstrip("0")[:MAX_DIGITS] or "0"
        if int(digits) > self.max_bytes:
            raise PermanentError(ImageCode.TOO_LARGE, f"{digits} bytes declared")
        if response.length_remaining is None:  # chunks come instead, or so many zeros that http.client gave up
            return None
        return int(digits)


class _NotModifiedError(Exception):
    """The origin has nothing newer."""


def _conditions(prior: Prior) -> dict[str, str]:
    """Both headers where both are known. A server that knows entity tags ignores the date (RFC 9110, 13.1.3)."""
    conditions = {"If-None-Match": prior.etag, "If-Modified-Since": prior.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _validators(headers: Mapping[str, str]) -> Iterator[str | None]:
    """ETag and Last-Modified, where they are such that they can be kept and sent again."""
    for name in ("ETag", "Last-Modified"):
        value = headers.get(name, "")
        yield value if value.isprintable() and 0 < len(value) <= MAX_VALIDATOR else None


_CODES = {
    401: ImageCode.FORBIDDEN,
    403: ImageCode.FORBIDDEN,
    404: ImageCode.NOT_FOUND,
    408: ImageCode.TIMEOUT,
    410: ImageCode.NOT_FOUND,
    429: ImageCode.RATE_LIMITED,
}


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds of a Retry-After header, whether it gives seconds or a date; None without a usable one."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def _target(url: str, response: urllib3.BaseHTTPResponse) -> str:
    location = response.headers.get("Location")
    if not location:
        raise PermanentError(ImageCode.ORIGIN_ERROR, f"status {response.status} without Location")
    try:
        return urljoin(url, _location_text(location.encode("latin-1")))  # http.client reads latin-1
    except ValueError as error:
        raise PermanentError(ImageCode.INVALID_URL, f"redirect to {location[:200]!r}") from error


def _location_text(location: bytes) -> str:
    """UTF-8, as browsers write it; bytes that are no UTF-8 stay the bytes that they are."""
    try:
        return location.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < _NON_ASCII else f"%{byte:02X}" for byte in location)


def _is_stale(error: Exception) -> bool:
    return isinstance(error, exceptions.ProtocolError) and isinstance(error.args[-1], StaleConnectionError)


def _network_error(error: Exception) -> ImageError:
    """What urllib3, ssl and the socket report, as our codes."""
    detail = f"{type(error).__name__}: {error}"
    match error:
        case exceptions.SSLError() if isinstance(error.args[0], ssl.SSLCertVerificationError):
            return PermanentError(ImageCode.TLS_FAILED, detail)
        case exceptions.SSLError():
            return TransientError(ImageCode.TLS_FAILED, detail)
        case exceptions.LocationParseError():
            return PermanentError(ImageCode.INVALID_URL, detail)
        case exceptions.TimeoutError() | TimeoutError():
            return TransientError(ImageCode.TIMEOUT, detail)
        case exceptions.ProtocolError() if isinstance(error.args[-1], TimeoutError):
            return TransientError(ImageCode.TIMEOUT, detail)
        case _:
            return TransientError(ImageCode.CONNECTION_FAILED, detail)
