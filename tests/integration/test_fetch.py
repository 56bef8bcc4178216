"""The way out for images, against origins on loopback."""

import gzip
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.http.fetch import MAX_REDIRECTS, MAX_VALIDATOR, Fetcher
from functions.adapters.http.guard import Guard, tls_context
from functions.core.errors import ImageCode, ImageError, OverloadedError, PermanentError, TransientError
from functions.core.model import Prior
from functions.core.network.addresses import AddressPolicy
from functions.core.network.fetched import Fetched
from tests.loopback import AMPLE, LOOPBACK, MAX_BYTES, PATIENCE, SHORT, Certificate, Exchange, Server, answer, serving


def fetch(fetcher: Fetcher, url: str) -> Fetched:
    return fetcher.fetch(url, lambda _size: None)


def failure(fetcher: Fetcher, url: str) -> ImageError:
    with pytest.raises(ImageError) as caught:
        fetch(fetcher, url)
    return caught.value


def code_and_kind(error: ImageError) -> tuple[ImageCode, type[ImageError]]:
    return error.code, type(error)


# --- answers ---------------------------------------------------------------------------------------------------------


def test_the_bytes_of_an_image_come_back(origin: Server, fetcher: Fetcher) -> None:
    assert fetch(fetcher, origin.says("/a", answer(body=b"bytes"))).content == b"bytes"


def test_what_the_origin_says_about_the_version_comes_back(origin: Server, fetcher: Fetcher) -> None:
    modified = "Mon, 01 Jan 2024 00:00:00 GMT"
    fetched = fetch(fetcher, origin.says("/a", answer(ETag='"7"', Last_Modified=modified)))
    assert (fetched.etag, fetched.last_modified) == ('"7"', modified)


def test_memory_is_asked_for_as_declared(origin: Server, fetcher: Fetcher) -> None:
    asked: list[int] = []
    fetcher.fetch(origin.says("/a", answer(body=b"12345")), asked.append)
    assert asked == [5]


def test_memory_is_asked_for_to_the_limit_where_nothing_is_declared(origin: Server, fetcher: Fetcher) -> None:
    asked: list[int] = []
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n"
    fetcher.fetch(origin.says("/a", raw), asked.append)
    assert asked == [MAX_BYTES]


def test_a_chunked_answer_is_put_together(origin: Server, fetcher: Fetcher) -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n"
    assert fetch(fetcher, origin.says("/a", raw)).content == b"12345"


def test_bytes_are_asked_for_as_they_are(origin: Server, fetcher: Fetcher) -> None:
    fetch(fetcher, origin.says("/a", answer()))
    assert origin.requests[0].headers["accept-encoding"] == "identity"


def test_an_answer_that_is_packed_all_the_same_is_unpacked(origin: Server, fetcher: Fetcher) -> None:
    packed = gzip.compress(b"an image")
    assert fetch(fetcher, origin.says("/a", answer(body=packed, Content_Encoding="gzip"))).content == b"an image"


def test_the_service_says_who_it_is(origin: Server, fetcher: Fetcher) -> None:
    fetch(fetcher, origin.says("/a", answer()))
    assert origin.requests[0].headers["user-agent"].startswith("Imagepress/")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("400 Bad Request", ImageCode.ORIGIN_ERROR),
        ("401 Unauthorized", ImageCode.FORBIDDEN),
        ("403 Forbidden", ImageCode.FORBIDDEN),
        ("404 Not Found", ImageCode.NOT_FOUND),
        ("410 Gone", ImageCode.NOT_FOUND),
        ("204 No Content", ImageCode.ORIGIN_ERROR),
        ("206 Partial Content", ImageCode.ORIGIN_ERROR),
        ("304 Not Modified", ImageCode.ORIGIN_ERROR),
    ],
)
def test_an_answer_that_will_not_change_is_permanent(
    origin: Server, fetcher: Fetcher, status: str, code: ImageCode
) -> None:
    assert code_and_kind(failure(fetcher, origin.says("/a", answer(status)))) == (code, PermanentError)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("408 Request Timeout", ImageCode.TIMEOUT),
        ("425 Too Early", ImageCode.ORIGIN_ERROR),
        ("500 Internal Server Error", ImageCode.ORIGIN_ERROR),
        ("502 Bad Gateway", ImageCode.ORIGIN_ERROR),
    ],
)
def test_an_answer_that_may_change_is_transient(origin: Server, fetcher: Fetcher, status: str, code: ImageCode) -> None:
    assert code_and_kind(failure(fetcher, origin.says("/a", answer(status)))) == (code, TransientError)


@pytest.mark.parametrize(
    ("status", "code", "headers"),
    [
        ("429 Too Many Requests", ImageCode.RATE_LIMITED, {}),
        ("503 Service Unavailable", ImageCode.ORIGIN_ERROR, {}),
        ("500 Internal Server Error", ImageCode.ORIGIN_ERROR, {"Retry_After": "7"}),
    ],
)
def test_an_answer_that_asks_for_a_pause_is_told_from_others_that_may_change(
    origin: Server, fetcher: Fetcher, status: str, code: ImageCode, headers: dict[str, Any]
) -> None:
    assert code_and_kind(failure(fetcher, origin.says("/a", answer(status, **headers)))) == (code, OverloadedError)


def asked_wait(fetcher: Fetcher, origin: Server, retry_after: str) -> float | None:
    error = failure(fetcher, origin.says("/a", answer("429 Too Many Requests", Retry_After=retry_after)))
    assert isinstance(error, TransientError)
    return error.retry_after


def test_an_origin_may_say_in_how_many_seconds_to_come_back(origin: Server, fetcher: Fetcher) -> None:
    assert asked_wait(fetcher, origin, "7") == 7


def test_an_origin_may_say_when_to_come_back(origin: Server, fetcher: Fetcher) -> None:
    date = format_datetime(datetime.fromtimestamp(1_700_000_090, UTC), usegmt=True)
    assert asked_wait(replace(fetcher, clock=lambda: 1_700_000_000), origin, date) == 90


@pytest.mark.parametrize("text", ["soon", "-1", "1e3", "Wed, 99 Foo 2099 00:00:00 GMT"])
def test_a_wait_that_cannot_be_read_is_none(origin: Server, fetcher: Fetcher, text: str) -> None:
    assert asked_wait(fetcher, origin, text) is None


# --- redirects -------------------------------------------------------------------------------------------------------


def redirects(origin: Server, count: int) -> str:
    """The URL of a chain of so many redirects, with an image at its end."""
    origin.says(f"/{count}", answer(body=b"end"))
    for step in range(count):
        origin.says(f"/{step}", answer("302 Found", Location=f"/{step + 1}"))
    return origin.url("/0")


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
def test_a_redirect_is_followed(origin: Server, fetcher: Fetcher, status: str) -> None:
    origin.says("/b", answer(body=b"end"))
    assert fetch(fetcher, origin.says("/a", answer(status, Location=origin.url("/b")))).content == b"end"


def test_as_many_redirects_as_allowed_are_followed(origin: Server, fetcher: Fetcher) -> None:
    assert fetch(fetcher, redirects(origin, MAX_REDIRECTS)).content == b"end"


def test_one_redirect_more_is_refused(origin: Server, fetcher: Fetcher) -> None:
    error = failure(fetcher, redirects(origin, MAX_REDIRECTS + 1))
    assert code_and_kind(error) == (ImageCode.TOO_MANY_REDIRECTS, PermanentError)


def test_a_loop_of_redirects_is_refused(origin: Server, fetcher: Fetcher) -> None:
    error = failure(fetcher, origin.says("/a", answer("302 Found", Location="/a")))
    assert error.code is ImageCode.TOO_MANY_REDIRECTS


def test_a_redirect_may_name_its_target_in_utf8(origin: Server, fetcher: Fetcher) -> None:
    origin.says("/Gr%C3%BC%C3%9Fe", answer(body=b"end"))
    raw = "HTTP/1.1 302 Found\r\nLocation: /Grüße\r\nContent-Length: 0\r\n\r\n".encode()
    assert fetch(fetcher, origin.says("/a", raw)).content == b"end"


def test_a_redirect_may_name_its_target_in_bytes_that_are_no_utf8(origin: Server, fetcher: Fetcher) -> None:
    origin.says("/caf%E9", answer(body=b"end"))
    raw = b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9\r\nContent-Length: 0\r\n\r\n"
    assert fetch(fetcher, origin.says("/a", raw)).content == b"end"


def test_a_redirect_to_nowhere_is_the_origins_error(origin: Server, fetcher: Fetcher) -> None:
    assert failure(fetcher, origin.says("/a", answer("302 Found"))).code is ImageCode.ORIGIN_ERROR


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("http://169.254.169.254/latest/meta-data/", ImageCode.ADDRESS_NOT_PUBLIC),
        ("http://[fd00:ec2::254]/latest/meta-data/", ImageCode.ADDRESS_NOT_PUBLIC),
        ("http://10.0.0.1/", ImageCode.ADDRESS_NOT_PUBLIC),
        ("file:///etc/passwd", ImageCode.INVALID_URL),
        ("gopher://127.0.0.1/", ImageCode.INVALID_URL),
        ("http://user:secret@127.0.0.1/", ImageCode.INVALID_URL),
        ("http://[::1", ImageCode.INVALID_URL),
    ],
)
def test_a_redirect_is_checked_like_any_url(origin: Server, fetcher: Fetcher, target: str, code: ImageCode) -> None:
    error = failure(fetcher, origin.says("/a", answer("302 Found", Location=target)))
    assert code_and_kind(error) == (code, PermanentError)


# --- conditional ones ------------------------------------------------------------------------------------------------

MODIFIED = "Mon, 01 Jan 2024 00:00:00 GMT"


def prior(etag: str | None = '"7"', last_modified: str | None = MODIFIED) -> Prior:
    return Prior("images/1", "jpeg", 3, 2, 10, 4, etag, last_modified)


def fetch_newer(fetcher: Fetcher, url: str, known: Prior | None = None) -> Fetched | None:
    return fetcher.fetch_newer(url, lambda _size: None, known or prior())


NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "7"\r\n\r\n'


def test_an_image_that_has_not_changed_is_not_sent(origin: Server, fetcher: Fetcher) -> None:
    assert fetch_newer(fetcher, origin.says("/a", NOT_MODIFIED)) is None


def test_an_image_that_has_changed_comes_with_its_new_validators(origin: Server, fetcher: Fetcher) -> None:
    url = origin.says("/a", answer(body=b"new", ETag='"8"'))
    assert fetch_newer(fetcher, url) == Fetched(b"new", '"8"')


@pytest.mark.parametrize(
    ("known", "sent"),
    [
        (prior(), ('"7"', MODIFIED)),
        (prior(etag=None), (None, MODIFIED)),
        (prior(etag='W/"7"', last_modified=None), ('W/"7"', None)),
    ],
    ids=["both", "date", "weak tag"],
)
def test_an_origin_is_told_what_is_known_of_its_image(
    origin: Server, fetcher: Fetcher, known: Prior, sent: tuple[str | None, str | None]
) -> None:
    fetch_newer(fetcher, origin.says("/a", NOT_MODIFIED), known)
    headers = origin.requests[0].headers
    assert (headers.get("if-none-match"), headers.get("if-modified-since")) == sent


def test_an_image_of_which_nothing_is_known_is_asked_for_without_conditions(origin: Server, fetcher: Fetcher) -> None:
    fetch(fetcher, origin.says("/a", answer()))
    assert {"if-none-match", "if-modified-since"}.isdisjoint(origin.requests[0].headers)


def test_what_a_url_redirects_to_is_asked_without_conditions(origin: Server, fetcher: Fetcher) -> None:
    """Its own entity tag could match by chance, and its date be older than that of the image that was there before."""
    origin.says("/b", answer(body=b"another image"))
    assert fetch_newer(fetcher, origin.says("/a", answer("302 Found", Location="/b"))) == Fetched(b"another image")
    assert ["if-none-match" in received.headers for received in origin.requests] == [True, False]


def test_what_was_not_asked_for_conditionally_cannot_be_unmodified(origin: Server, fetcher: Fetcher) -> None:
    origin.says("/b", NOT_MODIFIED)
    url = origin.says("/a", answer("302 Found", Location="/b"))
    with pytest.raises(PermanentError) as caught:
        fetch_newer(fetcher, url)
    assert caught.value.code is ImageCode.ORIGIN_ERROR


def test_the_validators_of_what_a_url_redirects_to_are_not_kept_for_the_url(origin: Server, fetcher: Fetcher) -> None:
    origin.says("/b", answer(body=b"end", ETag='"7"', Last_Modified=MODIFIED))
    assert fetch(fetcher, origin.says("/a", answer("302 Found", Location="/b"))) == Fetched(b"end")


@pytest.mark.parametrize("etag", ["", '"' + "x" * MAX_VALIDATOR + '"', '"a\tb"', '"a\x85b"'])
def test_an_entity_tag_that_cannot_be_kept_is_none(origin: Server, fetcher: Fetcher, etag: str) -> None:
    raw = f"HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
    assert fetch(fetcher, origin.says("/a", raw)).etag is None


def test_an_entity_tag_beyond_ascii_goes_back_as_it_came(origin: Server, fetcher: Fetcher) -> None:
    raw = 'HTTP/1.1 200 OK\r\nETag: "grün"\r\nContent-Length: 0\r\n\r\n'.encode("latin-1")
    etag = fetch(fetcher, origin.says("/a", raw)).etag
    fetch_newer(fetcher, origin.url("/a"), prior(etag))
    assert origin.requests[1].headers["if-none-match"] == etag == '"grün"'


@pytest.mark.parametrize("declared", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_an_answer_that_declares_a_body_which_it_cannot_have_is_not_waited_for(
    origin: Server, fetcher: Fetcher, declared: str
) -> None:
    raw = f"HTTP/1.1 304 Not Modified\r\n{declared}\r\n\r\n".encode()
    assert fetch_newer(replace(fetcher, max_seconds=AMPLE), origin.says("/a", raw)) is None


def test_a_connection_is_kept_over_images_that_have_not_changed(origin: Server, fetcher: Fetcher) -> None:
    url = origin.says("/a", NOT_MODIFIED)
    assert [fetch_newer(fetcher, url) for _ in range(3)] == [None] * 3
    assert origin.connections == 1


# --- limits ----------------------------------------------------------------------------------------------------------


def test_an_image_that_declares_too_many_bytes_is_too_large(origin: Server, fetcher: Fetcher) -> None:
    raw = f"HTTP/1.1 200 OK\r\nContent-Length: {MAX_BYTES + 1}\r\n\r\n".encode()
    error = failure(fetcher, origin.says("/a", raw))
    assert code_and_kind(error) == (ImageCode.TOO_LARGE, PermanentError)


@pytest.mark.parametrize("digits", ["9" * 5_000, "0" * 30 + "9" * 10])
def test_a_length_of_many_digits_is_too_large(origin: Server, fetcher: Fetcher, digits: str) -> None:
    raw = f"HTTP/1.1 200 OK\r\nContent-Length: {digits}\r\n\r\n".encode()
    assert failure(fetcher, origin.says("/a", raw)).code in {ImageCode.TOO_LARGE, ImageCode.CONNECTION_FAILED}


def test_a_length_with_leading_zeros_is_that_length(origin: Server, fetcher: Fetcher) -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: " + b"0" * 30 + b"5\r\n\r\n12345"
    assert fetch(fetcher, origin.says("/a", raw)).content == b"12345"


def test_waiting_for_memory_is_not_held_against_the_origin(origin: Server, fetcher: Fetcher) -> None:
    def wait(_size: int) -> None:
        origin.stopped.wait(AMPLE * 1.1)

    slow = replace(fetcher, max_seconds=AMPLE)
    assert slow.fetch(origin.says("/a", answer(body=b"bytes")), wait).content == b"bytes"


def test_an_image_of_the_largest_size_is_taken(origin: Server, fetcher: Fetcher) -> None:
    assert len(fetch(fetcher, origin.says("/a", answer(body=bytes(MAX_BYTES)))).content) == MAX_BYTES


def test_an_endless_image_is_too_large(origin: Server, fetcher: Fetcher) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        exchange.endless(bytes(10_000))

    error = failure(fetcher, origin.does("/a", endless))
    assert code_and_kind(error) == (ImageCode.TOO_LARGE, PermanentError)


def dripping_body(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n")
    exchange.drip(b"x")


def dripping_headers(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    exchange.drip(b"X: y\r\n")


def dripping_status(exchange: Exchange) -> None:
    exchange.drip(b"H")


def always_to_be_continued(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 100 Continue\r\n\r\n")


DRIPS = [dripping_body, dripping_headers, dripping_status, always_to_be_continued, Exchange.silence]


@pytest.mark.parametrize("drip", DRIPS, ids=lambda drip: drip.__name__)
def test_an_origin_that_takes_its_time_is_cut_at_the_deadline(
    origin: Server, fetcher: Fetcher, drip: Callable[[Exchange], None]
) -> None:
    error = failure(replace(fetcher, max_seconds=SHORT), origin.does("/a", drip))
    assert code_and_kind(error) == (ImageCode.TIMEOUT, TransientError)


def test_redirects_have_one_deadline_together(origin: Server, fetcher: Fetcher) -> None:
    """Each answer takes two thirds of the deadline; the second is not waited for to its end."""

    def slow(exchange: Exchange) -> None:
        exchange.server.stopped.wait(SHORT * 2 / 3)
        exchange.send(answer("302 Found", Location="/a"))

    error = failure(replace(fetcher, max_seconds=SHORT), origin.does("/a", slow))
    assert error.code is ImageCode.TIMEOUT


def test_a_deadline_that_passed_is_not_held_against_the_next_fetch(origin: Server, fetcher: Fetcher) -> None:
    failure(replace(fetcher, max_seconds=SHORT), origin.does("/a", Exchange.silence))
    assert fetch(fetcher, origin.says("/b", answer(body=b"bytes"))).content == b"bytes"


# --- connections that fail -------------------------------------------------------------------------------------------


def cut_body(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")
    exchange.close()


def cut_chunks(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n")
    exchange.close()


def negative_chunk(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n12345\r\n")


def reset_body(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")
    exchange.reset()


def no_http(exchange: Exchange) -> None:
    exchange.send(b"220 mail.example ESMTP\r\n")
    exchange.close()


@pytest.mark.parametrize(
    "breaking",
    [Exchange.close, Exchange.reset, cut_body, cut_chunks, negative_chunk, reset_body, no_http],
    ids=lambda breaking: breaking.__name__,
)
def test_a_connection_that_breaks_is_transient(
    origin: Server, fetcher: Fetcher, breaking: Callable[[Exchange], None]
) -> None:
    error = failure(fetcher, origin.does("/a", breaking))
    assert code_and_kind(error) == (ImageCode.CONNECTION_FAILED, TransientError)


def test_a_port_that_nobody_listens_on_is_transient(fetcher: Fetcher) -> None:
    with serving() as server:
        pass
    assert code_and_kind(failure(fetcher, server.url())) == (ImageCode.CONNECTION_FAILED, TransientError)


def test_a_connection_is_used_again(origin: Server, fetcher: Fetcher) -> None:
    url = origin.says("/a", answer(body=b"bytes"))
    for _ in range(3):
        fetch(fetcher, url)
    assert (len(origin.requests), origin.connections) == (3, 1)


def test_a_connection_that_the_origin_closed_meanwhile_is_not_used_again(origin: Server, fetcher: Fetcher) -> None:
    closed = threading.Event()

    def once(exchange: Exchange) -> None:
        exchange.send(answer(body=b"bytes"))
        exchange.close()
        closed.set()

    url = origin.does("/a", once)
    fetch(fetcher, url)
    assert closed.wait(PATIENCE)
    assert fetch(fetcher, url).content == b"bytes"


def once_a_connection(breaking: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """Answers the first request of a connection, and breaks it at the second."""
    answered = set[int]()

    def asked(exchange: Exchange) -> None:
        port = exchange.connection.getpeername()[1]
        if port in answered:
            breaking(exchange)
        answered.add(port)
        exchange.send(answer(body=b"bytes"))

    return asked


@pytest.mark.parametrize("breaking", [Exchange.close, Exchange.reset], ids=["close", "reset"])
def test_a_kept_connection_that_ends_at_the_next_request_is_made_anew(
    origin: Server, fetcher: Fetcher, breaking: Callable[[Exchange], None]
) -> None:
    url = origin.does("/a", once_a_connection(breaking))
    assert [fetch(fetcher, url).content for _ in range(3)] == [b"bytes"] * 3
    assert (len(origin.requests), origin.connections) == (5, 3)


def test_an_origin_that_ends_every_connection_is_asked_twice_and_no_more(origin: Server, fetcher: Fetcher) -> None:
    kept = origin.says("/a", answer(body=b"bytes"))
    fetch(fetcher, kept)
    error = failure(fetcher, origin.does("/b", Exchange.close))
    assert code_and_kind(error) == (ImageCode.CONNECTION_FAILED, TransientError)
    assert [request.line.split()[1] for request in origin.requests] == ["/a", "/b", "/b"]


def test_no_proxy_is_taken_from_the_environment(
    origin: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url())
        monkeypatch.setenv("http_proxy", proxy.url())
        fetch(fetcher, origin.says("/a", answer()))
        assert proxy.connections == 0


# --- TLS -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    made = Certificate.make(tmp_path_factory.mktemp("trusted"))
    tls_context().load_verify_locations(cadata=made.pem)
    return made


def test_an_image_is_fetched_over_tls(trusted: Certificate, fetcher: Fetcher) -> None:
    with serving(trusted.context) as origin:
        assert fetch(fetcher, origin.says("/a", answer(body=b"bytes"))).content == b"bytes"


def test_an_origin_that_nobody_vouches_for_is_refused(tmp_path: Path, fetcher: Fetcher) -> None:
    with serving(Certificate.make(tmp_path).context) as origin:
        error = failure(fetcher, origin.says("/a", answer(body=b"bytes")))
        assert code_and_kind(error) == (ImageCode.TLS_FAILED, PermanentError)


def test_nothing_is_told_to_an_origin_that_nobody_vouches_for(tmp_path: Path, fetcher: Fetcher) -> None:
    with serving(Certificate.make(tmp_path).context) as origin:
        failure(fetcher, origin.says("/a", answer()))
        assert origin.requests == []


@pytest.mark.parametrize("drip", DRIPS, ids=lambda drip: drip.__name__)
def test_an_origin_that_takes_its_time_over_tls_is_cut_at_the_deadline(
    trusted: Certificate, fetcher: Fetcher, drip: Callable[[Exchange], None]
) -> None:
    with serving(trusted.context) as origin:
        error = failure(replace(fetcher, max_seconds=SHORT), origin.does("/a", drip))
        assert code_and_kind(error) == (ImageCode.TIMEOUT, TransientError)


def test_a_handshake_that_does_not_come_is_cut_at_the_deadline(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
        error = failure(replace(fetcher, max_seconds=SHORT), url)
        assert code_and_kind(error) == (ImageCode.TIMEOUT, TransientError)


# --- addresses -------------------------------------------------------------------------------------------------------


def resolving(*answers: list[str] | Exception, policy: AddressPolicy = LOOPBACK) -> tuple[Fetcher, list[str]]:
    """A fetcher whose look-ups are answered so, one after another, and the names that were looked up."""
    asked: list[str] = []
    remaining = iter(answers)

    def resolve(host: str, port: int, type: int) -> list[Any]:
        asked.append(host)
        found = next(remaining)
        if isinstance(found, Exception):
            raise found
        return [(socket.AF_INET, type, 6, "", (address, port)) for address in found]

    guard = Guard(policy, resolve)
    return Fetcher(guard, MAX_BYTES, guard.pools(), max_seconds=5), asked


def test_the_connection_goes_to_the_address_that_was_checked(origin: Server) -> None:
    fetcher, asked = resolving(["127.0.0.1"])
    origin.says("/a", answer(body=b"bytes"))
    fetch(fetcher, f"http://shop.example:{origin.port}/a")
    assert (asked, origin.requests[0].headers["host"]) == (["shop.example"], f"shop.example:{origin.port}")


def test_a_name_that_changes_its_address_is_checked_again(origin: Server) -> None:
    """The second look-up is for the redirect's new connection."""
    fetcher, _ = resolving(["127.0.0.1"], ["169.254.169.254"])
    origin.says("/a", answer("302 Found", Location=f"http://shop.example:{origin.port}/b"))
    error = failure(fetcher, f"http://shop.example:{origin.port}/a")
    assert code_and_kind(error) == (ImageCode.ADDRESS_NOT_PUBLIC, PermanentError)


def test_a_name_with_one_forbidden_address_is_not_connected_to_at_all(origin: Server) -> None:
    fetcher, _ = resolving(["127.0.0.1", "10.0.0.1"])
    error = failure(fetcher, f"http://shop.example:{origin.port}/a")
    assert (error.code, origin.connections) == (ImageCode.ADDRESS_NOT_PUBLIC, 0)


def test_the_next_address_is_tried_when_one_does_not_answer(origin: Server) -> None:
    fetcher, _ = resolving(["127.0.0.2", "127.0.0.1"])
    origin.says("/a", answer(body=b"bytes"))
    assert fetch(fetcher, f"http://shop.example:{origin.port}/a").content == b"bytes"


def test_a_name_that_cannot_be_resolved_is_transient() -> None:
    fetcher, _ = resolving(socket.gaierror(-2, "Name or service not known"))
    assert code_and_kind(failure(fetcher, "http://shop.example/a")) == (ImageCode.DNS_FAILED, TransientError)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"],  # noqa: S104
)
def test_loopback_is_refused_by_every_name_where_no_setting_allows_it(host: str) -> None:
    fetcher = Fetcher.connect(AddressPolicy(), MAX_BYTES)
    error = failure(fetcher, f"http://{host}/a.jpg")
    assert code_and_kind(error) == (ImageCode.ADDRESS_NOT_PUBLIC, PermanentError)


def test_other_ports_than_the_standard_ones_are_refused_where_no_setting_allows_them(origin: Server) -> None:
    error = failure(Fetcher.connect(AddressPolicy(), MAX_BYTES), origin.url("/a"))
    assert (error.code, origin.connections) == (ImageCode.INVALID_URL, 0)


def test_a_public_host_has_only_the_standard_ports_even_where_networks_are_allowed() -> None:
    fetcher, _ = resolving(["93.184.216.34"])
    assert failure(fetcher, "http://shop.example:8080/a").code is ImageCode.INVALID_URL


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/a",
        "file:///etc/passwd",
        "http:///a",
        "//127.0.0.1/a",
        "a.jpg",
        "",
        "http://user@127.0.0.1/a",
        "http://user:secret@127.0.0.1/a",
        "http://127.0.0.1:99999/a",
        "http://[::1/a",
        "http://exa mple/a",
    ],
)
def test_what_is_no_http_url_is_refused(fetcher: Fetcher, url: str) -> None:
    assert code_and_kind(failure(fetcher, url)) == (ImageCode.INVALID_URL, PermanentError)


def test_a_label_that_no_name_can_have_is_refused(fetcher: Fetcher) -> None:
    error = failure(fetcher, f"http://{'a' * 64}.example/a")
    assert code_and_kind(error) == (ImageCode.INVALID_URL, PermanentError)
