"""The guarded connection pool: the only place from which the service connects to what users name.

A host is looked up once, every answer is checked, the connection goes to the checked address, and the socket is asked
where it ended up. Each exchange has a wall-clock deadline that holds while connecting, while the TLS handshake runs and
in every single read; the look-up alone is bounded by the resolver's own time-outs.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException, HTTPResponse
from typing import Any, BinaryIO, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import Url, parse_url

from functions.core import __version__
from functions.core.errors import ImageCode, PermanentError, TransientError
from functions.core.network import AddressPolicy

CONNECT_TIMEOUT = 5.0  # seconds
USER_AGENT = f"Imagepress/{__version__} (image compression; see README)"
STANDARD_PORTS = {"http": 80, "https": 443}
POOLS = 200  # origins that are kept connected to at a time
CONNECTIONS = 25  # that are kept for one origin: as many as a batch has downloads
MAX_HEAD = 1 << 17  # bytes of headers or trailers; images have some hundreds, and the memory is not in the budget

# A name in ASCII or an address. What else urllib3 lets through, the next reader may write anew (`%3C` for `<`, `%251`
# for the zone `%1`), and a name server is asked for it in vain, again and again.
_HOST = re.compile(r"(?=.{1,254}\Z)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?|\[[0-9A-Fa-f:.]+\]")

_exchange = threading.local()  # the deadline of the exchange that this thread is in, by time.monotonic()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Everything this thread does on guarded connections inside must end within so many seconds."""
    _exchange.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        del _exchange.ends


@contextmanager
def off_the_clock() -> Iterator[None]:
    """The deadline of this thread moves by the time that passes inside: the other side is not to blame for it."""
    begun = time.monotonic()
    try:
        yield
    finally:
        _exchange.ends += time.monotonic() - begun


def _remaining() -> float:
    left = cast(float, getattr(_exchange, "ends", float("inf"))) - time.monotonic()
    if left <= 0:
        raise TimeoutError("the exchange took longer than its deadline")
    return min(left, 3600.0)


class _DeadlineSocket(socket.socket):
    """A socket on which no read outlives the deadline, however slowly the other side drips."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_remaining())
        return super().recv_into(*args, **kwargs)


class _DeadlineTlsSocket(ssl.SSLSocket):
    """The same over TLS."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_remaining())
        return super().recv_into(*args, **kwargs)


@cache
def tls_context() -> ssl.SSLContext:
    """The one SSL context of the process: building it costs 16 ms, sharing it lets sessions resume."""
    context = ssl.create_default_context()
    context.sslsocket_class = _DeadlineTlsSocket
    return context


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides which URLs and addresses may be connected to. `resolve` has the signature of socket.getaddrinfo."""

    policy: AddressPolicy
    resolve: Callable[..., list[Any]] = socket.getaddrinfo

    def check_url(self, text: str) -> Url:
        """The URL as urllib3, which connects, understands it. Raises PermanentError for one that may not be fetched."""
        try:
            url = parse_url(text)
        except urllib3.exceptions.HTTPError as error:
            raise PermanentError(ImageCode.INVALID_URL, str(error)) from error
        if url.scheme not in STANDARD_PORTS or not _HOST.fullmatch(url.host or ""):
            raise PermanentError(ImageCode.INVALID_URL, f"scheme {url.scheme!r}, host {str(url.host)[:254]!r}")
        if url.auth is not None:
            raise PermanentError(ImageCode.INVALID_URL, "credentials in the URL")
        if url.port not in {None, STANDARD_PORTS[url.scheme]} and not self.policy.allowed:
            raise PermanentError(ImageCode.INVALID_URL, f"port {url.port}")
        return url

    def connect(self, host: str, port: int) -> socket.socket:
        """A TCP connection to a checked address of the host. Raises PermanentError, TransientError or OSError."""
        answers = self._look_up(host, port)
        for *_, address in answers:
            self._check_address(host, address[0], port)
        failure: OSError | None = None
        for family, kind, protocol, _, address in answers:
            try:
                return self._verified(_open(family, kind, protocol, address), host, port)
            except OSError as error:
                failure = error
        raise failure or OSError(f"{host} has no address")

    def _verified(self, connection: socket.socket, host: str, port: int) -> socket.socket:
        """The connection. It is closed, and refused, where the socket ended up at an address that is not permitted."""
        try:
            self._check_address(host, connection.getpeername()[0], port)
        except BaseException:
            connection.close()
            raise
        return connection

    def _look_up(self, host: str, port: int) -> list[Any]:
        try:
            return self.resolve(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise TransientError(ImageCode.DNS_FAILED, f"{host}: {error}") from error

    def _check_address(self, host: str, address: str, port: int) -> None:
        if not self.policy.permits(address):
            raise PermanentError(ImageCode.ADDRESS_NOT_PUBLIC, f"{host} is {address}")
        if port not in STANDARD_PORTS.values() and AddressPolicy().permits(address):
            raise PermanentError(ImageCode.INVALID_URL, f"port {port} of the public host {host}")

    def pools(self) -> urllib3.PoolManager:
        """A pool manager, all of whose connections this guard makes."""
        manager = urllib3.PoolManager(num_pools=POOLS, maxsize=CONNECTIONS, ssl_context=tls_context())
        manager.pool_classes_by_scheme = _guarded_pools(self)
        return manager


def _open(family: int, kind: int, protocol: int, address: Any) -> socket.socket:
    connection = _DeadlineSocket(family, kind, protocol)
    try:
        connection.settimeout(min(CONNECT_TIMEOUT, _remaining()))
        connection.connect(address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


class _Head:
    """Reads the status line and the headers of an answer, MAX_HEAD bytes at the most."""

    def __init__(self, reading: BinaryIO) -> None:
        self._reading = reading
        self._left = MAX_HEAD
        self.close = reading.close

    def readline(self, limit: int) -> bytes:
        line = self._reading.readline(min(limit, self._left + 1))
        self._left -= len(line)
        if self._left < 0:
            raise HTTPException(f"more than {MAX_HEAD} bytes of headers")
        return line


class _SizedResponse(HTTPResponse):
    """An answer whose headers and trailers have a limit together, and of which no chunk has a size below 0.

    http.client alone takes 100 headers of 64 KiB, and interim answers for ever; a chunk of size -1 it reads to the end,
    whatever its length.
    """

    fp: Any

    def begin(self) -> None:
        with self._limited():
            super().begin()
        lengths = ",".join(self.headers.get_all("Content-Length", [])).split(",")
        if len({length.strip() for length in lengths}) > 1:  # urllib3 refuses it too, and leaves the socket open
            raise HTTPException("lengths that differ")

    def _read_and_discard_trailer(self) -> None:
        with self._limited():
            super()._read_and_discard_trailer()  # type: ignore[misc]  # it reads lines for as long as they come

    @contextmanager
    def _limited(self) -> Iterator[None]:
        whole, self.fp = self.fp, _Head(self.fp)
        try:
            yield
        finally:
            if self.fp is not None:  # it was not closed meanwhile
                self.fp = whole

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]  # the only place that knows the size
        if size < 0:
            raise ValueError(f"a chunk of {size} bytes")  # http.client makes it an IncompleteRead
        return size


class StaleConnectionError(ConnectionResetError):
    """A kept connection ended before any answer came: the server had closed it meanwhile."""


def _guarded_pools(guard: Guard) -> dict[str, Any]:
    """Pool classes by scheme whose connections come from `guard`."""

    class Guarded(HTTPConnection):
        response_class = _SizedResponse
        is_kept = False  # since it has answered

        def _new_conn(self) -> socket.socket:
            self.is_kept = False
            return guard.connect(self._dns_host, self.port or self.default_port)

        def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 itself has it
            try:
                response = super().getresponse()
            except ConnectionError as error:
                if self.is_kept:
                    raise StaleConnectionError(*error.args) from error
                raise
            self.is_kept = True
            return response

    class GuardedTls(Guarded, HTTPSConnection):
        pass

    class HttpPool(HTTPConnectionPool):
        ConnectionCls = Guarded

    class HttpsPool(HTTPSConnectionPool):
        ConnectionCls = GuardedTls

    return {"http": HttpPool, "https": HttpsPool}
