"""The whole stack over files that mean harm: it answers each as it should, and goes on serving others meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from infra.local.stack import LocalStack
from tests.hostile.csv_files import CASES, Case
from tests.system.client import TIMEOUT, ended, products_csv, started, status_of, upload
from tests.system.test_drop import drop

MAX_POSTED = 4_000_000  # bytes; larger ones are told to come another way
CALLERS = 4


@pytest.fixture
def neighbour(stack: LocalStack, photos: list[Path], photo_origin: str) -> Iterator[None]:
    """Somebody's small request, before and after."""
    csv = products_csv([[f"{photo_origin}/{photos[0].name}"]])
    assert ended(stack.url, started(stack.url, csv))["status"] == "completed"
    yield
    assert ended(stack.url, started(stack.url, csv))["status"] == "completed"
    assert requests.get(f"{stack.url}/health", timeout=TIMEOUT).ok


def posted(stack: LocalStack, case: Case) -> str:
    """What is wrong with the answer to a dry run over the file, if anything is."""
    answer = upload(stack.url, case.content, dry_run="true", mode="lenient")
    body = answer.json()
    if len(case.content) > MAX_POSTED:
        return "" if answer.status_code == 413 else f"{case.name}: {answer.status_code}"
    if case.refused or (not case.images and case.codes):
        codes = {error["code"] for error in body.get("errors", [])}
        wanted = {case.refused} if case.refused else set(case.codes)
        return "" if (answer.status_code, codes) == (400, wanted) else f"{case.name}: {answer.status_code} {body}"
    counted = (answer.status_code, body.get("total_images"))
    return "" if counted == (200, case.images) else f"{case.name}: {counted} instead of {case.images} images"


@pytest.mark.usefixtures("neighbour")
def test_every_hostile_csv_that_is_posted_is_answered_as_it_should_be(stack: LocalStack) -> None:
    with ThreadPoolExecutor(CALLERS) as callers:
        wrong = [each for each in callers.map(lambda case: posted(stack, case), CASES) if each]
    assert wrong == []


def dropped(stack: LocalStack, number: int, case: Case) -> str:
    """What is wrong with the request that follows from the file in S3, if anything is."""
    request_id = drop(stack, f"incoming/acme/hostile/{number}.csv", case.content, dry_run="true", mode="lenient")
    ended(stack.url, request_id)
    status = status_of(stack.url, request_id)
    is_refused = bool(case.refused) or (not case.images and bool(case.codes))
    if is_refused:
        return "" if status["error"] else f"{case.name}: {status}"
    return "" if status["total_images"] == case.images else f"{case.name}: {status}"


@pytest.mark.usefixtures("neighbour")
def test_every_hostile_csv_that_is_dropped_ends_as_it_should(stack: LocalStack) -> None:
    with ThreadPoolExecutor(CALLERS) as callers:
        wrong = [each for each in callers.map(lambda pair: dropped(stack, *pair), enumerate(CASES)) if each]
    assert wrong == []
