"""An image that kills its worker each time takes nobody with it: the neighbours are done, it gives up alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from infra.local.origin import listening
from tests.system.client import ended, products_csv, started
from tests.system.targets import stack_of_its_own
from tests.system.workers import ONLY_LINUX, kill_client

SOON = {"Patience": "1", "CompressVisibility": "4"}  # so that what a dead worker held comes back soon
SHARED_THEN_ALONE = 2 + 3  # deliveries among others, and in AloneQueue
PATIENT = 180.0  # seconds: five workers die and start again, on a machine that may have other work


@contextmanager
def deadly_origin(picture: bytes, kill: Callable[[int], None]) -> Iterator[str]:
    """Serves a picture under every path but /killer.jpg, which is the death of who asks for it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/killer.jpg":
                kill(self.client_address[1])
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler) as url:
        yield url


@ONLY_LINUX
def test_an_image_that_kills_its_worker_gives_up_alone(tmp_path: Path, photos: list[Path]) -> None:
    deaths: list[int] = []

    def kill(port: int) -> None:
        deaths.append(port)
        kill_client(port)

    with stack_of_its_own(tmp_path, 0, SOON) as stack, deadly_origin(photos[0].read_bytes(), kill) as origin:
        names = [*(f"{n}.jpg" for n in range(5)), "killer.jpg", *(f"{n}.jpg" for n in range(6, 10))]
        status = ended(stack.url, started(stack.url, products_csv([[f"{origin}/{name}"] for name in names])), PATIENT)
    codes = [image["error"] and image["error"]["code"] for image in status["images"]]
    assert codes == [None, None, None, None, None, "gave_up", None, None, None, None]
    assert (status["status"], status["failed_images"]) == ("completed", 1)
    assert len(deaths) == SHARED_THEN_ALONE
