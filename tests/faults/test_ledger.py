"""What a request may cost: one PutObject and one PutItem an image, half a call for everything else together."""

import json
from functools import cache
from pathlib import Path

import pytest

from tests.faults.simulator.api import Api
from tests.faults.simulator.ledger import Ledger, Run, run_of

KEPT = Path(__file__).parents[2] / "infra" / "cost" / "ledger.json"
SMALL, LARGE = 1_000, 5_000
ELSE = 0.5  # calls an image
SPREAD = 0.03  # of the calls an image, between requests of any size from 1,000 images on


@cache
def run(images: int) -> Run:
    return run_of(images)


def ledger(images: int) -> Ledger:
    return run(images).ledger


@pytest.mark.parametrize("images", [SMALL, LARGE])
@pytest.mark.parametrize("operation", ["PutObject", "PutItem"])
def test_the_worker_writes_one_picture_and_one_result_an_image(images: int, operation: str) -> None:
    assert ledger(images).calls["compress"][operation] == images


@pytest.mark.parametrize("images", [SMALL, LARGE])
def test_everything_else_together_is_half_a_call_an_image(images: int) -> None:
    found = ledger(images)
    assert found.everything() - 2 * images <= ELSE * images, f"\n{found}"


@pytest.mark.parametrize("images", [SMALL, LARGE])
def test_a_result_is_one_unit_of_writing(images: int) -> None:
    assert ledger(images).units["compress"]["writes"] == images


EIGHT = "; ".join(f"size-{n}={n}00x{n}00,pad,webp" for n in range(1, 9))


@pytest.mark.parametrize(("renditions", "count"), [("thumb=320x; listing=800x; zoom=2000x", 3), (EIGHT, 8)])
def test_a_rendition_costs_one_put_and_nothing_else(renditions: str, count: int) -> None:
    alone, together = ledger(SMALL), run_of(SMALL, renditions).ledger
    assert together.calls["compress"].pop("PutObject") == count * SMALL
    assert alone.calls["compress"]["PutObject"] == SMALL
    rest = {name: times for name, times in alone.calls["compress"].items() if name != "PutObject"}
    assert together.calls == alone.calls | {"compress": rest}
    assert together.units["compress"] == alone.units["compress"]


def test_a_larger_request_makes_as_many_calls_an_image() -> None:
    small, large = (ledger(images).everything() / images for images in (SMALL, LARGE))
    assert large == pytest.approx(small, rel=SPREAD)


def test_the_ledger_that_is_priced_is_that_of_the_code() -> None:
    kept = json.loads(KEPT.read_text())
    told = f"python -m tests.faults.simulator.ledger {LARGE} > infra/cost/ledger.json"
    assert kept == ledger(LARGE).to_json(), f"calls have changed; if they are meant to: {told}"


def test_a_ledger_says_what_it_is_of() -> None:
    assert "compress  PutItem                     1,000      1.0000" in str(ledger(SMALL))


def calls_of(images: int, path: str) -> dict[str, int]:
    """What a call of the API makes, of a request of so many images that has ended."""
    found = run(images)
    found.meter.calls.clear()
    answer = Api(found.world).call("GET", path.format(found.request_id))
    assert answer is not None
    assert answer.status in {200, 302}, answer
    return {operation: times for (function, operation), times in found.meter.calls.items() if function == "api"}


@pytest.mark.parametrize("path", ["/status/{}", "/status/{}?limit=10", "/download/{}"])
def test_the_status_and_the_download_of_a_larger_request_make_the_same_calls(path: str) -> None:
    assert calls_of(SMALL, path) == calls_of(LARGE, path)


def test_a_whole_page_of_the_status_is_a_dozen_calls() -> None:
    assert sum(calls_of(LARGE, "/status/{}").values()) <= 12
