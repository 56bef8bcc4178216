"""Servers on loopback that answer with exactly the bytes that a test says, at the pace that it says."""

import datetime
import ipaddress
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from functions.core.network.addresses import AddressPolicy

LOOPBACK = AddressPolicy.parse(["127.0.0.0/8"])
MAX_BYTES = 100_000  # what a fetcher takes in the tests
SHORT = 0.3  # seconds, for exchanges that end by the deadline
AMPLE = 2.0  # seconds, for exchanges that end before the deadline, on a busy machine too
PACE = 0.02  # seconds between the bytes of a server that drips
PATIENCE = 10  # seconds after which a server that nobody stops ends all the same


@dataclass(frozen=True)
class Received:
    """One request as the server got it."""

    line: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[["Exchange"], None]


@dataclass
class Server:
    """Answers each path as told; `connections` counts those that were accepted."""

    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    scheme: str = "http"

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def says(self, path: str, raw: bytes) -> str:
        """Answer with these bytes; the URL to ask for them."""
        self.answers[path] = lambda exchange: exchange.send(raw)
        return self.url(path)

    def does(self, path: str, answer: Answer) -> str:
        """Answer so; the URL to ask for it."""
        self.answers[path] = answer
        return self.url(path)


@dataclass
class Exchange:
    """One connection, from the server's side."""

    server: Server
    connection: socket.socket

    def send(self, raw: bytes) -> None:
        self.connection.sendall(raw)

    def drip(self, raw: bytes) -> None:
        """These bytes again and again, one at a time, until the client has had enough."""
        while not self.server.stopped.wait(PACE):
            for byte in raw:
                self.send(bytes([byte]))

    def endless(self, raw: bytes) -> None:
        """These bytes again and again, as fast as they are taken."""
        while not self.server.stopped.is_set():
            self.send(raw)

    def silence(self) -> None:
        """Nothing, until the test is over."""
        self.server.stopped.wait(PATIENCE)

    def close(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())  # at once: close() waits for the file that reads from it


def answer(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    """A whole answer, with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(port=listening.getsockname()[1], scheme="https" if tls else "http")
        accepting = threading.Thread(target=_accept, args=(server, listening, tls), daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            server.stopped.set()
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join(PATIENCE)


def _accept(server: Server, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
    while not server.stopped.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        server.connections += 1
        threading.Thread(target=_converse, args=(server, connection, tls), daemon=True).start()


def _converse(server: Server, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
    try:
        connection.settimeout(PATIENCE)
        if tls:
            connection = tls.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as reading:
            while line := reading.readline().decode("latin-1").strip():
                received = Received(line, *_rest(reading))
                server.requests.append(received)
                path = line.split()[1]
                server.answers.get(path, _missing)(Exchange(server, connection))
    except (OSError, ValueError):
        connection.close()  # the client went away, or the server closed on it


def _rest(reading: BufferedReader) -> tuple[dict[str, str], bytes]:
    headers: dict[str, str] = {}
    while text := reading.readline().decode("latin-1").strip():
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    return headers, reading.read(int(headers.get("content-length", "0")))


def _missing(exchange: Exchange) -> None:
    exchange.send(answer("404 Not Found"))


@dataclass(frozen=True)
class Certificate:
    """A certificate that nobody signed but itself, for 127.0.0.1."""

    pem: str
    context: ssl.SSLContext

    @classmethod
    def make(cls, folder: Path, days: int = 1) -> Self:
        """Valid since two days ago, for so many days from now: for a negative number it has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=2))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .sign(key, hashes.SHA256())
        )
        pem = made.public_bytes(serialization.Encoding.PEM)
        plain = serialization.NoEncryption()
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        file = folder / "server.pem"
        file.write_bytes(private + pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return cls(pem.decode(), context)
