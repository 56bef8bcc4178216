"""A name server that knows what a test says, and a spy on every connection of the process: nothing leaves it."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

_look_up = socket.getaddrinfo  # kept, because a test may put a name server in its place


def answers(addresses: Sequence[str], port: int) -> list[Any]:
    """These addresses as socket.getaddrinfo tells them."""
    numeric = socket.AI_NUMERICHOST
    return [_look_up(each, port, type=socket.SOCK_STREAM, flags=numeric)[0] for each in addresses]


@dataclass
class NameServer:
    """Stands for socket.getaddrinfo: names as told, one answer after another; literals as the machine reads them."""

    names: Mapping[str, Sequence[str]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        host.encode("idna")  # so does the real one, and fails by a UnicodeError
        if host in self.names:
            return answers(self.names[host], port)
        return answers([host], port)


@dataclass
class Connections:
    """Where sockets of the process connected to, as `address:port`, and would have but for the spy."""

    made: list[str] = field(default_factory=list)


def watched(monkeypatch: pytest.MonkeyPatch) -> Connections:
    """Spy on connect(), and let nothing but loopback be reached."""
    seen, connect = Connections(), socket.socket.connect

    def spied(connection: socket.socket, address: Any) -> None:
        seen.made.append(f"{address[0]}:{address[1]}")
        if not address[0].startswith("127."):
            raise ConnectionRefusedError(address[0])
        connect(connection, address)

    monkeypatch.setattr(socket.socket, "connect", spied)
    return seen
