"""Log lines carry no secrets, and nobody but the functions makes any."""

import io
import json

import pytest

from functions.adapters.http.fetch import Fetcher
from functions.adapters.http.guard import Guard
from functions.adapters.telemetry import logger, redacted
from functions.core.errors import TransientError
from tests.loopback import LOOPBACK, serving

TOKEN = "hunter2hunter2"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the functions' own logger writes."""
    written = io.StringIO()
    monkeypatch.setattr(logger.handlers[0], "stream", written)
    return written


@pytest.mark.parametrize(
    "text",
    [
        f"https://bucket.s3.amazonaws.com/key.jpg?X-Amz-Signature={TOKEN}&X-Amz-Date=1",
        f"/key.jpg?sig={TOKEN}",
        f"HTTPConnectionPool(host='a', port=80): Max retries exceeded with url: /1.jpg?token={TOKEN} (Caused by x)",
        f"https://user:{TOKEN}@cdn.example/1.jpg",
        f"whsec_{TOKEN}",
        f"{{'x-api-key': '{TOKEN}'}}",
        f'"X-Api-Key":"{TOKEN}"',
        f"x-api-key: {TOKEN}",
    ],
)
def test_a_secret_in_a_message_is_not_in_the_log(log: io.StringIO, text: str) -> None:
    logger.warning(text, body=text, nested={"of": [text]})
    line = json.loads(log.getvalue())
    assert TOKEN not in log.getvalue()
    assert line["level"] == "WARNING"


def test_what_is_no_secret_stays() -> None:
    text = "image 3 of 1 is tried again? yes: https://cdn.example/a.jpg (404) at 10:00 x@y"
    assert redacted(text) == text


@pytest.mark.parametrize(
    "cell",
    [
        'x\n{"level":"ERROR","message":"forged"}',
        'x\r\n{"level":"ERROR","message":"forged"}',
        'x","level":"ERROR","message":"forged',
        "x\u2028forged",
        "x\u0085forged",
        "\x1b[2J\x1b[1;31mforged",
        "\u202edegrof",
        "a\0b",
    ],
)
def test_a_cell_makes_no_line_of_its_own_and_no_terminal_obeys_it(log: io.StringIO, cell: str) -> None:
    logger.warning(cell, body=cell)
    (line,) = log.getvalue().splitlines()
    assert json.loads(line)["level"] == "WARNING"
    assert json.loads(line)["message"] == cell
    assert all(char.isprintable() and char.isascii() for char in line)


def test_the_query_of_a_url_that_cannot_be_fetched_is_not_in_the_log(log: io.StringIO) -> None:
    with serving() as origin:
        url = origin.says(f"/1.jpg?token={TOKEN}", b"nonsense\r\n\r\n")
        guard = Guard(LOOPBACK)
        fetcher = Fetcher(guard, 1_000, guard.pools())
        with pytest.raises(TransientError) as failed:
            fetcher.fetch(url, lambda _bytes: None)
    logger.warning("tried again", exc_info=failed.value)
    assert "tried again" in log.getvalue()
    assert "Traceback" in log.getvalue()
    assert TOKEN not in log.getvalue()
