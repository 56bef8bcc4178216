"""The embedded run's own address: passes HTTP on to the emulated API Gateway, whose URLs nobody would want to type."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

MAX_BODY = 10_000_000  # bytes; what API Gateway takes
TIMEOUT = 35  # seconds; more than the api function has
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "content-length", "date", "server"}


class PortTakenError(Exception):
    """Somebody else listens on the port."""


class FrontDoor(ThreadingHTTPServer):
    """Listens at once, answers 503 until it is told where the API is."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    api_url: str | None = None

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
        raise PortTakenError(f"port {port} is taken ({error.strerror}); choose another one with PORT=") from error
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
            self._answer(HTTPStatus.LENGTH_REQUIRED, b'{"message": "Content-Length is required"}')
        elif int(length) > MAX_BODY:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b'{"message": "Request Entity Too Large"}')
        elif self.server.api_url is None:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, b'{"message": "starting"}')
        else:
            self._pass_on(self.server.api_url, self.rfile.read(int(length)))

    do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_GET  # noqa: N815 - http.server looks for these names

    def log_message(self, format: str, *args: object) -> None:
        """The terminal is for the demo."""

    def _pass_on(self, api_url: str, body: bytes) -> None:
        api = urlsplit(api_url)
        connection = http.client.HTTPConnection(api.hostname or "", api.port, timeout=TIMEOUT)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        try:
            connection.request(self.command, api.path + self.path, body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self._answer(HTTPStatus.BAD_GATEWAY, b'{"message": "the engine does not answer"}')
            return
        finally:
            connection.close()
        self._answer(response.status, content, response.getheaders())

    def _answer(self, status: int, content: bytes, headers: list[tuple[str, str]] | None = None) -> None:
        self.send_response(status)
        for name, value in headers or [("Content-Type", "application/json")]:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        if status >= HTTPStatus.BAD_REQUEST:
            self.close_connection = True  # of a refused body nothing was read
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
