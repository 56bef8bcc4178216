"""The address of an emulated run: passes HTTP on to the API, whose own URLs nobody would want to type."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.ways import Answer, Call, Way, said

MAX_BODY = 10_000_000  # bytes; what API Gateway takes
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class PortTakenError(Exception):
    """Somebody else listens on the port."""


class FrontDoor(ThreadingHTTPServer):
    """Listens at once, answers 503 until it is told where the API is."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    way: Way | None = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that no longer wants a picture hangs up: the terminal need not hear of it."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """What users type."""
        return f"http://localhost:{self.server_port}"


@contextmanager
def open_front_door(port: int) -> Iterator[FrontDoor]:
    """A front door on loopback, closed at the end. Raises PortTakenError."""
    try:
        door = FrontDoor(("127.0.0.1", port), _Visitor)
    except OSError as error:
        raise PortTakenError(
            f"port {port} is taken ({error.strerror}). Stop what serves there: "
            "an earlier `make run` stops with Ctrl-C. Or choose another port with PORT="
        ) from error
    thread = threading.Thread(target=door.serve_forever, daemon=True)
    thread.start()
    try:
        yield door
    finally:
        door.shutdown()
        door.server_close()
        thread.join()


class _Visitor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FrontDoor

    def do_GET(self) -> None:
        """Every method is passed on."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or "Transfer-Encoding" in self.headers:
            self._answer(said(HTTPStatus.LENGTH_REQUIRED, "Content-Length is required"))
        elif int(length) > MAX_BODY:
            self._answer(said(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Entity Too Large"))
        elif self.server.way is None:
            self._answer(said(HTTPStatus.SERVICE_UNAVAILABLE, "starting"))
        else:
            headers = [(name, value) for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP]
            self._answer(self.server.way.answer(Call(self.command, self.path, headers, self.rfile.read(int(length)))))

    do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_GET  # noqa: N815 - http.server looks for these names

    def log_message(self, format: str, *args: object) -> None:
        """The terminal is for the demo."""

    def _answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.status >= HTTPStatus.BAD_REQUEST:
            self.close_connection = True  # of a refused body nothing was read
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
