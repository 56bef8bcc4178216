"""What becomes of a report: a line of the log for people, and metrics for CloudWatch."""

import ast
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.reporting import METRICS, report
from functions.adapters.telemetry import logger
from functions.core.cost import estimated_dollars
from functions.core.errors import ImageCode
from functions.core.model import Attempt, Delivery, DeliveryState, EventType, RequestStatus, Result
from functions.core.reports import AttemptMade, DueSwept, Happened, ImagesEnded, RequestEnded, Stages
from tests.fakes import a_request

ROOT = Path(__file__).parents[3]
WEBP = Result(0, "https://shop.example/0.jpg", None, "images/0", "webp", 10, 10, 1_000, 400)
JPEG = Result(1, "https://shop.example/1.jpg", None, "images/1", "jpeg", 10, 10, 500, 500)
GONE = Result(2, "https://shop.example/2.jpg", ImageCode.NOT_FOUND)
SOME = ImagesEnded("1", [WEBP, WEBP, JPEG, GONE], [Stages(0.25, 0.5, 0.125)] * 3)
DELIVERY = Delivery("1", EventType.COMPLETED, "hook", "https://shop.example/hook", "acme", DeliveryState.WAITING)


class Written:
    """The lines that a report makes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.log, self.capsys = io.StringIO(), capsys
        monkeypatch.setattr(logger.handlers[0], "stream", self.log)
        monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Imagepress/test")

    def line(self, happened: Happened) -> dict[str, Any]:
        report(happened)
        line: dict[str, Any] = json.loads(self.log.getvalue())
        return line

    def metrics(self, happened: Happened) -> list[dict[str, Any]]:
        report(happened)
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Written:
    return Written(monkeypatch, capsys)


def values(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "_aws"}


def test_a_batch_is_one_line_that_says_how_many_images_ended_in_which_way(written: Written) -> None:
    line = written.line(SOME)
    assert (line["message"], line["request_id"], line["level"]) == ("images ended", "1", "INFO")
    assert line["images"] == {"completed": 3, "not_found": 1}


def test_images_are_counted_by_result_and_format(written: Written) -> None:
    webp, jpeg, gone, _ = map(values, written.metrics(SOME))
    assert webp == {"Result": "completed", "Format": "webp", "Images": [2], "BytesIn": [2000], "BytesSaved": [1200]}
    assert jpeg == {"Result": "completed", "Format": "jpeg", "Images": [1], "BytesIn": [500], "BytesSaved": [0]}
    assert gone == {"Result": "not_found", "Format": "none", "Images": [1]}


def test_every_image_has_its_seconds_so_that_percentiles_are_true(written: Written) -> None:
    *_, seconds = written.metrics(SOME)
    assert values(seconds) == {"FetchSeconds": [0.25] * 3, "CodecSeconds": [0.5] * 3, "StoreSeconds": [0.125] * 3}


def test_a_batch_in_which_nothing_was_fetched_has_no_seconds(written: Written) -> None:
    assert [set(values(line)) for line in written.metrics(ImagesEnded("1", [GONE]))] == [{"Result", "Format", "Images"}]


def test_metrics_are_in_the_namespace_of_the_stack_with_their_units_and_dimensions(written: Written) -> None:
    (line,) = written.metrics(ImagesEnded("1", [GONE]))
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "Imagepress/test",
        "Dimensions": [["Result", "Format"]],
        "Metrics": [{"Name": "Images", "Unit": "Count"}],
    }


def test_the_end_of_a_request_has_its_seconds_and_what_it_cost_about(written: Written) -> None:
    request = a_request(status=RequestStatus.COMPLETED, created_at=100.0, ended_at=130.5, processed_images=1_000)
    (line,) = written.metrics(RequestEnded(request))
    assert values(line) == {
        "Status": "completed",
        "Requests": [1],
        "RequestSeconds": [30.5],
        "EstimatedDollars": [estimated_dollars(1_000)],
    }


def test_an_attempt_at_a_webhook_says_what_the_delivery_is_now(written: Written) -> None:
    (line,) = written.metrics(AttemptMade(replace(DELIVERY, attempts=(Attempt(1.0, 503, None, 12),))))
    assert values(line) == {"State": "waiting", "Attempts": [1], "AttemptMilliseconds": [12]}
    assert json.loads(written.log.getvalue())["status"] == 503


def test_a_look_of_recover_counts_late_requests_also_where_there_are_none(written: Written) -> None:
    assert values(written.metrics(DueSwept(7, 0))[0]) == {"LateRequests": [0]}


def test_every_metric_is_written_by_something() -> None:
    tree = ast.parse((ROOT / "functions" / "adapters" / "reporting.py").read_text())
    names = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in METRICS]
    assert all(names.count(name) > 1 for name in METRICS)


@pytest.mark.parametrize("function", ["api", "ingest", "compress", "tally", "finalize", "notify", "recover"])
def test_every_function_reports(function: str) -> None:
    wiring = (ROOT / "functions" / function / "wiring.py").read_text()
    assert "from functions.adapters.reporting import report" in wiring
    assert "report=report" in wiring or ", report)" in wiring
