"""Origins that answer with what no well-behaved server would: each ends as a code, never as another exception."""

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from functions.adapters.http.fetch import Fetcher
from functions.core.errors import ImageCode, ImageError, PermanentError, TransientError
from tests.faults.simulator.crowded import STATUS
from tests.hostile.figures import taken
from tests.hostile.measured import BODIES
from tests.hostile.tricks import CHUNKED, HEAD, WORST, deflated, drips, floods, packed, packed_as, resets, says, stays
from tests.loopback import AMPLE, MAX_BYTES, PATIENCE, SHORT, Answer, Certificate, Exchange, Server, answer, serving

MEBIBYTE = 1 << 20
SECONDS = 0.7  # for each download of a batch that is measured
GRACE = 3.0  # seconds that a busy machine may take beyond a deadline
HEADS = 48 * MEBIBYTE  # of a batch whose bodies are nothing
AT_A_TIME = BODIES // (25 * MEBIBYTE)  # downloads of the largest size, by the budget
BODIES_THAT_COUNT = {
    "a bomb of 1 GiB",
    "a body without end",
    "chunks without end",
    "a chunk of 2^4000 bytes",
    "a length of 25 MiB, dripped",
    "25 MiB",
    "25 MiB without a length",
}

Talk = Callable[[socket.socket], None]


def ignored(_size: int) -> None:
    """A budget that is never short."""


def outcome(fetcher: Fetcher, url: str) -> tuple[ImageCode, type[ImageError]]:
    with pytest.raises(ImageError) as caught:
        fetcher.fetch(url, ignored)
    return caught.value.code, type(caught.value)


# --- every trick -----------------------------------------------------------------------------------------------------

BROKEN = (ImageCode.CONNECTION_FAILED, TransientError)
LATE = (ImageCode.TIMEOUT, TransientError)
LARGE = (ImageCode.TOO_LARGE, PermanentError)
ODD = (ImageCode.ORIGIN_ERROR, PermanentError)

TRICKS: dict[str, tuple[Answer, tuple[ImageCode, type[ImageError]]]] = {
    # time
    "a status line that drips": (drips(b"", b"HTTP/1.1 "), LATE),
    "a status line that stops": (stays(b"HTTP/1.1 20"), LATE),
    "headers that drip": (drips(HEAD, b"X: y\r\n"), LATE),
    "a header that drips": (drips(HEAD + b"X: ", b"y"), LATE),
    "headers that stop": (stays(HEAD + b"X: y\r\n"), LATE),
    "a body that drips": (drips(HEAD + b"Content-Length: 50000\r\n\r\n", b"x"), LATE),
    "a body that drips to its end": (drips(HEAD + b"\r\n", b"x"), LATE),
    "a body that stops": (stays(HEAD + b"Content-Length: 5\r\n\r\n1234"), LATE),
    "a chunk size that drips": (drips(CHUNKED, b"0"), LATE),
    "a chunk that drips": (drips(CHUNKED + b"c350\r\n", b"x"), LATE),
    "a chunk extension that drips": (drips(CHUNKED + b"5;", b"e"), LATE),
    "the last chunk that does not come": (stays(CHUNKED + b"1\r\nx\r\n"), LATE),
    "trailers that drip": (drips(CHUNKED + b"0\r\n", b"X: y\r\n"), LATE),
    "interim answers that drip": (drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), LATE),
    "an interim answer, and no other": (stays(b"HTTP/1.1 100 Continue\r\n\r\n"), LATE),
    "nothing": (stays(), LATE),
    # size
    "a body without end": (floods(HEAD + b"\r\n", bytes(10_000)), LARGE),
    "a body without end, of HTTP/1.0": (floods(b"HTTP/1.0 200 OK\r\n\r\n", bytes(10_000)), LARGE),
    "chunks without end": (floods(CHUNKED, b"2710\r\n" + bytes(10_000) + b"\r\n"), LARGE),
    "a chunk of 2^4000 bytes": (floods(CHUNKED + b"f" * 1_000 + b"\r\n", bytes(10_000)), LARGE),
    "a length over the limit": (stays(HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BYTES + 1)), LARGE),
    "a length over the limit, and chunks": (
        stays(HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 999999\r\n\r\n5\r\n12345\r\n0\r\n\r\n"),
        LARGE,
    ),
    "a small length, and chunks without end": (
        floods(
            HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", b"2710\r\n" + bytes(10_000) + b"\r\n"
        ),
        LARGE,
    ),
    "a length in thousands of zeros, and no end": (
        floods(HEAD + b"Content-Length: " + b"0" * 5_000 + b"5\r\n\r\n", bytes(10_000)),
        LARGE,
    ),
    "100 Continue without end": (floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), BROKEN),
    "trailers without end": (floods(CHUNKED + b"1\r\nx\r\n0\r\n", b"X: y\r\n" * 1_000), BROKEN),
    "a status line without end": (floods(b"HTTP/1.1 200 ", b"O" * 10_000), BROKEN),
    "a header of 1 MB": (stays(HEAD + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n"), BROKEN),
    "a header without end": (floods(HEAD + b"X: ", b"y" * 10_000), BROKEN),
    "a header's name without end": (floods(HEAD, b"X" * 10_000), BROKEN),
    "a thousand headers": (stays(HEAD + b"X: y\r\n" * 1_000 + b"\r\n"), BROKEN),
    "headers without end": (floods(HEAD, b"X: y\r\n" * 1_000), BROKEN),
    "98 headers of 64 kB": (WORST["98 headers of 64 kB"], BROKEN),
    "a header folded without end": (floods(HEAD + b"X: y\r\n", b" z\r\n" * 1_000), BROKEN),
    "a body packed a hundred times": (
        stays(HEAD + b"Content-Encoding: " + b"gzip, " * 99 + b"gzip\r\nContent-Length: 5\r\n\r\n12345"),
        BROKEN,
    ),
    # lengths that are false
    "less than declared": (says(HEAD + b"Content-Length: 5\r\n\r\n1234"), BROKEN),
    "nothing of what was declared": (says(HEAD + b"Content-Length: 5\r\n\r\n"), BROKEN),
    "two lengths": (says(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456"), BROKEN),
    "two lengths in one": (says(HEAD + b"Content-Length: 5, 6\r\n\r\n123456"), BROKEN),
    # chunks
    "chunks that end early": (says(CHUNKED + b"5\r\n123"), BROKEN),
    "chunks without their last": (says(CHUNKED + b"5\r\n12345\r\n"), BROKEN),
    "a chunk without a size": (says(CHUNKED + b"\r\n12345\r\n0\r\n\r\n"), BROKEN),
    "a chunk of -1": (floods(CHUNKED + b"-1\r\n", bytes(10_000)), BROKEN),
    "a chunk of zz": (says(CHUNKED + b"zz\r\n12345\r\n0\r\n\r\n"), BROKEN),
    "a chunk size of 64 kB": (says(CHUNKED + b"0" * 70_000 + b"5\r\n12345\r\n0\r\n\r\n"), BROKEN),
    "no chunks where they were announced": (says(CHUNKED + b"\x89PNG\r\n\x1a\n"), BROKEN),
    # what is no HTTP
    "HTTP/0.9": (says(b"<html>"), BROKEN),
    "HTTP/2": (says(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), BROKEN),
    "frames of HTTP/2": (says(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)), BROKEN),
    "HTTP/3.7": (says(b"HTTP/3.7 200 OK\r\nContent-Length: 0\r\n\r\n"), BROKEN),
    "no status": (says(b"HTTP/1.1\r\n\r\n"), BROKEN),
    "a status of four digits": (says(b"HTTP/1.1 2000 OK\r\n\r\n"), BROKEN),
    "a status below 100": (says(b"HTTP/1.1 099 OK\r\n\r\n"), BROKEN),
    "a negative status": (says(b"HTTP/1.1 -200 OK\r\n\r\n"), BROKEN),
    "a status in words": (says(b"HTTP/1.1 two OK\r\n\r\n"), BROKEN),
    "garbage": (says(bytes(range(128, 256)) * 10), BROKEN),
    "zeros": (floods(b"", bytes(10_000)), BROKEN),
    "empty lines without end": (floods(b"", b"\r\n" * 1_000), BROKEN),
    "a mail server": (says(b"220 mail.example ESMTP\r\n"), BROKEN),
    "an SSH server": (says(b"SSH-2.0-OpenSSH_9.6\r\n"), BROKEN),
    "a TLS server": (says(b"\x15\x03\x03\x00\x02\x02\x46"), BROKEN),
    # statuses
    "102 Processing": (says(b"HTTP/1.1 102 Processing\r\n\r\n"), ODD),
    "101 Switching Protocols": (says(b"HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"), ODD),
    "204 with a body": (says(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n12345"), ODD),
    "206 unasked": (
        says(b"HTTP/1.1 206 P\r\nContent-Range: bytes 0-4/9\r\nContent-Length: 5\r\n\r\n12345"),
        ODD,
    ),
    "304 unasked": (says(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), ODD),
    "304 unasked, in chunks": (stays(b"HTTP/1.1 304 N\r\nTransfer-Encoding: chunked\r\n\r\n"), ODD),
    "404 without end": (
        floods(b"HTTP/1.1 404 Not Found\r\n\r\n", bytes(10_000)),
        (ImageCode.NOT_FOUND, PermanentError),
    ),
    "999": (says(b"HTTP/1.1 999 Denied\r\n\r\n"), (ImageCode.ORIGIN_ERROR, TransientError)),
    "a redirect without end": (
        floods(b"HTTP/1.1 302 Found\r\nLocation: /worst\r\n\r\n", bytes(10_000)),
        (ImageCode.TOO_MANY_REDIRECTS, PermanentError),
    ),
    # resets
    "a reset at once": (resets(), BROKEN),
    "a reset within the status line": (resets(b"HTTP/1."), BROKEN),
    "a reset within the headers": (resets(HEAD + b"Content-"), BROKEN),
    "a reset after the headers": (resets(HEAD + b"Content-Length: 5\r\n\r\n"), BROKEN),
    "a reset within the body": (resets(HEAD + b"Content-Length: 5\r\n\r\n123"), BROKEN),
    "a reset within a body without a length": (resets(HEAD + b"\r\n123"), BROKEN),
    "a reset within a chunk": (resets(CHUNKED + b"5\r\n123"), BROKEN),
    "an end within the status line": (says(b"HTTP/1."), BROKEN),
    "an end at once": (says(), BROKEN),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_whatever_an_origin_does_ends_in_time_and_as_its_code(origin: Server, fetcher: Fetcher, trick: str) -> None:
    does, code = TRICKS[trick]
    seconds = SHORT if code == LATE else AMPLE
    begun = time.monotonic()
    assert outcome(replace(fetcher, max_seconds=seconds), origin.does("/worst", does)) == code
    assert time.monotonic() - begun < seconds + GRACE


PACKED: dict[str, list[Callable[[bytes], bytes]]] = {
    "gzip": [gzip.compress],
    "x-gzip": [gzip.compress],
    "deflate": [deflated],
    "Deflate ": [zlib.compress],
    "gzip, gzip": [gzip.compress, gzip.compress],
    "identity, gzip": [gzip.compress],
}


@pytest.mark.parametrize("encoding", PACKED)
def test_a_body_that_was_packed_without_being_asked_is_unpacked(
    origin: Server, fetcher: Fetcher, encoding: str
) -> None:
    url = origin.says("/a", answer(body=packed_as(b"an image", PACKED[encoding]), Content_Encoding=encoding))
    assert fetcher.fetch(url, ignored).content == b"an image"


@pytest.mark.parametrize("encoding", PACKED)
def test_a_bomb_is_cut_at_the_limit_of_an_image(origin: Server, fetcher: Fetcher, encoding: str) -> None:
    bomb = packed(10 * MEBIBYTE, PACKED[encoding])
    assert len(bomb) <= MAX_BYTES
    asked: list[int] = []
    url = origin.says("/a", answer(body=bomb, Content_Encoding=encoding))
    with pytest.raises(PermanentError) as caught:
        fetcher.fetch(url, asked.append)
    assert (caught.value.code, asked) == (ImageCode.TOO_LARGE, [len(bomb) + MAX_BYTES])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip", "br", "zstd", "gzip, br, zstd", "none of these"])
@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff an image", b"\x89PNG\r\n\x1a\n an image", b"GIF89a an image", b"RIFF1234WEBP"]
)
def test_a_false_label_changes_nothing(origin: Server, fetcher: Fetcher, encoding: str, content: bytes) -> None:
    url = origin.says("/a", answer(body=content, Content_Encoding=encoding))
    assert fetcher.fetch(url, ignored).content == content


def test_a_body_of_many_codings_is_left_as_it_is(origin: Server, fetcher: Fetcher) -> None:
    content = packed_as(b"an image", [gzip.compress] * 3)
    url = origin.says("/a", answer(body=content, Content_Encoding="gzip, gzip, gzip"))
    assert fetcher.fetch(url, ignored).content == content


def test_a_packed_body_that_is_cut_off_is_left_as_it_is(origin: Server, fetcher: Fetcher) -> None:
    content = gzip.compress(b"an image" * 9)[:-9]
    url = origin.says("/a", answer(body=content, Content_Encoding="gzip"))
    assert fetcher.fetch(url, ignored).content == content


@pytest.mark.parametrize("encoding", ["gzip", "gzip, chunked", "identity", "chunked, gzip", "x"])
def test_a_transfer_is_never_unpacked(origin: Server, fetcher: Fetcher, encoding: str) -> None:
    """Whatever it is read as, it is read as it comes, and to the end of the connection."""
    bomb = gzip.compress(bytes(10 * MEBIBYTE))
    url = origin.does("/a", says(HEAD + f"Transfer-Encoding: {encoding}\r\n\r\n".encode() + bomb))
    assert fetcher.fetch(url, ignored).content == bomb


LENIENT = {
    "a header without a colon": HEAD + b"no colon\r\nContent-Length: 5\r\n\r\n12345",
    "a header without a name": HEAD + b": x\r\nContent-Length: 5\r\n\r\n12345",
    "a space before the colon": HEAD + b"X : y\r\n\r\n12345",
    "line feeds alone": b"HTTP/1.1 200 OK\nContent-Length: 5\n\n12345",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n12345",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n12345",
    "bytes that are no text": HEAD + b"X: \xff\xfe\x00\x80\r\nContent-Length: 5\r\n\r\n12345",
    "99 headers": HEAD + b"X: y\r\n" * 98 + b"\r\n12345",
    "100 Continue": b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 5\r\n\r\n12345",
    "a chunk extension": CHUNKED + b"5;a=b\r\n12345\r\n0\r\n\r\n",
    "a trailer": CHUNKED + b"5\r\n12345\r\n0\r\nX: y\r\n\r\n",
    "a length and chunks": HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n",
    "two lengths that agree": HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n12345 and more",
    "more than declared": HEAD + b"Content-Length: 5\r\n\r\n12345 and more",
    "a second answer unasked": HEAD + b"Content-Length: 5\r\n\r\n12345" + answer(body=b"other"),
}


@pytest.mark.parametrize("trick", LENIENT)
def test_what_can_be_understood_is(origin: Server, fetcher: Fetcher, trick: str) -> None:
    assert fetcher.fetch(origin.does("/a", says(LENIENT[trick])), ignored).content == b"12345"


def test_an_answer_that_nobody_asked_for_is_nobodys(origin: Server, fetcher: Fetcher) -> None:
    """What came after one answer would else be taken for the next one's, on a connection that is kept."""
    origin.says("/a", answer(body=b"first") + answer(body=b"forged"))
    origin.says("/b", answer(body=b"second"))
    assert [fetcher.fetch(origin.url(path), ignored).content for path in ("/a", "/b")] == [b"first", b"second"]


@pytest.mark.skipif(not STATUS.exists(), reason="Linux says how much memory a process had")
@pytest.mark.parametrize("worst", WORST)
def test_a_whole_batch_from_the_worst_origin_takes_a_bounded_time_and_memory(worst: str) -> None:
    """As many as a worker downloads at once; bodies are in its budget, and nothing else may count."""
    found = taken(WORST[worst], count=25, max_seconds=SECONDS)
    is_body = worst in BODIES_THAT_COUNT
    assert found.grown < (BODIES * 1.5 if is_body else HEADS)
    assert found.seconds < SECONDS * -(-25 // AT_A_TIME) + GRACE


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


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n%s\r\n0\r\n\r\n",
        b"Content-Length: " + b"0" * 5_000 + b"5\r\n\r\n%s",
        b"Content-Length: +5\r\n\r\n%s",
        b"\r\n%s",
    ],
    ids=["chunks instead", "zeros", "plus", "none"],
)
def test_memory_is_asked_for_to_the_limit_where_more_may_come_than_is_declared(
    origin: Server, fetcher: Fetcher, head: bytes
) -> None:
    """Else a batch of them would be read past the budget of the worker."""
    asked: list[int] = []
    content = b"x" * (1_000 if b"+" not in head else 5)
    url = origin.does("/a", says(HEAD + head % content))
    assert fetcher.fetch(url, asked.append).content == content
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


def test_a_certificate_that_has_expired_does_not_get_better(tmp_path: Path, fetcher: Fetcher) -> None:
    """It is vouched for, but was valid until yesterday."""
    certificate = Certificate.make(tmp_path, days=-1)
    fetcher.pools.connection_pool_kw["ssl_context"] = ssl.create_default_context(cadata=certificate.pem)
    with serving(certificate.context) as origin:
        with pytest.raises(PermanentError, match="expired") as caught:
            fetcher.fetch(origin.says("/a", answer()), ignored)
        assert (caught.value.code, origin.requests) == (ImageCode.TLS_FAILED, [])


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
        origin.stopped.wait(AMPLE * 1.1)
        waited.set()

    url = origin.does("/a", late)
    assert replace(fetcher, max_seconds=AMPLE).fetch(url, reserve).content == b"12345"


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
