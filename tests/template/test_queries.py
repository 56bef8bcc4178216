"""infra/queries: they name fields that there are, and look for sentences that functions log."""

import ast
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.adapters.telemetry import logger
from functions.core.errors import ImageCode, StorageError, TransientError
from tests.template.test_template import ROOT, of_type

QUERIES = sorted((ROOT / "infra" / "queries").glob("*.logs"))
COMMANDS = {"fields", "filter", "parse", "stats", "sort", "limit"}
WORDS = {"as", "by", "like", "asc", "desc", "and", "or"}
CALLS = {"coalesce", "concat", "count", "count_distinct", "latest", "strcontains"}
OF_CLOUDWATCH = {"@timestamp", "@message", "@log"}
OF_REPORT = {"@type", "@requestId", "@duration", "@maxMemoryUsed", "@memorySize"}  # of Lambda's REPORT lines
PATTERN = re.compile(r"(?<= )/([^ ].*)/$", re.MULTILINE)  # a regular expression ends its line
QUOTED = re.compile(r'"[^"]*"')


def query(name: str) -> str:
    """Without its comments."""
    lines = (ROOT / "infra" / "queries" / f"{name}.logs").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


def patterns(text: str) -> list[str]:
    """The regular expressions of a query, as Python writes them."""
    return [pattern.replace("(?<", "(?P<") for pattern in PATTERN.findall(text)]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], dict[str, Any]]:
    """What compress's logger writes of a failed attempt; the keys of other lines are added."""
    written = io.StringIO()
    monkeypatch.setattr(logger.handlers[0], "stream", written)
    context = SimpleNamespace(
        function_name="imagepress-compress", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="id"
    )

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: dict[str, Any], _context: Any) -> None:
        more: dict[str, Any] = {"queue": "arn", "images": 1, "seconds": 2.0, "state": "delivered"}
        logger.warning("image 3 of b6e48bdf is tried again", exc_info=event["error"], **more)

    def line_of(error: Exception) -> dict[str, Any]:
        handler({"error": raised(error)}, context)
        line: dict[str, Any] = json.loads(written.getvalue())
        return line

    return line_of


def raised(error: Exception) -> Exception:
    """With a trace, as it is logged."""
    try:
        raise error
    except type(error) as caught:
        return caught


def sentences() -> Iterator[str]:
    """The texts in the functions' code, with a number for each value that is put in."""
    for file in (ROOT / "functions").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)


def names_of(text: str) -> set[str]:
    """The fields that a query reads."""
    bare = QUOTED.sub("", PATTERN.sub("", text))
    named = set(re.findall(r"\bas (\w+)", bare)) | set(re.findall(r"\(\?<(\w+)>", text))
    return set(re.findall(r"@?[A-Za-z_]\w*", bare)) - COMMANDS - WORDS - CALLS - named


def access_log() -> set[str]:
    (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
    return set(json.loads(stage["AccessLogSettings"]["Format"]))


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_a_query_reads_fields_that_lines_have(file: Path, logged: Callable[[Exception], dict[str, Any]]) -> None:
    known = OF_CLOUDWATCH | OF_REPORT | access_log() | set(logged(TransientError(ImageCode.TIMEOUT)))
    assert names_of(query(file.stem)) <= known


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_a_query_is_a_pipe_of_commands_and_says_over_which_log_groups_it_goes(file: Path) -> None:
    text = file.read_text()
    assert text.startswith("# ")
    assert re.search(r"Over .*log groups?", text)
    steps = [step.split()[0] for step in query(file.stem).split("\n| ")]
    assert set(steps) <= COMMANDS


def test_attempts_are_found_by_sentences_that_compress_and_recover_log() -> None:
    (wanted, _) = patterns(query("image_attempts"))
    found = {text for text in sentences() if re.search(wanted, text)}
    assert found == {"image 7 of 7 is tried again", "image 7 of request 7 gave up"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TransientError(ImageCode.RATE_LIMITED, "host: asks for 30 s"), "rate_limited"),
        (TransientError(ImageCode.TIMEOUT), "timeout"),
        (StorageError("PutObject images/x: SlowDown"), None),
    ],
)
def test_the_code_of_a_failed_attempt_is_read_from_its_exception(
    error: Exception, code: str | None, logged: Callable[[Exception], dict[str, Any]]
) -> None:
    (_, wanted) = patterns(query("image_attempts"))
    found = re.search(wanted, logged(error)["exception"])
    assert (found["code"] if found else None) == code


def test_a_request_is_followed_by_the_id_that_is_in_the_line_whatever_its_field() -> None:
    assert "filter @message like /REQUEST_ID/" in query("request")
