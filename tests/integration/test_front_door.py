"""The front door of an emulated run: what its terminal need not hear of, and what it must."""

import socket
import threading
from collections.abc import Callable

import pytest

from infra.local.front_door import FrontDoor, open_front_door
from infra.local.ways import Answer, Call

LARGE = 50_000_000  # bytes; more than a socket takes before somebody reads


class Told:
    """A way that answers as it is told, and says when it was asked."""

    def __init__(self, answers: Callable[[], Answer]) -> None:
        self.answers = answers

    def answer(self, _call: Call) -> Answer:
        return self.answers()


def visited(answers: Callable[[], Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    """One visitor, who hangs up without reading; returns when the door has noticed."""
    noticed = threading.Event()
    handle = FrontDoor.handle_error

    def noted(door: FrontDoor, request: object, client_address: object) -> None:
        handle(door, request, client_address)
        noticed.set()

    monkeypatch.setattr(FrontDoor, "handle_error", noted)
    with open_front_door(0) as door:
        door.way = Told(answers)
        with socket.create_connection(("127.0.0.1", door.server_port)) as visitor:
            visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert noticed.wait(20)


def test_a_browser_that_hangs_up_is_no_news(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    visited(lambda: Answer(200, [], bytes(LARGE)), monkeypatch)
    assert capfd.readouterr().err == ""


def test_a_mistake_of_ours_is(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Answer:
        raise ValueError("a mistake")

    visited(broken, monkeypatch)
    assert "a mistake" in capfd.readouterr().err
