"""Origins that answer with what no well-behaved server would: each ends as a code, never as another exception."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from functions.adapters.fetch import Fetcher
from functions.core.errors import ImageCode, ImageError, PermanentError, TransientError
from tests.loopback import MAX_BYTES, PATIENCE, SHORT, Certificate, Exchange, Server, answer, serving

MEBIBYTE = 1 << 20

Talk = Callable[[socket.socket], None]


def ignored(_size: int) -> None:
    """A budget that is never short."""


def outcome(fetcher: Fetcher, url: str) -> tuple[ImageCode, type[ImageError]]:
    with pytest.raises(ImageError) as caught:
        fetcher.fetch(url, ignored)
    return caught.value.code, type(caught.value)


# --- lengths ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "digits",
    ["0" * 19 + "9" * 5_000, "0" * 19 + str(MAX_BYTES + 1), "9" * 5_000, "9" * 20],
    ids=["zeros and thousands", "zeros", "thousands", "more than 64 bits"],
)
def test_a_length_over_the_limit_is_too_large_however_it_is_written(
    origin: Server, fetcher: Fetcher, digits: str
) -> None:
    """Python refuses to read more than 4,300 digits, with a ValueError."""
    raw = f"HTTP/1.1 200 OK\r\nContent-Length: {digits}\r\n\r\n".encode()
    assert outcome(fetcher, origin.says("/a", raw)) == (ImageCode.TOO_LARGE, PermanentError)


def test_no_memory_is_asked_for_by_a_length_over_the_limit(origin: Server, fetcher: Fetcher) -> None:
    asked: list[int] = []
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: " + b"0" * 19 + b"9" * 5_000 + b"\r\n\r\n"
    with pytest.raises(PermanentError):
        fetcher.fetch(origin.says("/a", raw), asked.append)
    assert asked == []


@pytest.mark.parametrize("text", ["-5", "5.0", "\u00b2", "five"])
def test_a_length_that_is_no_number_is_taken_for_the_largest(origin: Server, fetcher: Fetcher, text: str) -> None:
    """A superscript two is a digit to Python, until it is to be read."""
    asked: list[int] = []

    def closing(exchange: Exchange) -> None:
        exchange.send(f"HTTP/1.1 200 OK\r\nContent-Length: {text}\r\n\r\n12345".encode("latin-1"))
        exchange.close()

    assert fetcher.fetch(origin.does("/a", closing), asked.append).content == b"12345"
    assert asked == [MAX_BYTES]


@pytest.mark.parametrize("header", ["-5", "-1", "5 5", "", "zz"])
def test_a_chunk_header_that_is_no_size_is_a_broken_connection(origin: Server, fetcher: Fetcher, header: str) -> None:
    raw = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{header}\r\n12345\r\n0\r\n\r\n"
    assert outcome(fetcher, origin.says("/a", raw.encode())) == (ImageCode.CONNECTION_FAILED, TransientError)


def test_a_chunk_of_size_minus_one_is_not_read_to_its_end(origin: Server, fetcher: Fetcher) -> None:
    """To http.client that means all there is: gigabytes within the deadline, past every limit."""
    size, sent = 64 * MEBIBYTE, 0

    def large(exchange: Exchange) -> None:
        nonlocal sent
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
        while sent < size:
            exchange.send(bytes(MEBIBYTE))
            sent += MEBIBYTE
        exchange.close()

    assert outcome(fetcher, origin.does("/a", large)) == (ImageCode.CONNECTION_FAILED, TransientError)
    assert sent < size // 2


# --- TLS -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def talking(listening: socket.socket, talk: Talk) -> str:
    """Take one connection, talk on it, and end it; the https URL to do that at."""

    def run() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.settimeout(PATIENCE)
            talk(connection)

    threading.Thread(target=run, daemon=True).start()
    return f"https://127.0.0.1:{listening.getsockname()[1]}/"


def cut_after_hello(connection: socket.socket) -> None:
    connection.recv(1 << 16)  # all of it, so that closing sends FIN and not RST


def cut_within_its_hello(connection: socket.socket) -> None:
    connection.recv(1 << 16)
    connection.sendall(b"\x16\x03\x03\x00\x7a\x02")  # the head of a ServerHello of 122 bytes


def plain_http(connection: socket.socket) -> None:
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def alert(connection: socket.socket) -> None:
    connection.recv(1 << 16)
    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x50")  # fatal, internal_error


@pytest.mark.parametrize("talk", [cut_after_hello, cut_within_its_hello, plain_http, alert])
def test_a_handshake_that_broke_may_work_another_time(listening: socket.socket, fetcher: Fetcher, talk: Talk) -> None:
    assert outcome(fetcher, talking(listening, talk)) == (ImageCode.TLS_FAILED, TransientError)


def test_a_certificate_that_nobody_vouches_for_does_not_get_better(tmp_path: Path, fetcher: Fetcher) -> None:
    with serving(Certificate.make(tmp_path).context) as origin:
        assert outcome(fetcher, origin.says("/a", answer())) == (ImageCode.TLS_FAILED, PermanentError)


def test_a_certificate_for_another_name_does_not_get_better(tmp_path: Path, fetcher: Fetcher) -> None:
    """It is vouched for, but as 127.0.0.1."""
    certificate = Certificate.make(tmp_path)
    trusting = ssl.create_default_context(cadata=certificate.pem)  # that of the process is not to trust it
    fetcher.pools.connection_pool_kw["ssl_context"] = trusting
    with serving(certificate.context) as origin:
        url = origin.says("/a", answer()).replace("127.0.0.1", "localhost")
        assert outcome(fetcher, url) == (ImageCode.TLS_FAILED, PermanentError)


# --- time ------------------------------------------------------------------------------------------------------------


def test_waiting_for_memory_takes_none_of_the_time_for_the_body(origin: Server, fetcher: Fetcher) -> None:
    """The body comes only after the wait, so that it is read with what the wait has left of the deadline."""
    waited = threading.Event()

    def late(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        waited.wait(PATIENCE)
        exchange.send(b"12345")

    def reserve(_size: int) -> None:
        origin.stopped.wait(SHORT * 2)
        waited.set()

    url = origin.does("/a", late)
    assert replace(fetcher, max_seconds=SHORT).fetch(url, reserve).content == b"12345"


def test_after_the_wait_for_memory_the_deadline_holds_again(origin: Server, fetcher: Fetcher) -> None:
    def stalling(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        exchange.server.stopped.wait(SHORT * 5)
        exchange.close()

    def reserve(_size: int) -> None:
        origin.stopped.wait(SHORT)

    with pytest.raises(TransientError) as caught:
        replace(fetcher, max_seconds=SHORT).fetch(origin.does("/a", stalling), reserve)
    assert caught.value.code is ImageCode.TIMEOUT


def test_an_origin_that_does_not_take_the_connection_is_a_timeout(fetcher: Fetcher) -> None:
    """Its queue of connections is full, so that the kernel does not answer another."""
    with ExitStack() as open_until_the_end:
        full = open_until_the_end.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        fill(full.getsockname(), open_until_the_end)
        url = f"http://127.0.0.1:{full.getsockname()[1]}/a"
        assert outcome(replace(fetcher, max_seconds=SHORT), url) == (ImageCode.TIMEOUT, TransientError)


def fill(address: tuple[str, int], open_until_the_end: ExitStack) -> None:
    """Connect until that is not taken any more."""
    while True:
        connection = open_until_the_end.enter_context(socket.socket())
        connection.settimeout(SHORT)
        try:
            connection.connect(address)
        except TimeoutError:
            return


# --- names and targets -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("/schuhe/größe.jpg", "/schuhe/gr%C3%B6%C3%9Fe.jpg"),
        ("/靴.jpg", "/%E9%9D%B4.jpg"),
        ("/a.jpg?name=größe", "/a.jpg?name=gr%C3%B6%C3%9Fe"),
        ("/gr%C3%B6%C3%9Fe.jpg", "/gr%C3%B6%C3%9Fe.jpg"),
    ],
    ids=["umlauts", "three bytes", "in the query", "encoded already"],
)
def test_a_redirect_in_raw_utf8_is_asked_for_with_percent_signs(
    origin: Server, fetcher: Fetcher, location: str, asked: str
) -> None:
    origin.says(asked, answer(body=b"bytes"))
    raw = f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n".encode()
    assert fetcher.fetch(origin.says("/a", raw), ignored).content == b"bytes"
    assert origin.requests[-1].line == f"GET {asked} HTTP/1.1"


def test_a_redirect_that_is_not_utf8_is_asked_for_all_the_same(origin: Server, fetcher: Fetcher) -> None:
    raw = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /gr\xf6\xdfe.jpg\r\n\r\n"
    assert outcome(fetcher, origin.says("/a", raw)) == (ImageCode.NOT_FOUND, PermanentError)


NO_HOSTS = ["a..b", ".example", f"{'a' * 64}.example"]


@pytest.mark.parametrize("host", NO_HOSTS)
def test_a_host_that_no_name_server_could_be_asked_for_is_refused(fetcher: Fetcher, host: str) -> None:
    """Python's own encoding of names raises a UnicodeError for them."""
    assert outcome(fetcher, f"http://{host}/a.jpg") == (ImageCode.INVALID_URL, PermanentError)


@pytest.mark.parametrize("host", NO_HOSTS)
def test_a_redirect_to_such_a_host_is_refused(origin: Server, fetcher: Fetcher, host: str) -> None:
    url = origin.says("/a", answer("302 Found", Location=f"http://{host}/a.jpg"))
    assert outcome(fetcher, url) == (ImageCode.INVALID_URL, PermanentError)
