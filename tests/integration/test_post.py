"""The way out for webhooks, against receivers on loopback."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.http.post import Poster
from functions.core.network.addresses import AddressPolicy
from functions.core.webhooks.posted import Posted
from tests.loopback import SHORT, Certificate, Exchange, Server, answer, serving

BODY = '{"name":"Schuhe für Übergrößen"}'.encode()


def post(poster: Poster, url: str, **headers: str) -> Posted:
    return poster.post(url, BODY, headers)


def test_the_receiver_gets_exactly_the_bytes_that_were_signed(receiver: Server, poster: Poster) -> None:
    post(poster, receiver.says("/hook", answer()))
    assert receiver.requests[0].body == BODY


def test_the_receiver_gets_a_post_with_its_headers(receiver: Server, poster: Poster) -> None:
    poster.post(receiver.says("/hook", answer()), BODY, {"webhook-id": "msg_1"})
    assert receiver.requests[0].line.startswith("POST /hook ")
    assert receiver.requests[0].headers["webhook-id"] == "msg_1"


@pytest.mark.parametrize("status", [200, 204, 400, 410, 500])
def test_the_receivers_status_comes_back(receiver: Server, poster: Poster, status: int) -> None:
    posted = post(poster, receiver.says("/hook", answer(f"{status} Whatever")))
    assert (posted.status, posted.error) == (status, None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Server, poster: Poster, status: int) -> None:
    receiver.says("/elsewhere", answer())
    posted = post(poster, receiver.says("/hook", answer(f"{status} Moved", Location="/elsewhere")))
    assert (posted.status, len(receiver.requests)) == (status, 1)


def test_a_receiver_may_say_in_how_many_seconds_to_come_back(receiver: Server, poster: Poster) -> None:
    assert post(poster, receiver.says("/hook", answer("503 Busy", Retry_After="7"))).retry_after == 7


def test_no_proxy_is_taken_from_the_environment(
    receiver: Server, poster: Poster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url())
        monkeypatch.setenv("http_proxy", proxy.url())
        post(poster, receiver.says("/hook", answer()))
        assert proxy.connections == 0


def test_no_password_is_taken_from_the_machine(
    receiver: Server, poster: Poster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    post(poster, receiver.says("/hook", answer()))
    assert "authorization" not in receiver.requests[0].headers


def dripping_headers(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    exchange.drip(b"X: y\r\n")


@pytest.mark.parametrize("drip", [Exchange.silence, dripping_headers], ids=lambda drip: drip.__name__)
def test_a_receiver_that_takes_its_time_is_cut_at_the_deadline(receiver: Server, poster: Poster, drip: Any) -> None:
    posted = post(replace(poster, max_seconds=SHORT), receiver.does("/hook", drip))
    assert posted.status is None
    assert posted.latency_ms < 5_000
    assert posted.error == "timeout: it took too long to answer"


def test_a_receiver_whose_body_never_ends_has_answered(receiver: Server, poster: Poster) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        exchange.endless(bytes(10_000))

    assert post(poster, receiver.does("/hook", endless)).status == 200


def test_a_redirect_whose_body_never_ends_is_an_answer_at_once(receiver: Server, poster: Poster) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nConnection: close\r\n\r\n")
        exchange.endless(bytes(10_000))

    assert post(poster, receiver.does("/hook", endless)).status == 302


def test_a_cookie_of_one_owners_receiver_is_not_sent_for_another(receiver: Server, poster: Poster) -> None:
    url = receiver.says("/hook", answer(Set_Cookie="who=acme"))
    for _ in range(2):
        post(poster, url)
    assert "cookie" not in receiver.requests[1].headers


@pytest.mark.parametrize("breaking", [Exchange.close, Exchange.reset], ids=lambda breaking: breaking.__name__)
def test_a_connection_that_breaks_is_an_answer_without_a_status(
    receiver: Server, poster: Poster, breaking: Any
) -> None:
    posted = post(poster, receiver.does("/hook", breaking))
    assert (posted.status, posted.error) == (None, "connection_failed: it could not be reached")


def test_a_port_that_nobody_listens_on_is_an_answer_without_a_status(poster: Poster) -> None:
    with serving() as server:
        pass
    assert post(poster, server.url("/hook")).error == "connection_failed: it could not be reached"


def test_a_receiver_that_nobody_vouches_for_is_told_nothing(poster: Poster, tmp_path: Path) -> None:
    with serving(Certificate.make(tmp_path).context) as receiver:
        posted = post(poster, receiver.says("/hook", answer()))
        assert (posted.error, receiver.requests) == ("tls_failed: its certificate is not one to trust", [])


@pytest.mark.parametrize("url", ["http://169.254.169.254/hook", "http://10.0.0.1/hook", "http://[::1]/hook"])
def test_a_private_receiver_is_refused(poster: Poster, url: str) -> None:
    assert (post(poster, url).error or "").startswith("address_not_public: ")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http:///", "", "http://me:secret@127.0.0.1/", "http://[::1/"])
def test_what_is_no_http_url_is_refused(poster: Poster, url: str) -> None:
    assert (post(poster, url).error or "").startswith("invalid_url: ")


@pytest.mark.parametrize("url", ["http://169.254.169.254/hook", "ftp://127.0.0.1/"])
def test_a_url_that_is_refused_once_is_refused_for_ever(poster: Poster, url: str) -> None:
    assert post(poster, url).is_permanent


def test_a_connection_that_breaks_is_worth_another_attempt(receiver: Server, poster: Poster) -> None:
    assert not post(poster, receiver.does("/hook", Exchange.close)).is_permanent


def test_loopback_is_refused_where_no_setting_allows_it(receiver: Server) -> None:
    posted = post(Poster.connect(AddressPolicy()), "http://localhost/hook")
    assert (posted.status, receiver.connections) == (None, 0)
